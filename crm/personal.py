"""Personal data: a field says that it is, and whoever may not see it is shown a mask, on every surface.

The mask is put on where a value leaves the database, so that pages, lists, the API, exports, the history and jobs in
a member's name cannot forget it. Who works for nobody (deliveries, nightly work) sees everything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models

from crm.tenancy.context import current_or_none

CAPABILITY = "customers.personal"
MARK = "•••"
_masks: dict[str, Callable[[str], Any]] = {}


def is_masked() -> bool:
    """Whether the open context works for somebody who may not see personal data."""
    context = current_or_none()
    return context is not None and not context.sees_personal


def is_hidden(name: str) -> bool:
    """Whether the open context may neither see nor ask about fields of this name."""
    return name in _masks and is_masked()


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


class PersonalEmail(Personal, models.CharField):
    plain = "CharField"
    mask = staticmethod(mask_email)


class PersonalPhone(Personal, models.CharField):
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


def mask_json(value: Any) -> Any:
    """Mask what stands under the name of a personal field, however deep; ``contact.email`` is an e-mail, too."""
    if isinstance(value, list):
        return [mask_json(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _mask_under(name, one) for name, one in value.items()}


def _mask_under(name: str, value: Any) -> Any:
    mask = _masks.get(name.rpartition(".")[2])
    return mask(value) if mask is not None and isinstance(value, str) else mask_json(value)
