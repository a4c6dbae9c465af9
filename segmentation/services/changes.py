"""Keeping up between the nights: whoever the history says has changed is decided again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from crm.tenancy.context import current_tenant_id
from segmentation.models import Watermark
from segmentation.services.classify import Moves, classify

MANY = 20_000
# The history's moments are those of its statements: one may become visible a little late.
OVERLAP = timedelta(seconds=10)

_CHANGED = """
    SELECT DISTINCT changed.id FROM (
        SELECT CASE subject_type WHEN 'customers.customer' THEN subject_id
               ELSE (COALESCE(after, before) ->> 'customer_id')::uuid END AS id
        FROM crm_auditentry
        WHERE tenant_id = %s::uuid AND at >= %s AND kind <> 'deed'
          AND subject_type IN ('customers.customer', 'customers.purchase', 'customers.interaction')
        LIMIT %s
    ) changed WHERE changed.id IS NOT NULL
"""


@transaction.atomic
def catch_up(at: datetime) -> Moves:
    """Decide again for the customers whose record, purchases or contacts changed since the last time.

    Where that is very many, as after an import, or nobody has ever looked, everyone is decided again.
    """
    now = timezone.now()
    mark = Watermark.objects.first()
    if mark is None or (changed := _changed_since(mark.seen_until - OVERLAP)) is None:
        moves = classify(at=at)
    else:
        moves = classify(at=at, customer_ids=changed) if changed else Moves(0, 0)
    _remember(now)
    return moves


@transaction.atomic
def start_over(at: datetime) -> Moves:
    """Decide for everyone, as each night must: days pass without any change being made."""
    now = timezone.now()
    moves = classify(at=at)
    _remember(now)
    return moves


def _changed_since(moment: datetime) -> list[UUID] | None:
    """Ids of the changed customers; ``None`` when there are too many to name."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, [str(current_tenant_id()), moment, MANY + 1])
        found = [row[0] for row in cursor.fetchall()]
    return None if len(found) > MANY else found


def _remember(moment: datetime) -> None:
    Watermark.objects.bulk_create(
        [Watermark(seen_until=moment)],
        update_conflicts=True,
        update_fields=["seen_until"],
        unique_fields=["tenant"],
    )
