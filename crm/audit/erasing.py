"""Taking what the history says of an erased person out of it, so that the chain still holds and says who did it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, models

from crm.audit.sealing import sha256, values_hash
from crm.audit.services import record
from crm.models import AuditEntry, AuditErasure, Member

AT_ONCE = 5_000
FACT = "erased"  # of the deed: the digest of its erasures


@dataclass
class Erasing:
    """The erasing of one person from the history: empty entries, then name the deed."""

    entries: set[UUID] = field(default_factory=set)

    def empty(self, entries: Sequence[UUID], columns: Sequence[str] | None = None) -> None:
        """Take the values out of these entries: of all columns, or of those named. Which they were stays."""
        named = list(columns) if columns is not None else None
        for at in range(0, len(entries), AT_ONCE):
            some = [str(pk) for pk in entries[at : at + AT_ONCE]]
            with connection.cursor() as cursor:
                cursor.execute("SELECT erase_history(%s::uuid[], %s::text[])", [some, named])
        self.entries.update(entries)

    def finish(self, deed: str, subject: models.Model, *, actor: Member | None, **facts: Any) -> AuditEntry:
        """Name the deed with a digest of what was erased, and keep the erasures under it."""
        left = {
            entry.pk: values_hash(entry)
            for entry in AuditEntry.objects.filter(pk__in=self.entries).order_by().iterator(AT_ONCE)
        }
        entry = record(deed, subject, actor=actor, **facts, **{FACT: digest(left.items())})
        AuditErasure.objects.bulk_create(
            (AuditErasure(entry_id=pk, deed_id=entry.pk, values_hash=values) for pk, values in left.items()),
            batch_size=AT_ONCE,
        )
        return entry


def digest(erasures: Iterable[tuple[UUID, str]]) -> str:
    """SHA-256 over entries and what is left of their values, in the order of the entries' ids."""
    return sha256(sorted([str(pk), values] for pk, values in erasures))


def is_erased(entry: AuditEntry, deeds: dict[UUID, bool]) -> bool:
    """Whether these values are what an erasure left, and its deed stands with the digest of all it erased.

    ``deeds`` remembers which deeds do, from one entry to the next.
    """
    erasures = AuditErasure.objects.filter(entry_id=entry.pk, values_hash=values_hash(entry))
    for deed_id in erasures.values_list("deed_id", flat=True):
        if deed_id not in deeds:
            deeds[deed_id] = _deed_stands(deed_id)
        if deeds[deed_id]:
            return True
    return False


def _deed_stands(deed_id: UUID) -> bool:
    deed = AuditEntry.objects.filter(pk=deed_id).first()
    all_of_it = AuditErasure.objects.filter(deed_id=deed_id).values_list("entry_id", "values_hash")
    return deed is not None and (deed.after or {}).get(FACT) == digest(all_of_it)
