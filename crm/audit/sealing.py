"""Sealing the history into a chain, a moment after it was written: writers never wait for each other."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from crm.models import AuditEntry, AuditMark, AuditSeal
from crm.tenancy.context import current_tenant_id
from crm.work import Outcome, Work, register

logger = logging.getLogger(__name__)
GENESIS = "0" * 64
AT_ONCE = 50_000
# How far clocks may differ: those of web and worker hosts from the database's.
SKEW = timedelta(minutes=10)

_OLDEST_TRANSACTION = """
    SELECT least(min(xact_start), clock_timestamp()) FROM pg_stat_activity WHERE datname = current_database()
"""


def values_hash(entry: AuditEntry) -> str:
    """SHA-256 over what was and what became."""
    return sha256([entry.before, entry.after])


def link_hash(entry: AuditEntry, *, position: int, previous: str, values: str) -> str:
    """SHA-256 over the link before, the place in the chain and every column of the entry, in a fixed order."""
    return sha256(
        [
            previous,
            position,
            str(entry.pk),
            entry.at.astimezone(UTC).isoformat(),
            entry.kind,
            entry.deed,
            entry.subject_type,
            str(entry.subject_id),
            str(entry.member_id),
            str(entry.request_id),
            entry.source,
            values,
        ]
    )


@transaction.atomic
def seal(*, limit: int = AT_ONCE) -> int:
    """Chain up to ``limit`` entries that no seal covers yet; one sealer per company at a time.

    Looks only at entries newer than the mark. An entry that is not committed yet belongs to a
    transaction that runs now, so it is no older than the oldest of these: that is the next mark.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"seal:{current_tenant_id()}"]
        )
        cursor.execute(_OLDEST_TRANSACTION)
        complete_until = cursor.fetchone()[0] - SKEW
    entries = list(unsealed(_mark())[:limit])
    _chain(entries)
    if len(entries) == limit:
        complete_until = min(complete_until, entries[-1].at)
    AuditMark.objects.bulk_create(
        [AuditMark(looked_from=complete_until)],
        update_conflicts=True,
        update_fields=["looked_from"],
        unique_fields=["tenant"],
    )
    return len(entries)


def _mark() -> datetime | None:
    return AuditMark.objects.values_list("looked_from", flat=True).first()


def unsealed(since: datetime | None) -> models.QuerySet[AuditEntry]:
    """Entries without a seal, in the order they will be chained in; ``None`` looks at all of the history."""
    sealed = AuditSeal.objects.filter(entry_id=models.OuterRef("pk"))
    entries = AuditEntry.objects.filter(~models.Exists(sealed)).order_by("at", "id")
    return entries.filter(at__gte=since) if since else entries


def _chain(entries: list[AuditEntry]) -> None:
    last = AuditSeal.objects.order_by("-position").first()
    position, previous = (last.position, last.hash) if last else (0, GENESIS)
    seals = []
    for entry in entries:
        position, values = position + 1, values_hash(entry)
        previous = link_hash(entry, position=position, previous=previous, values=values)
        seals.append(AuditSeal(position=position, entry_id=entry.pk, values_hash=values, hash=previous))
    AuditSeal.objects.bulk_create(seals, batch_size=5_000)
    if seals:  # the head leaves the database with the log, so that a chain made anew is found out
        logger.info("audit sealed: company %s position %s head %s", current_tenant_id(), position, previous)


def sha256(content: list[Any]) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _work(at: datetime) -> Outcome:
    sealed = seal()
    return Outcome(sealed, timezone.now() if sealed == AT_ONCE else None)


register(Work("audit_seals", 90, _work))
