"""A company's custom fields, and their values in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crm import formats
from crm.personal import Mask, is_hidden, mask_text, mask_whole, register_source
from crm.tenancy.context import current, current_or_none
from crm.tenancy.prepared import Prepared
from customers.custom.kinds import REFERENCES
from customers.models import CustomField
from customers.models.custom import FieldKind
from customers.selectors.names import names_by_id

Values = Mapping[str, Any]
_MEMORY, _ACTIVE, _PERSONAL = "custom fields", "active fields", "personal fields"
_WORDS = frozenset({FieldKind.TEXT, FieldKind.LONG_TEXT})
_FIELDS = Prepared(CustomField.objects.all)


def all_fields() -> list[CustomField]:
    """Every custom field of the open company in its order, archived ones too; asked once in a transaction."""
    memory = current().memory
    if _MEMORY not in memory:
        memory[_MEMORY] = _FIELDS()
    return memory[_MEMORY]


def forget_fields() -> None:
    """A field was changed in this transaction."""
    current().memory.pop(_MEMORY, None)


def fields_of(record: str) -> list[CustomField]:
    """The active fields of a type of record."""
    return list(_active(record).values())


def _active(record: str) -> dict[str, CustomField]:
    """They by their key: a list asks some fifty times."""
    kept = current().memory.setdefault(_ACTIVE, {})
    known = all_fields()
    if kept.get(record, (None, None))[0] is not known:
        found = {field.key: field for field in known if field.record == record and field.archived_at is None}
        kept[record] = (known, found)
    return kept[record][1]


def personal_names() -> Mapping[str, Mask]:
    """How the values of personal fields are masked, by the names they have in the history, in files and in rules."""
    if current_or_none() is None:
        return {}
    memory, known = current().memory, all_fields()
    kept = memory.get(_PERSONAL)
    if kept is None or kept[0] is not known:
        names = {
            name: mask_text if field.type in _WORDS else mask_whole
            for field in known
            if field.personal
            for name in (f"custom.{field.key}", f"custom:{field.key}", f"custom:{field.key}:until")
        }
        kept = memory[_PERSONAL] = (known, names)
    return kept[1]


register_source(personal_names)


def may_ask(field: CustomField) -> bool:
    """Whether the open context may filter and sort by the field."""
    return not (field.personal and is_hidden(f"custom.{field.key}"))


def field_by_key(record: str, key: str) -> CustomField | None:
    return _active(record).get(key)


def names_of(fields: Iterable[CustomField], values: Iterable[Values]) -> dict[str, str]:
    """The names of the members and customers that values speak of, by id: two queries at most."""
    wanted: dict[FieldKind, set[str]] = {kind: set() for kind in REFERENCES}
    fields = [field for field in fields if field.type in REFERENCES]
    if not fields:
        return {}
    for given in values:
        for field in fields:
            if given.get(field.key):
                wanted[field.type].add(given[field.key])
    return names_by_id(wanted[FieldKind.MEMBER], wanted[FieldKind.CUSTOMER])


def field_of_column(record: str, column: str) -> CustomField | None:
    """The field a column of the history (``custom.<key>``) is about, archived or not."""
    key = column.removeprefix("custom.")
    return next((field for field in all_fields() if (field.record, field.key) == (record, key)), None)


def names_in(record: str, images: Iterable[Values]) -> dict[str, str]:
    """The names of the members and customers that images of the history speak of in custom fields."""
    found = [
        {name.removeprefix("custom."): value for name, value in image.items() if name.startswith("custom.")}
        for image in images
    ]
    fields = [field for field in all_fields() if field.record == record] if any(found) else []
    return names_of(fields, found)


def told(field: CustomField, value: Any, *, currency: str, names: Mapping[str, str]) -> str:
    """A stored value in the reader's words; "" where there is none."""
    kind = field.type
    if value in (None, "", []):
        return ""
    if kind == FieldKind.MONEY:
        return formats.money_text(value, currency)
    if kind == FieldKind.NUMBER:
        return formats.number_text(Decimal(value), digits=6)
    if kind == FieldKind.DATE:
        return formats.day_text(date.fromisoformat(value))
    if kind == FieldKind.MOMENT:
        return formats.exact_text(datetime.fromisoformat(value))
    if kind == FieldKind.YES_NO:
        return _("yes") if value else _("no")
    if kind.has_choices:
        labels = field.labels
        several = value if isinstance(value, list) else [value]
        return _(", ").join(str(labels.get(one, one)) for one in several)
    return names.get(value, "–") if kind in REFERENCES else str(value)


@dataclass(frozen=True)
class Shown:
    """A field with its value in words; ``url`` where it leads somewhere."""

    field: CustomField
    text: str
    url: str = ""
    tags: list[tuple[int, str]] = dataclass_field(default_factory=list)


def shown_of(record: str, values: Values, *, currency: str) -> list[Shown]:
    """What a record's page tells of its custom fields: those that hold something."""
    fields = [field for field in fields_of(record) if values.get(field.key) is not None]
    if not fields:
        return []
    names = names_of(fields, [values])
    return [
        Shown(
            field,
            told(field, values[field.key], currency=currency, names=names),
            url_of(field, values[field.key]),
            tags_of(field, values[field.key]),
        )
        for field in fields
    ]


HUES = 8


def tags_of(field: CustomField, value: Any) -> list[tuple[int, str]]:
    """The colour and the words of each choice of a field that holds several: a choice keeps its colour by its place."""
    if field.type != FieldKind.MULTI_CHOICE or not isinstance(value, list):
        return []
    places = {one: place for place, one in enumerate(field.labels)}
    return [(places[one] % HUES, field.labels[one]) for one in value if one in places]


def url_of(field: CustomField, value: Any) -> str:
    if field.type == FieldKind.CUSTOMER:
        return reverse("customers:record", args=[value])
    return value if field.type == FieldKind.LINK else ""
