"""Personal data: a field says that it is, and whoever may not see it is shown a mask, on every surface.

The mask is put on where a value leaves the database, so that pages, lists, the API, exports, the history and jobs in
a member's name cannot forget it. Who works for nobody (deliveries, nightly work) sees everything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db import models

from crm.emails import check_address
from crm.lines import Line
from crm.tenancy.context import current_or_none

CAPABILITY = "customers.personal"
MARK = "•••"
_OWN, _FILTERS = "custom", "filters"
_PLACES = frozenset({"alternative"})
# Names as filters have them: ``custom.badge__prefix=…``, ``custom.badge.is(…)``, ``email.starts(…)``.
_ASKED = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+")
Mask = Callable[[Any], Any]
_masks: dict[str, Mask] = {}
# What differs from company to company: asked in each one's context.
_sources: list[Callable[[], Mapping[str, Mask]]] = []


def register_source(source: Callable[[], Mapping[str, Mask]]) -> None:
    """Let what ``source`` names be masked too: whole names as the history and rules write them, ``custom.fee``."""
    _sources.append(source)


def is_masked() -> bool:
    """Whether the open context works for somebody who may not see personal data."""
    context = current_or_none()
    return context is not None and not context.sees_personal


def is_hidden(name: str) -> bool:
    """Whether the open context may neither see nor ask about fields of this name."""
    return is_masked() and (name in _masks or _own_mask(name) is not None)


def _own_mask(name: str) -> Mask | None:
    return next((mask for source in _sources if (mask := source().get(name))), None)


def mask_text(text: str) -> str:
    return MARK if text else text


def mask_email(text: str) -> str:
    """The first letter alone."""
    return f"{text[0]}{MARK}@{MARK}" if text else text


def mask_phone(text: str) -> str:
    """The last two digits alone."""
    return f"{MARK}{text[-2:]}" if text else text


def mask_day(_day: Any) -> None:
    """A day is not told at all."""


def mask_whole(_value: Any) -> None:
    """A number, a choice, a web address: nothing of it is told."""


class Personal(models.Field):
    """A mixin for fields of people. In the history the same names are masked, too."""

    mask: Callable[[Any], Any] = staticmethod(mask_text)
    plain = ""

    def contribute_to_class(self, cls: Any, name: str, **kwargs: Any) -> None:  # type: ignore[override]
        super().contribute_to_class(cls, name, **kwargs)
        _masks[name] = self.mask

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, f"django.db.models.{self.plain}", args, kwargs

    def get_db_converters(self, connection: Any) -> list[Any]:
        return [self._masked] if is_masked() else super().get_db_converters(connection)

    def _masked(self, value: Any, expression: Any, connection: Any) -> Any:
        return value if value is None else self.mask(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, str) and MARK in value and is_masked():
            raise ValueError(f"{self}: a mask is not a value")
        return super().get_db_prep_save(value, connection)


class PersonalText(Personal, models.CharField):
    plain = "CharField"


class PersonalEmail(Personal, Line, models.CharField):
    plain = "CharField"
    default_validators = [check_address]
    mask = staticmethod(mask_email)


class PersonalPhone(Personal, Line, models.CharField):
    plain = "CharField"
    mask = staticmethod(mask_phone)


class PersonalDay(Personal, models.DateField):
    plain = "DateField"
    mask = staticmethod(mask_day)


class PersonalJSON(models.JSONField):
    """JSON whose keys are names of fields: what stands under a personal one is masked."""

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        found = super().from_db_value(value, expression, connection)
        return mask_json(found) if is_masked() else found


class PersonalValues(models.JSONField):
    """A record's values by the keys of the company's own fields: those of personal ones are masked."""

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        found = super().from_db_value(value, expression, connection)
        return _mask_keys(_OWN, found) if is_masked() and isinstance(found, dict) else found

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, dict) and is_masked() and any(one in (None, MARK) for one in value.values()):
            raise ValueError(f"{self}: a mask is not a value")
        return super().get_db_prep_save(value, connection)


def mask_json(value: Any) -> Any:
    """Mask what stands under the name of a personal field, however deep; ``contact.email`` is an e-mail, too.

    What names a field and its value apart, as the criteria and the reasons of a rule do, keeps nothing but its place:
    with the name of the field one would know by what somebody is in a class. So it is with the filters of a view.
    """
    if isinstance(value, list):
        return [mask_json(one) for one in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("field"), str) and _own_mask(value["field"]) is not None:
        return dict.fromkeys(value) | {name: value[name] for name in _PLACES & value.keys()} | {"field": MARK}
    return {name: _mask_under(name, one) for name, one in value.items()}


def asks_hidden(asked: Any) -> bool:
    """Whether a list's filters or order, as an address has them, ask about what is hidden in the open context."""
    names = _ASKED.findall(json.dumps(asked)) if is_masked() else ()
    return any(is_hidden(name.rpartition(".")[0]) or is_hidden(name.partition("__")[0]) for name in names)


def _mask_under(name: str, value: Any) -> Any:
    if name == _FILTERS and asks_hidden(value):
        return MARK
    mask = _masks.get(name.rpartition(".")[2])
    if mask is not None and isinstance(value, str):
        return mask(value)
    if (own := _own_mask(name)) is not None:
        return value if value is None else own(value)
    return _mask_keys(name, value) if name == _OWN and isinstance(value, dict) else mask_json(value)


def _mask_keys(name: str, value: dict[str, Any]) -> dict[str, Any]:
    return {key: _mask_under(f"{name}.{key}", one) for key, one in value.items()}
