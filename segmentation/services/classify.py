"""Classes, stages and RFM for all customers or some, set-based, with a reason for every move."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from crm.models import Member
from crm.planner import many_rows
from crm.tenancy.context import current_tenant_id
from crm.webhooks import events
from segmentation.criteria import Reference
from segmentation.members import reference_at
from segmentation.services import fifths, tallies
from segmentation.services.decisions import FIGURES, Candidate, candidates, decisions

FEW = 1_000


@dataclass(frozen=True)
class Moves:
    """How many customers were looked at, and how many came into another class, the first one included."""

    customers: int
    moved: int


@transaction.atomic
def classify(*, at: datetime | None = None, customer_ids: Sequence[UUID] | None = None) -> Moves:
    """Bring classes, stages and, for a whole company, RFM up to date as of ``at``; only changes are written.

    Reads the customers' figures as they stand: refresh them first. One run per company at a time.
    """
    at = at or timezone.now()
    reference = reference_at(at)
    ladders = fifths.ladders(reference) if customer_ids is None else None
    return apply(at=at, reference=reference, ladders=ladders, customer_ids=customer_ids)


@transaction.atomic
def apply(
    *,
    at: datetime,
    reference: Reference,
    ladders: fifths.Ladders | None = None,
    customer_ids: Sequence[UUID] | None = None,
    actor: Member | None = None,
) -> Moves:
    """Decide and write, with fifths already found; ``actor`` is who changed a rule, if that is the cause."""
    _one_at_a_time()
    classes = candidates()
    with nullcontext() if customer_ids is not None and len(customer_ids) <= FEW else many_rows():
        customers = _decide(classes, reference, ladders, customer_ids)
        _write_moves(at, actor)
        moved = _write_memberships(at)
        _write_stages(at)
        _hand_down()
    _drop()
    if customer_ids is None:
        tallies.keep(reference)
    return Moves(customers, moved)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"classify:{current_tenant_id()}"]
        )


def _decide(
    classes: list[Candidate],
    reference: Reference,
    ladders: fifths.Ladders | None,
    customer_ids: Sequence[UUID] | None,
) -> int:
    """Keep what changes in a temporary table; gives how many customers were looked at."""
    rows = decisions(classes, reference, ladders=ladders, customer_ids=customer_ids)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.segmentation_decided")
        cursor.execute(
            f"CREATE TEMP TABLE segmentation_decided ON COMMIT DROP AS SELECT * FROM ({rows.text}) r WHERE r.stale",  # noqa: S608
            rows.params,
        )
        cursor.execute("ANALYZE segmentation_decided (customer_id, moved, stage, member_stage)")
    return _looked_at(customer_ids)


def _looked_at(customer_ids: Sequence[UUID] | None) -> int:
    sql = """
        SELECT count(*) FROM customers_customer c
        WHERE c.tenant_id = %s::uuid AND c.deleted_at IS NULL AND c.review = 'accepted'
    """
    params: list[Any] = [str(current_tenant_id())]
    if customer_ids is not None:
        sql += " AND c.id = ANY (%s::uuid[])"
        params.append([str(pk) for pk in customer_ids])
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.fetchone()[0])


def _write_moves(at: datetime, actor: Member | None) -> None:
    """A first class is no move: after an import there would be as many as customers, saying nothing."""
    sql = """
        INSERT INTO segmentation_classchange
            (tenant_id, id, customer_id, from_class_id, to_class_id, at, why, changed_by_id)
        SELECT %s::uuid, uuid7(), d.customer_id, d.old_class_id, d.class_id, %s::timestamptz, d.why, %s::uuid
        FROM segmentation_decided d WHERE d.moved AND d.old_class_id IS NOT NULL AND d.class_id IS NOT NULL
    """
    _execute(sql, [str(current_tenant_id()), at, str(actor.pk) if actor else None])
    moved = """
        SELECT c.id FROM segmentation_classchange c JOIN segmentation_decided d USING (customer_id)
        WHERE c.tenant_id = %(tenant)s::uuid AND c.at = %(moved_at)s AND d.moved
    """
    events.emit_from("class.changed", moved, moved_at=at)


def _write_memberships(at: datetime) -> int:
    """Who moved, and whose override ended without a move: those keep the day they came. Gives who moved."""
    sql = """
        INSERT INTO segmentation_classmembership AS m
            (tenant_id, customer_id, customer_class_id, since, why, override_reason)
        SELECT %s::uuid, d.customer_id, d.class_id, %s::timestamptz, d.why, ''
        FROM segmentation_decided d WHERE (d.moved OR d.override_ended) AND d.class_id IS NOT NULL
        ON CONFLICT (tenant_id, customer_id) DO UPDATE SET
            customer_class_id = excluded.customer_class_id, why = excluded.why,
            since = CASE WHEN m.customer_class_id = excluded.customer_class_id THEN m.since ELSE excluded.since END,
            set_by_id = NULL, override_reason = '', override_until = NULL
    """
    _execute(sql, [str(current_tenant_id()), at])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM segmentation_decided WHERE moved AND class_id IS NOT NULL")
        return int(cursor.fetchone()[0])


def _write_stages(at: datetime) -> None:
    sql = """
        INSERT INTO segmentation_stagemembership (tenant_id, customer_id, stage, since, why)
        SELECT %s::uuid, d.customer_id, d.stage, %s::timestamptz, d.stage_why
        FROM segmentation_decided d WHERE d.member_stage IS DISTINCT FROM d.stage
        ON CONFLICT (tenant_id, customer_id) DO UPDATE SET
            stage = excluded.stage, since = excluded.since, why = excluded.why
    """
    _execute(sql, [str(current_tenant_id()), at])


def _hand_down() -> None:
    """Write class, stage and RFM to the customers' figures, all in one pass.

    From the table that holds them, not row by row through Python: for a million customers that is the
    difference between seconds and minutes.
    """
    sets = ", ".join(f"{name} = d.{name}" for name in FIGURES)
    new, old = (", ".join(f"{alias}.{name}" for name in FIGURES) for alias in "ds")
    sql = f"""
        UPDATE customers_customerstats s SET {sets} FROM segmentation_decided d
        WHERE s.tenant_id = %s::uuid AND s.customer_id = d.customer_id AND ({new}) IS DISTINCT FROM ({old})
    """  # noqa: S608
    _execute(sql, [str(current_tenant_id())])


def _drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE pg_temp.segmentation_decided")


def _execute(sql: str, params: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
