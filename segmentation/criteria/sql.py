"""Rules as SQL: the values always travel as parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm.tenancy.context import current_tenant_id
from segmentation.criteria.fields import Field, Kind
from segmentation.criteria.rules import Criterion, Rule


@dataclass(frozen=True)
class Reference:
    """What "now" and "money" mean for a company: its day, time zone, currency and churn horizon in days."""

    today: date
    zone: str
    currency: str
    horizon: int


@dataclass(frozen=True)
class Sql:
    """A piece of SQL with its parameters, in order."""

    text: str
    params: tuple[Any, ...] = ()

    def __add__(self, other: Sql | str) -> Sql:
        other = other if isinstance(other, Sql) else Sql(other)
        return Sql(self.text + other.text, self.params + other.params)

    def __radd__(self, other: str) -> Sql:
        return Sql(other) + self

    @staticmethod
    def join(separator: str, parts: list[Sql]) -> Sql:
        params = tuple(param for part in parts for param in part.params)
        return Sql(separator.join(part.text for part in parts), params)


_TYPES = {
    Kind.MONEY: "bigint",
    Kind.INT: "bigint",
    Kind.NUMBER: "numeric",
    Kind.DAYS: "bigint",
    Kind.PROBABILITY: "float8",
}
_COMPARE = {"eq": "=", "gte": ">=", "lte": "<=", "gt": ">", "lt": "<", "ne": "IS DISTINCT FROM"}


def value_of(field: Field, reference: Reference) -> Sql:
    """The field's value for the customer of the row; NULL where nothing is known."""
    return expression(field.sql, reference)


def expression(text: str, reference: Reference) -> Sql:
    """SQL with ``{today}`` and ``{zone}`` turned into parameters."""
    known = {"today": ("%s::date", reference.today), "zone": ("%s::text", reference.zone)}
    written, params = "", []
    while "{" in text:
        before, _, rest = text.partition("{")
        name, _, text = rest.partition("}")
        written += before + known[name][0]
        params.append(known[name][1])
    return Sql(f"({written}{text})", tuple(params))


def condition(criterion: Criterion, reference: Reference) -> Sql:
    """Whether one criterion holds; NULL counts as no, only "is not" holds for what is unknown."""
    value = value_of(criterion.field, reference)
    if criterion.op == "is_null":
        return value + " IS NULL"
    if criterion.op == "not_null":
        return value + " IS NOT NULL"
    if criterion.field.kind == Kind.CHOICES:
        return _among(criterion, value)
    if criterion.field.kind == Kind.CUSTOMER:
        return _customer(criterion, value)
    type_name = _TYPES.get(criterion.field.kind, "bool" if criterion.field.kind == Kind.BOOL else "text")
    if criterion.op == "in":
        return value + Sql(f" = ANY (%s::{type_name}[])", (list(criterion.value),))  # type: ignore[arg-type]
    return value + Sql(f" {_COMPARE[criterion.op]} %s::{type_name}", (criterion.value,))


def _among(criterion: Criterion, value: Sql) -> Sql:
    """Whether the choice, or any of them, is among those the customer has; "is not" holds where nothing is known."""
    if criterion.op == "in":
        return value + Sql(" ?| %s::text[]", (list(criterion.value),))  # type: ignore[arg-type]
    has = value + Sql(" ? %s::text", (criterion.value,))
    return has if criterion.op == "eq" else "NOT COALESCE(" + has + ", FALSE)"


# Whoever was merged into another since is meant by that one.
_MEANT = """ = ANY (ARRAY(SELECT COALESCE(m.merged_into_id, m.id)::text FROM customers_customer m
    WHERE m.tenant_id = %s::uuid AND m.id = ANY (%s::uuid[])))"""


def _customer(criterion: Criterion, value: Sql) -> Sql:
    """Whether it is one of the customers asked for; "is not" holds where nothing is known."""
    means = value + Sql(_MEANT, (str(current_tenant_id()), criterion.values))
    return "NOT COALESCE(" + means + ", FALSE)" if criterion.op == "ne" else means


def holds(rule: Rule, reference: Reference) -> Sql:
    """Whether the rule holds for the customer of the row."""
    if not rule.alternatives:
        return Sql("TRUE")
    return "(" + Sql.join(" OR ", [_all(one, reference) for one in rule.alternatives]) + ")"


def _all(alternative: Sequence[Criterion], reference: Reference) -> Sql:
    return "(" + Sql.join(" AND ", [condition(one, reference) for one in alternative]) + ")"


def explained(rule: Rule, reference: Reference) -> Sql:
    """The rule as a JSON array: each criterion with its alternative, the customer's value, and whether it is met."""
    return _rows(list(rule), reference)


def decided_by(rule: Rule, reference: Reference) -> Sql:
    """The first alternative that holds, explained; an empty array where none does, or none is needed."""
    cases = [
        "WHEN " + _all(one, reference) + " THEN " + _rows([(number, each) for each in one], reference)
        for number, one in enumerate(rule.alternatives)
    ]
    return "CASE " + Sql.join(" ", cases) + " ELSE '[]'::jsonb END" if cases else Sql("'[]'::jsonb")


def _rows(criteria: Sequence[tuple[int, Criterion]], reference: Reference) -> Sql:
    rows = [_row(number, one, reference) for number, one in criteria]
    return "jsonb_build_array(" + Sql.join(", ", rows) + ")"


def _row(number: int, one: Criterion, reference: Reference) -> Sql:
    place = (number, one.field.key, one.op)
    start = "jsonb_build_object('alternative', %s::int, 'field', %s::text, 'op', %s::text, 'threshold', "
    value, met = value_of(one.field, reference), condition(one, reference)
    return (
        Sql(start, place)
        + _json(one.value, one.field)
        + ", 'value', "
        + value
        + (", 'met', COALESCE(" + met + ", FALSE))")
    )


def _json(value: Any, field: Field) -> Sql:
    type_name = _TYPES.get(field.kind, "bool" if field.kind == Kind.BOOL else "text")
    if value is None:
        return Sql("NULL")
    if isinstance(value, list):
        return Sql(f"to_jsonb(%s::{type_name}[])", (value,))
    return Sql(f"to_jsonb(%s::{type_name})", (value,))
