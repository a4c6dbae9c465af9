"""Where every customer stands now, as one SELECT: class by the first rule that holds, stage, RFM."""

# ruff: noqa: S608  what is put together here are names of ours; every value is a parameter
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from crm.tenancy.context import current_tenant_id
from customers.models import CustomerStats
from segmentation import stages
from segmentation.criteria import Reference, Rule, Sql, decided_by, holds
from segmentation.models import CustomerClass
from segmentation.services import fifths

FIGURES = ("class_code", "stage", "rfm_recency", "rfm_frequency", "rfm_monetary", "rfm_segment")


@dataclass(frozen=True)
class Candidate:
    """A class in use with its rule."""

    id: UUID
    code: str
    rule: Rule


def candidates() -> list[Candidate]:
    """The classes in use in the order their rules are tried."""
    return [Candidate(one.pk, one.code, one.rule) for one in CustomerClass.objects.active()]


def decisions(
    classes: Sequence[Candidate],
    reference: Reference,
    *,
    ladders: fifths.Ladders | None = None,
    customer_ids: Sequence[UUID] | None = None,
) -> Sql:
    """One row per customer: ``customer_id, old_class_id, class_id, why, override_ended, old_stage, stage_why``,
    the figures to hand down (``FIGURES``, each also as ``old_…``), ``moved`` between classes, and ``stale``:
    whether anything of it differs from what is stored. Without ladders RFM stays as it is.

    An override that has not ended keeps its class, as long as that is in use.
    """
    tenant_id = str(current_tenant_id())
    fresh = [f"s.{name}, s.old_{name}" for name in FIGURES if name != "class_code"]
    rows = (
        "SELECT c.id AS customer_id, m.customer_class_id AS old_class_id, v.class_id, s.old_class_code, "
        + _by_class(classes, [Sql("%s::text", (one.code,)) for one in classes], "''")
        + " AS class_code, "
        + _by_class(classes, [decided_by(one.rule, reference) for one in classes], "'[]'::jsonb")
        + f" AS why, g.stage AS member_stage, s.stage_why, {', '.join(fresh)}, "
        + "COALESCE(m.override_reason, '') <> '' AND NOT v.held AS override_ended"
        + " FROM customers_customer c JOIN ("
        + _figures(reference, ladders)
        + ") s ON s.tenant_id = c.tenant_id AND s.customer_id = c.id"
        + _join("segmentation_classmembership", "m")
        + _join("segmentation_stagemembership", "g")
        + " CROSS JOIN LATERAL (SELECT h.held, CASE WHEN h.held THEN m.customer_class_id ELSE "
        + _first_that_holds(classes, reference)
        + " END AS class_id FROM (SELECT "
        + _held(classes, reference)
        + " AS held) h) v"
        + Sql(
            " WHERE c.tenant_id = %s::uuid AND c.deleted_at IS NULL AND c.review = 'accepted'", (tenant_id,)
        )
    )
    if customer_ids is not None:
        rows += Sql(" AND c.id = ANY (%s::uuid[])", ([str(pk) for pk in customer_ids],))
    return f"SELECT d.*, {_MOVED} AS moved, ({_MOVED} OR {_CHANGED}) AS stale FROM (" + rows + ") d"


_MOVED = "d.class_id IS DISTINCT FROM d.old_class_id"
_CHANGED = (
    "d.override_ended OR d.member_stage IS DISTINCT FROM d.stage "
    f"OR ({', '.join(f'd.{name}' for name in FIGURES)}) IS DISTINCT FROM "
    f"({', '.join(f'd.old_{name}' for name in FIGURES)})"
)


def _join(table: str, alias: str) -> Sql:
    on = f"{alias}.tenant_id = %s::uuid AND {alias}.customer_id = c.id"
    return Sql(f" LEFT JOIN {table} {alias} ON {on}", (str(current_tenant_id()),))


def _figures(reference: Reference, ladders: fifths.Ladders | None) -> Sql:
    """``customers_customerstats`` with stage and RFM as they are decided now, the stored ones as ``old_…``."""
    fresh = {"stage": stages.stage(reference), "stage_why": stages.facts(reference)}
    if ladders is not None:
        fresh |= fifths.columns(ladders, reference)
    stored = [field.column for field in CustomerStats._meta.local_fields if field.column not in fresh]
    parts = [Sql(f"t.{column}") for column in stored]
    parts += [value + f" AS {name}" for name, value in fresh.items()]
    parts += [Sql(f"t.{name} AS old_{name}") for name in FIGURES]
    where = Sql(" WHERE t.tenant_id = %s::uuid", (str(current_tenant_id()),))
    return "SELECT " + Sql.join(", ", parts) + " FROM customers_customerstats t" + where


def _by_class(classes: Sequence[Candidate], values: Sequence[Sql], otherwise: str) -> Sql:
    """The value that belongs to the decided class."""
    cases = [
        Sql("WHEN %s::uuid THEN ", (str(one.id),)) + value for one, value in zip(classes, values, strict=True)
    ]
    return "CASE v.class_id " + Sql.join(" ", cases) + f" ELSE {otherwise} END" if cases else Sql(otherwise)


def _first_that_holds(classes: Sequence[Candidate], reference: Reference) -> Sql:
    cases = ["WHEN " + holds(one.rule, reference) + Sql(" THEN %s::uuid", (str(one.id),)) for one in classes]
    return "CASE " + Sql.join(" ", cases) + " END" if cases else Sql("NULL::uuid")


def _held(classes: Sequence[Candidate], reference: Reference) -> Sql:
    """Whether an override of a class in use still holds on the company's day."""
    ids = [str(one.id) for one in classes]
    return Sql(
        "COALESCE(m.override_reason <> '' AND (m.override_until IS NULL OR m.override_until >= %s::date)"
        " AND m.customer_class_id = ANY (%s::uuid[]), FALSE)",
        (reference.today, ids),
    )
