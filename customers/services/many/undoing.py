"""Taking back what a member did in one request or job, cell by cell, from what the history says stood there before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import Min, QuerySet
from django.utils.translation import ngettext

from crm import audit
from crm.formats import number_text
from crm.models import AuditEntry, Job, Member
from crm.tenancy.context import current_tenant_id
from customers.errors import AlreadyUndone
from customers.services.many.rows import Rows

MOST_LISTED = 1_000

# A cell goes back where it still holds what was put there. ``version`` goes on: the row did change.
_UNDO = """
WITH cells AS (
    SELECT r.id, k.key, e.before -> k.key AS was,
           coalesce(image.now -> k.key, 'null') = coalesce(e.after -> k.key, 'null') AS same
    FROM crm_auditentry e
    JOIN {table} r ON r.tenant_id = %(tenant)s::uuid AND r.id = e.subject_id
    CROSS JOIN LATERAL (SELECT audit_flat(to_jsonb(r)) AS now OFFSET 0) image
    CROSS JOIN LATERAL jsonb_object_keys(e.after) k (key)
    WHERE e.tenant_id = %(tenant)s::uuid AND e.id = ANY (%(entries)s::uuid[])
      AND (k.key = ANY (%(columns)s) OR (%(own)s AND k.key LIKE 'custom.%%'))
), found AS (
    SELECT id, jsonb_object_agg(key, was) FILTER (WHERE same) AS back,
           jsonb_agg(key ORDER BY key) FILTER (WHERE NOT same) AS kept
    FROM cells GROUP BY id
), undone AS (
    UPDATE {table} r SET {sets}, version = r.version + 1
    FROM (
        SELECT id, back, jsonb_populate_record(NULL::{table}, back) AS old,
               (SELECT jsonb_object_agg(substr(o.key, 8), o.value) FROM jsonb_each(back) o
                WHERE o.key LIKE 'custom.%%') AS own
        FROM found WHERE back IS NOT NULL
    ) b
    WHERE r.tenant_id = %(tenant)s::uuid AND r.id = b.id
    RETURNING r.id
)
SELECT (SELECT coalesce(jsonb_agg(id), '[]') FROM undone),
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'fields', kept)), '[]') FROM found
        WHERE kept IS NOT NULL)
"""


@dataclass
class Undone:
    """How many records got something back, and the cells that others changed since, which stay as they are."""

    records: int = 0
    kept_count: int = 0
    kept: list[dict[str, Any]] = field(default_factory=list)

    def add(self, other: Undone) -> None:
        self.records += other.records
        self.kept_count += other.kept_count
        self.kept += other.kept[: MOST_LISTED - len(self.kept)]

    @property
    def result(self) -> dict[str, Any]:
        return {"records": self.records, "kept": self.kept, "kept_count": self.kept_count}


def changes_of(rows: Rows, request_id: UUID, actor: Member) -> QuerySet[AuditEntry]:
    """Every change of such records that this member made under one request or job, the last first."""
    kinds = [AuditEntry.Kind.UPDATE] + ([AuditEntry.Kind.DELETE] if rows.revive else [])
    return AuditEntry.objects.filter(
        request_id=request_id,
        member_id=actor.pk,
        subject_type=rows.model._meta.label_lower,
        kind__in=kinds,
    ).order_by("-id")


def refuse_second(name: str, *, request_id: UUID, actor: Member) -> None:
    """Refuse what this member took back already, in full or as far as it went: whoever did the same anew keeps it."""
    began = AuditEntry.objects.filter(request_id=request_id).order_by().aggregate(at=Min("at"))["at"]
    deeds = AuditEntry.objects.filter(kind=AuditEntry.Kind.DEED, deed=f"{name}.undone", member_id=actor.pk)
    if began and deeds.filter(at__gte=began, after__undone=str(request_id)).exists():
        raise AlreadyUndone


def told(records: int, kept: int) -> str:
    """What an undoing did, in words."""
    text = ngettext("%(count)s record is as it was.", "%(count)s records are as they were.", records)
    words = text % {"count": number_text(records)}
    if kept:
        rest = ngettext(
            "%(count)s was changed since and keeps that.", "%(count)s were changed since and keep that.", kept
        )
        words = f"{words} {rest % {'count': number_text(kept)}}"
    return words


def told_of(job: Job) -> str:
    """What the job of an undoing did, in words."""
    return told(job.result.get("records", 0), job.result.get("kept_count", 0))


@transaction.atomic
def undo(*, rows: Rows, entries: Sequence[AuditEntry], actor: Member, request_id: UUID) -> Undone:
    """Take back these changes of the actor's own, also where who got a record is now the only one to see it."""
    deleted = [entry for entry in entries if entry.kind == AuditEntry.Kind.DELETE]
    changed = [entry for entry in entries if entry.kind == AuditEntry.Kind.UPDATE]
    undone, kept = put_back(rows.model, rows.columns, changed)
    if rows.revive and deleted:
        undone |= rows.revive(deleted)
    if undone:
        rows.mend([entry for entry in entries if entry.subject_id in undone])
        audit.record(f"{rows.name}.undone", None, actor=actor, records=len(undone), undone=str(request_id))
    return Undone(len(undone), len(kept), kept)


def put_back(
    model: type[models.Model], columns: Sequence[str], entries: Sequence[AuditEntry]
) -> tuple[set[UUID], list[dict[str, Any]]]:
    """Which records got something back by what these entries say of ``columns``, and what others changed since.

    ``custom`` among them stands for every custom field.
    """
    table = model._meta.db_table
    given: dict[str, Any] = {
        "tenant": str(current_tenant_id()),
        "entries": [str(entry.pk) for entry in entries],
        "columns": [*columns],
        "own": "custom" in columns,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            _UNDO.format(table=table, sets=", ".join(was_or_is(name, "r") for name in columns)), given
        )
        undone, kept = (json.loads(value) if isinstance(value, str) else value for value in cursor.fetchone())
    return {UUID(pk) for pk in undone}, kept


def was_or_is(column: str, row: str) -> str:
    """SQL: what ``b`` has of a column goes back, else ``row`` keeps its own."""
    if column == "custom":
        return f"custom = CASE WHEN b.own IS NULL THEN {row}.custom ELSE jsonb_strip_nulls({row}.custom || b.own) END"
    return f"{column} = CASE WHEN b.back ? '{column}' THEN (b.old).{column} ELSE {row}.{column} END"
