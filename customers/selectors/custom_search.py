"""Filtering and sorting by custom fields: ranges of the indexes over their typed rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Exists, F, FilteredRelation, Func, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _

import crm.api.lookups  # noqa: F401  registers ``prefix``
from customers.custom.kinds import COLUMNS, FOLDED, RANGES, SHORT, SORTABLE, stored, typed
from customers.models import CustomField
from customers.models.custom import VALUES, CustomValue, FieldKind
from customers.selectors.custom import field_by_key, may_ask
from customers.selectors.keyset import Sort

PREFIX = "custom."
VALUE, TIE = "custom_sort_value", "custom_sort_tie"
_BOUNDS = ("gte", "gt", "lte", "lt")


def lookups_of(kind: FieldKind) -> tuple[str, ...]:
    """What may be asked of a kind's values; ``exact`` is asked by the bare name."""
    if kind == FieldKind.LONG_TEXT:
        return ("prefix", "isnull")  # only its beginning stands in the index
    if kind == FieldKind.YES_NO:
        return ("exact", "isnull")
    if kind in RANGES:
        return ("exact", "in", *_BOUNDS, "isnull")
    return ("exact", "in", "prefix", "isnull") if kind in FOLDED else ("exact", "in", "isnull")


@dataclass(frozen=True)
class Condition:
    """One question about one custom field. ``value`` is as it is kept, a list for ``in``, a truth for ``isnull``;
    ``in_column``: as it stands in its column.
    """

    field: CustomField
    lookup: str
    value: Any
    in_column: bool = False

    def matching(self) -> QuerySet[CustomValue]:
        """The typed rows that answer it; for ``isnull`` those of every record that has a value."""
        rows: Any = VALUES[self.field.record].objects
        rows = rows.filter(field=self.field.pk).order_by()
        if self.lookup == "isnull":
            return rows
        return rows.filter(**self.on(COLUMNS[self.field.type]))

    def of_record(self, record: Any) -> Any:
        """The typed rows of one record that answer it."""
        rows: Any = self.matching()
        return rows.filter(record=record)

    def on(self, path: str) -> dict[str, Any]:
        """It as a filter of the typed value at ``path``; not for ``isnull``."""
        if self.lookup == "in":
            return {f"{path}__in": [_folded(self.field, typed(self.field, one)) for one in self.value]}
        return {f"{path}__{self.lookup}": _folded(self.field, self.typed)}

    @property
    def typed(self) -> Any:
        """The one value as it stands in its column, not yet folded; not for ``in`` and ``isnull``."""
        return self.value if self.in_column else typed(self.field, self.value)

    def narrow(self, rows: Any, record_path: str) -> Any:
        """``rows`` whose record at ``record_path`` answers it."""
        if self.lookup == "isnull" and self.value:
            # Asked of each row in the list's order: a set of all records with a value is not built first.
            return rows.filter(~Exists(self.of_record(OuterRef(record_path))))
        rows_of_values: Any = self.matching()
        return rows.filter(**{f"{record_path}__in": rows_of_values.values("record")})


def _folded(field: CustomField, value: Any) -> Any:
    if field.type in FOLDED:
        return Func(Value(value), function="custom_fold", output_field=models.CharField())
    return value


def read_name(record: str, name: str) -> tuple[CustomField, str] | None:
    """``custom.fee__gte`` is the field with the key ``fee`` and ``gte``; ``None`` where there is no such filter."""
    if not name.startswith(PREFIX):
        return None
    key, _separator, lookup = name.removeprefix(PREFIX).partition("__")
    field = field_by_key(record, key)
    lookup = lookup or "exact"
    if (
        field is None
        or not may_ask(field)
        or lookup not in lookups_of(field.type)
        or (lookup == "exact" and name.endswith("__exact"))
    ):
        return None
    return field, lookup


def condition_of(record: str, name: str, text: str, *, money: Callable[[str], Any] = str) -> Condition | None:
    """The question an address asks; ``None`` where there is no such filter, ``ValueError`` for a value of no sense.

    ``money`` reads an amount as it is typed; without it amounts are in minor units.
    """
    found = read_name(record, name)
    if found is None:
        return None
    field, lookup = found
    if lookup == "isnull":
        return Condition(field, lookup, _truth(text))
    if lookup == "in":
        return Condition(field, lookup, [_value(field, part, money) for part in text.split(",")[:200]])
    return Condition(field, lookup, _value(field, text, money))


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(_("Must be true or false."))
    return text == "true"


def _value(field: CustomField, text: str, money: Callable[[str], Any]) -> Any:
    given: Any = text
    if field.type == FieldKind.YES_NO:
        given = _truth(text)
    elif field.type == FieldKind.MONEY:
        given = money(text)
    elif field.type == FieldKind.MULTI_CHOICE:
        given = [text]
    elif field.type == FieldKind.LONG_TEXT and len(text) > SHORT:
        raise ValueError(_("At most %(most)d characters.") % {"most": SHORT})
    elif field.type == FieldKind.LINK:
        return text.strip()  # as it begins, or as it stands
    value = stored(field, given)
    if value is None:
        raise ValueError(_("Say which value."))
    return value[0] if isinstance(value, list) else value


def names_of_filters(record: str, fields: Iterable[CustomField]) -> list[str]:
    """Every filter there is over these fields."""
    return [
        f"{PREFIX}{field.key}" + ("" if lookup == "exact" else f"__{lookup}")
        for field in fields
        if field.record == record and may_ask(field)
        for lookup in lookups_of(field.type)
    ]


def sort_of(record: str, name: str, *, id_path: str) -> tuple[CustomField, Sort] | None:
    """The order by a custom field, ``-`` in front for the largest first; without a value last, either way.

    ``id_path`` leads from a row of the list to its record's id.
    """
    found = read_name(record, name.removeprefix("-")) if "__" not in name else None
    field = found[0] if found else None
    if field is None or field.type not in SORTABLE:
        return None
    column: Any = VALUES[record]._meta.get_field(COLUMNS[field.type])
    down = name.startswith("-")
    return field, Sort(VALUE, down, True, TIE, down, blank=TIE, blank_tie=id_path, column=column)


def sortable(rows: Any, field: CustomField, record_path: str) -> Any:
    """``rows`` with the field's value and its tie, to sort by; ``record_path`` ends in ``__`` or is empty."""
    relation = f"{record_path}custom_values"
    joined = FilteredRelation(relation, condition=Q(**{f"{relation}__field": field.pk}))
    rows = rows.annotate(custom_sort=joined)
    return rows.annotate(
        **{VALUE: F(f"custom_sort__{COLUMNS[field.type]}"), TIE: F("custom_sort__record_id")}
    )
