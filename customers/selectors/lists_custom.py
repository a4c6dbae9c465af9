"""Custom fields in the list of customers: filters and sorts by the names ``custom.<key>`` of its address."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from customers.models import CustomField
from customers.models.custom import FieldKind, RecordType
from customers.selectors.custom import fields_of
from customers.selectors.custom_search import (
    PREFIX,
    SORTABLE,
    VALUE,
    Condition,
    condition_of,
    read_name,
    sort_of,
    sortable,
)
from customers.selectors.keyset import Sort

OF = RecordType.CUSTOMER


def own_filters(query: Mapping[str, str]) -> dict[str, str]:
    """The filters over custom fields that an address asks for; what is none of them is left out."""
    if not any(name.startswith(PREFIX) for name in query):
        return {}
    wanted = {name: query[name].strip() for name in query if name.startswith(PREFIX)}
    return {name: text for name, text in wanted.items() if text and read_name(OF, name)}


def condition(name: str, text: str, digits: int) -> Condition | None:
    """The question of one filter; ``None`` for a value that makes no sense, which keeps nothing."""

    def money(typed: str) -> int:
        try:
            return int(Decimal(typed).scaleb(digits))
        except ArithmeticError as error:
            raise ValueError from error

    try:
        return condition_of(OF, name, text, money=money)
    except ValueError:
        return None


def first_sort(filters: Mapping[str, str]) -> str:
    """Where a custom field narrows the list it also begins it, since its index then serves both; else ""."""
    known = {field.key: field for field in fields_of(OF)} if filters else {}
    for name, value in filters.items():
        field = known.get(name.removeprefix(PREFIX).partition("__")[0])
        blank = name.endswith("__isnull") and value == "true"
        if name.startswith(PREFIX) and field is not None and field.type in SORTABLE and not blank:
            return f"{PREFIX}{field.key}"
    return ""


def sort_named(name: str) -> str:
    """The order by the custom field of that name, where there is one."""
    return name if own_sort(name) else ""


def own_sort(name: str) -> tuple[CustomField, Sort] | None:
    """The order by a custom field, the smallest first."""
    return sort_of(OF, name, id_path="customer_id") if name.startswith(PREFIX) else None


def narrowed(rows: Any, conditions: list[Condition], sort: CustomField | None) -> Any:
    """``rows`` of figures that answer all questions, joined with the field they are sorted by.

    A question about that field is asked of the row that is joined already: one range of one index.
    """
    rows = sortable(rows, sort, "customer__") if sort is not None else rows
    for one in conditions:
        joined = sort is not None and one.field.pk == sort.pk and one.lookup != "isnull"
        rows = rows.filter(**one.on(VALUE)) if joined else one.narrow(rows, "customer")
    return rows


def counted(conditions: list[Condition]) -> QuerySet[Any] | None:
    """The typed rows one question finds, a row for each record, for counting by an index alone."""
    if len(conditions) != 1:
        return None
    one = conditions[0]
    several = one.field.kind == FieldKind.MULTI_CHOICE and one.lookup != "exact"
    blank = one.lookup == "isnull" and one.value
    return None if several or blank else one.matching()
