"""Taking back what one request or job did to customers, cell by cell, from what the history says stood there before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from crm import audit
from crm.models import AuditEntry, Member
from crm.people.roles import Visibility
from crm.tenancy.context import current_tenant_id
from crm.webhooks import events
from customers.models import Customer
from customers.services.bulk.deeds import FIELDS
from customers.services.many.undoing import Undone, was_or_is
from customers.services.upkeep import forget_changes

NAME = "customers"
DEEDS = ("customers.edited", "customers.deleted")
_COLUMNS = (*("owner_id" if name == "owner" else name for name in FIELDS), "deleted_at")

# A cell goes back where it still holds what was put there. ``version`` and ``updated_at`` go on: the row did change.
_UNDO = """
WITH cells AS (
    SELECT c.id, k.key, e.before -> k.key AS was,
           coalesce(image.now -> k.key, 'null') = coalesce(e.after -> k.key, 'null') AS same
    FROM crm_auditentry e
    JOIN customers_customer c ON c.tenant_id = %(tenant)s::uuid AND c.id = e.subject_id
    CROSS JOIN LATERAL (SELECT audit_flat(to_jsonb(c)) AS now OFFSET 0) image
    CROSS JOIN LATERAL jsonb_object_keys(e.after) k (key)
    WHERE e.tenant_id = %(tenant)s::uuid AND e.id = ANY (%(entries)s::uuid[])
      AND (k.key LIKE 'custom.%%' OR k.key = ANY (%(columns)s))
), rows AS (
    SELECT id, jsonb_object_agg(key, was) FILTER (WHERE same) AS back,
           jsonb_agg(key ORDER BY key) FILTER (WHERE NOT same) AS kept
    FROM cells GROUP BY id
), undone AS (
    UPDATE customers_customer c
    SET {columns}, version = c.version + 1, updated_at = now(), custom = CASE WHEN b.own IS NULL THEN c.custom
        ELSE jsonb_strip_nulls(c.custom || b.own) END
    FROM (
        SELECT r.id, r.back, jsonb_populate_record(NULL::customers_customer, r.back) AS old,
               (SELECT jsonb_object_agg(substr(o.key, 8), o.value) FROM jsonb_each(r.back) o
                WHERE o.key LIKE 'custom.%%') AS own
        FROM rows r WHERE r.back IS NOT NULL
    ) b
    WHERE c.tenant_id = %(tenant)s::uuid AND c.id = b.id
    RETURNING c.id
)
SELECT (SELECT coalesce(jsonb_agg(id), '[]') FROM undone),
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'fields', kept)), '[]') FROM rows
        WHERE kept IS NOT NULL)
"""


def done_by(request_id: UUID, actor: Member) -> bool:
    """Whether it was this member who did something to many under this request or job."""
    deeds = AuditEntry.objects.filter(request_id=request_id, member_id=actor.pk, kind=AuditEntry.Kind.DEED)
    return deeds.filter(deed__in=DEEDS).exists()


def changes_of(request_id: UUID) -> QuerySet[AuditEntry]:
    """Every change of a customer under one request or job, the last first."""
    return AuditEntry.objects.filter(
        request_id=request_id, subject_type="customers.customer", kind=AuditEntry.Kind.UPDATE
    ).order_by("-id")


@transaction.atomic
def undo(*, entries: Sequence[tuple[UUID, UUID]], request_id: UUID, actor: Member) -> Undone:
    """Take back these changes (entry and customer), as far as the actor sees the customers."""
    chosen = [entry for entry, _customer in entries]
    if actor.visibility != Visibility.ALL:
        ids = [customer for _entry, customer in entries]
        seen = set(
            Customer.objects.visible_to(actor).order_by().filter(pk__in=ids).values_list("pk", flat=True)
        )
        chosen = [entry for entry, customer in entries if customer in seen]
    given: dict[str, Any] = {
        "tenant": str(current_tenant_id()),
        "entries": [*map(str, chosen)],
        "columns": [*_COLUMNS],
    }
    with connection.cursor() as cursor:
        cursor.execute(_UNDO.format(columns=", ".join(was_or_is(name, "c") for name in _COLUMNS)), given)
        undone, kept = (json.loads(value) if isinstance(value, str) else value for value in cursor.fetchone())
    if undone:
        forget_changes(request_id, undone)
        audit.record(f"{NAME}.undone", None, actor=actor, customers=len(undone), undone=str(request_id))
        events.emit_many("customer.updated", map(UUID, undone))
    return Undone(len(undone), len(kept), kept)
