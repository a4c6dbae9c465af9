"""The filters of an address that ask one thing each, in the grammar of ``where``."""

from __future__ import annotations

from collections.abc import Mapping

from crm.filtering.grammar import Group, Question
from customers.models.custom import FieldKind, RecordType
from customers.selectors.custom import field_by_key
from customers.selectors.custom_search import PREFIX, read_name

_PLAIN = frozenset({"class", "stage", "risk", "industry", "region", "city", "source", "review"})
_OPERATORS = {
    "exact": "is",
    "prefix": "starts",
    "in": "in",
    "gte": "gte",
    "lte": "lte",
    "gt": "gt",
    "lt": "lt",
}
_LEFT_OUT = frozenset({"where", "cursor", "columns"})


def as_group(query: Mapping[str, str]) -> tuple[Group, list[tuple[str, str]]]:
    """What the address asks by simple filters, and the rest of it, which says something else."""
    found: list[Question] = []
    rest: list[tuple[str, str]] = []
    for name, value in query.items():
        asked = _asked(name, value.strip())
        if asked is not None:
            found.append(asked)
        elif name not in _LEFT_OUT:
            rest.append((name, value))
    return Group("and", tuple(found)), rest


def _asked(name: str, value: str) -> Question | None:
    if not value:
        return None
    if name in _PLAIN:
        return Question(name, "is", (value,))
    if name == "owner":
        return Question(name, "empty") if value == "none" else Question(name, "is", (value,))
    if name == "next":
        return Question("next_step", "empty" if value == "no" else "filled")
    if name in ("spend_min", "spend_max"):
        return Question("spend", "gte" if name == "spend_min" else "lte", (value,))
    return _own(name, value) if name.startswith(PREFIX) else None


def _own(name: str, value: str) -> Question | None:
    found = read_name(RecordType.CUSTOMER, name)
    if found is None:
        return None
    field, lookup = found
    if lookup == "isnull":
        return Question(f"{PREFIX}{field.key}", "empty" if value == "true" else "filled")
    operator = _OPERATORS[lookup]
    if field_by_key(RecordType.CUSTOMER, field.key) and field.type == FieldKind.MULTI_CHOICE:
        operator = "any" if lookup == "in" else "has"
    if field.type == FieldKind.MOMENT:
        value, operator = value[:10], {"gt": "gte", "lt": "lte"}.get(operator, operator)
    values = tuple(value.split(",")) if lookup == "in" else (value,)
    return Question(f"{PREFIX}{field.key}", operator, values)
