"""Naming deeds, and sealing the history into a chain."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from crm.models import AuditEntry, AuditSeal, Member
from crm.tenancy.context import current

SETTLE = timedelta(seconds=5)
GENESIS = "0" * 64


def record(deed: str, subject: models.Model | None = None, *, actor: Member | None = None, **facts: Any) -> AuditEntry:
    """Name what was done (``follow_up.completed``), in the transaction of the change."""
    context = current()
    return AuditEntry.objects.create(
        kind=AuditEntry.Kind.DEED,
        deed=deed,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        member_id=actor.pk if actor else context.member_id,
        request_id=context.request_id,
        source=context.source,
        after=facts or None,
    )


def digest(entry: AuditEntry, previous: str) -> str:
    """SHA-256 over the link before and every column of the entry, in a fixed order."""
    content = [
        previous,
        str(entry.pk),
        entry.at.isoformat(),
        entry.kind,
        entry.deed,
        entry.subject_type,
        str(entry.subject_id),
        str(entry.member_id),
        str(entry.request_id),
        entry.source,
        entry.before,
        entry.after,
    ]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def seal(*, limit: int = 20_000) -> int:
    """Chain up to ``limit`` settled entries that no seal covers yet; one sealer per company at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"seal:{current().tenant_id}"])
    last = AuditSeal.objects.order_by("-position").first()
    position, previous = (last.position, last.hash) if last else (0, GENESIS)
    sealed = AuditSeal.objects.filter(entry_id=models.OuterRef("pk"))
    entries = (
        AuditEntry.objects.filter(~models.Exists(sealed), at__lt=timezone.now() - SETTLE)
        .order_by("at", "id")[:limit]
        .iterator(chunk_size=2_000)
    )
    seals = []
    for entry in entries:
        position, previous = position + 1, digest(entry, previous)
        seals.append(AuditSeal(position=position, entry_id=entry.pk, hash=previous))
    AuditSeal.objects.bulk_create(seals, batch_size=5_000)
    return len(seals)
