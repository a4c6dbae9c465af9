"""Custom fields in files: ``custom:<key>`` beside the built-in fields, and a row's values as one JSON object."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from babel.numbers import get_currency_precision
from django.utils.translation import gettext as _

from crm.people.selectors import company_currency
from customers.custom.kinds import stored
from customers.imports import values
from customers.imports.columns import member_of
from customers.imports.fields import PREFIX, Field
from customers.models import CustomField, Import
from customers.models.custom import FieldKind, RecordType
from customers.selectors.custom import fields_of

RECORDS = {Import.Kind.CUSTOMERS.value: RecordType.CUSTOMER, Import.Kind.CONTACTS.value: RecordType.CONTACT}
_BETWEEN = re.compile(r"[,，;；|、]")
_EXAMPLES = {
    FieldKind.NUMBER: "12.5",
    FieldKind.MONEY: "99",
    FieldKind.DATE: "2025-12-31",
    FieldKind.MOMENT: "2025-12-31 14:30",
    FieldKind.YES_NO: "yes",
    FieldKind.LINK: "https://example.com",
}
_REFERS = {FieldKind.MEMBER: "member", FieldKind.CUSTOMER: "customer"}
_TYPED = (FieldKind.NUMBER, FieldKind.MONEY, FieldKind.DATE, FieldKind.MOMENT, FieldKind.YES_NO)
_WORDS = {"yes", "no", "true", "false", "y", "n", "是", "否"}


def own_fields(kind: str) -> tuple[Field, ...]:
    """The company's own fields that a file of this kind may bring."""
    record = RECORDS.get(kind)
    return tuple(_field(field) for field in fields_of(record)) if record else ()


def _field(field: CustomField) -> Field:
    return Field(
        f"{PREFIX}{field.key}",
        field.label,
        (field.key,),
        reads="custom",
        example=_example(field),
        typed=field.type in _TYPED,
        refers=_REFERS.get(field.type, ""),
    )


def _example(field: CustomField) -> str:
    """A value that can be brought in; none for what names a record."""
    if field.labels:
        value, label = next(iter(field.labels.items()))
        return value if field.type == FieldKind.MULTI_CHOICE and _BETWEEN.search(label) else label
    if field.type == FieldKind.LONG_TEXT:
        return _("Prefers to be called in the morning.")
    return f"{field.label} A" if field.type == FieldKind.TEXT else _EXAMPLES.get(field.type, "")


def converter(kind: str, name: str, setting: Any, *, day_first: bool) -> values.Converter:
    """Reads one cell of a custom field into the JSON of its value; ``ValueError`` says what is wrong.

    Asks nothing of the database: cells are read while rows are copied. A customer stays its external id here.
    """
    own = next(f for f in fields_of(RECORDS[kind]) if f.key == name.removeprefix(PREFIX))
    if own.type == FieldKind.CUSTOMER:
        return _external_id
    read = _reader(own, setting, day_first)
    return lambda text: json.dumps(stored(own, read(text)), ensure_ascii=False)


def _reader(own: CustomField, setting: Any, day_first: bool) -> Callable[[str], Any]:
    kind = own.type
    named = values.choice({value: (label,) for value, label in own.labels.items()})
    readers: dict[FieldKind, Callable[[str], Any]] = {
        FieldKind.NUMBER: values.number(6, 10**12),
        FieldKind.MONEY: _minor(get_currency_precision(company_currency())),
        FieldKind.DATE: values.day(day_first=day_first),
        FieldKind.MOMENT: values.moment(zone=setting.zone, day_first=day_first),
        FieldKind.CHOICE: named,
        FieldKind.MULTI_CHOICE: lambda text: [named(one) for one in _BETWEEN.split(text) if one.strip()],
        FieldKind.YES_NO: values.truth,
        FieldKind.MEMBER: lambda text: member_of(text, setting),
    }
    return readers.get(kind, lambda text: text)


def _minor(digits: int) -> Callable[[str], int]:
    read = values.number(digits, 10**13)
    return lambda text: int(read(text).scaleb(digits))  # type: ignore[attr-defined]


def _external_id(text: str) -> str:
    if len(text) > 100:
        raise ValueError(_("There is no customer with this external id."))
    return json.dumps(text, ensure_ascii=False)


def objects_of(read: Mapping[str, Sequence[str | None]]) -> list[str | None]:
    """Each row's JSON object from the JSON of its values; ``None`` where all cells are blank."""
    keys = [json.dumps(name.removeprefix(PREFIX)) for name in read]
    rows = zip(*read.values(), strict=True)
    return [
        "{"
        + ",".join(f"{key}:{value}" for key, value in zip(keys, row, strict=True) if value is not None)
        + "}"
        if any(value is not None for value in row)
        else None
        for row in rows
    ]


def kind_for(samples: Iterable[str]) -> FieldKind:
    """What kind of field would hold a column whose first values are these."""
    given = [text.strip() for text in samples if text.strip()]
    if given and all(text.casefold() in _WORDS for text in given):
        return FieldKind.YES_NO
    for kind, read in (
        (FieldKind.NUMBER, values.number(6, 10**12)),
        (FieldKind.DATE, values.day(day_first=True)),
    ):
        if given and all(_reads(read, text) for text in given):
            return kind
    return FieldKind.LONG_TEXT if any(len(text) > 200 for text in given) else FieldKind.TEXT


def _reads(read: values.Converter, text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True
