"""Naming deeds."""

from __future__ import annotations

from typing import Any

from django.db import models

from crm.models import AuditEntry, Member
from crm.tenancy.context import current


def record(
    deed: str, subject: models.Model | None = None, *, actor: Member | None = None, **facts: Any
) -> AuditEntry:
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
