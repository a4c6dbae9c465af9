"""Custom fields in exported files: as they are told, and as an import reads them back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django.utils.translation import gettext as _

from crm.exports.listings import Ask, Column
from crm.models import Member
from customers.custom.kinds import REFERENCES
from customers.imports.fields import PREFIX
from customers.models import Customer, CustomField
from customers.models.custom import FieldKind
from customers.selectors.custom import fields_of, names_of

Values = Callable[[Any], dict[str, Any]]


def shown_columns(record: str, ask: Ask, values: Values) -> list[Column]:
    """As the list shows them: labels for choices, names for members and customers."""
    return [
        Column(f"{PREFIX}{own.key}", own.label, _reader(own, ask, values, whole=False))
        for own in fields_of(record)
    ]


def whole_columns(record: str, ask: Ask, values: Values) -> list[Column]:
    """As an import reads them: under ``custom:<key>``, with what stands behind labels and names."""
    return [
        Column(f"{PREFIX}{own.key}", f"{PREFIX}{own.key}", _reader(own, ask, values, whole=True))
        for own in fields_of(record)
    ]


def name_references(record: str, ask: Ask, rows: Sequence[Any], values: Values) -> None:
    """Give the rows what their references are told by: two queries however many there are."""
    fields = fields_of(record)
    found = (_keys_of if ask.whole else names_of)(fields, [values(row) for row in rows])
    for row in rows:
        row.told_references = found


def _keys_of(fields: Iterable[CustomField], given: Sequence[dict[str, Any]]) -> dict[str, str]:
    wanted = {
        kind: {one[f.key] for f in fields if f.type == kind for one in given if one.get(f.key)}
        for kind in REFERENCES
    }
    members = Member.objects.filter(pk__in=wanted[FieldKind.MEMBER]).values_list("pk", "email")
    customers = Customer.objects.filter(pk__in=wanted[FieldKind.CUSTOMER]).order_by()
    found = {str(pk): email for pk, email in (members if wanted[FieldKind.MEMBER] else ())}
    if wanted[FieldKind.CUSTOMER]:
        found |= {str(pk): key or str(pk) for pk, key in customers.values_list("pk", "external_id")}
    return found


def _reader(own: CustomField, ask: Ask, values: Values, *, whole: bool) -> Callable[[Any], Any]:
    digits = get_currency_precision(ask.tenant.currency)
    labels, kind = own.labels, own.type

    def word(value: str) -> str:
        return value if whole else str(labels.get(value, value))

    def several(value: list[str]) -> str:
        return (";" if whole else _(", ")).join(word(one) for one in value)

    readers: dict[FieldKind, Callable[[Any], Any]] = {
        FieldKind.NUMBER: Decimal,
        FieldKind.MONEY: lambda value: Decimal(value).scaleb(-digits),
        FieldKind.DATE: date.fromisoformat,
        FieldKind.MOMENT: datetime.fromisoformat,
        FieldKind.CHOICE: word,
        FieldKind.MULTI_CHOICE: several,
        FieldKind.YES_NO: bool,
    }
    convert = readers.get(kind, str)

    def read(row: Any) -> Any:
        value = values(row).get(own.key)
        if value is None:
            return None
        return row.told_references.get(value, value) if kind in REFERENCES else convert(value)

    return read
