"""Naming deeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models

from crm.models import AuditEntry, Member
from crm.tenancy.context import current

Listener = Callable[[str, models.Model | None, dict[str, Any]], None]

KEY = "api_key"  # of a deed done over the API: the id of the key

_listeners: list[Listener] = []


def listen(listener: Listener) -> Listener:
    """Let ``listener`` hear of every deed, in its transaction: the deed, its subject, its facts."""
    _listeners.append(listener)
    return listener


def record(
    deed: str, subject: models.Model | None = None, *, actor: Member | None = None, **facts: Any
) -> AuditEntry:
    """Name what was done (``follow_up.completed``), in the transaction of the change."""
    context = current()
    kept = facts | {KEY: str(context.key_id)} if context.key_id else facts
    entry = AuditEntry.objects.create(
        kind=AuditEntry.Kind.DEED,
        deed=deed,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        member_id=actor.pk if actor else context.member_id,
        request_id=context.request_id,
        source=context.source,
        after=kept or None,
    )
    for listener in _listeners:
        listener(deed, subject, facts)
    return entry
