"""Checking the chain: the first link that does not hold is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from crm.audit.erasing import is_erased
from crm.audit.sealing import GENESIS, link_hash, unsealed, values_hash
from crm.models import AuditEntry, AuditSeal

OVERDUE = timedelta(hours=2)
CHUNK = 5_000


@dataclass(frozen=True)
class Finding:
    """What does not hold, at which link of the chain (0: outside it) and for which entry."""

    what: str
    position: int = 0
    entry_id: UUID | None = None


@dataclass
class Verdict:
    """How many links were checked, the head they end in, and what was found."""

    links: int = 0
    head: str = GENESIS
    findings: list[Finding] = field(default_factory=list)
    deeds: dict[UUID, bool] = field(default_factory=dict, repr=False)


def verify(*, expect: tuple[int, str] | None = None) -> Verdict:
    """Recompute the open company's chain up to its first broken link.

    ``expect`` is a position and head known from elsewhere (the log, an earlier verdict): it finds out
    a chain that was cut short or made anew.
    """
    verdict = Verdict()
    for seal, entry in _links():
        finding = _check(verdict, seal, entry)
        if finding:
            verdict.findings.append(finding)
            break
        verdict.links, verdict.head = seal.position, seal.hash
        if expect and expect[0] == seal.position and expect[1] != seal.hash:
            verdict.findings.append(Finding("the chain was made anew: another head is known", seal.position))
            break
    else:
        if expect and expect[0] > verdict.links:
            verdict.findings.append(Finding("the chain was cut short: a later head is known", verdict.links))
        verdict.findings += _never_sealed()
    return verdict


def _check(verdict: Verdict, seal: AuditSeal, entry: AuditEntry | None) -> Finding | None:
    """The finding at this link, if it does not continue the verdict so far."""
    position = verdict.links + 1
    if seal.position != position:
        return Finding("a seal is missing", position)
    if entry is None:
        return Finding("a sealed entry is missing", position, seal.entry_id)
    if values_hash(entry) != seal.values_hash and not is_erased(entry, verdict.deeds):
        return Finding("the values of an entry were changed", position, entry.pk)
    if link_hash(entry, position=position, previous=verdict.head, values=seal.values_hash) != seal.hash:
        return Finding("an entry's who, when or what was changed, or the order", position, entry.pk)
    return None


def _links() -> Iterator[tuple[AuditSeal, AuditEntry | None]]:
    """Seals in order, each with its entry."""
    position = -1
    while seals := list(AuditSeal.objects.filter(position__gt=position).order_by("position")[:CHUNK]):
        entries = AuditEntry.objects.in_bulk([seal.entry_id for seal in seals])
        yield from ((seal, entries.get(seal.entry_id)) for seal in seals)
        position = seals[-1].position


def _never_sealed() -> list[Finding]:
    """Entries that should have been sealed long ago: a seal was removed from the end, or none is made."""
    old = unsealed(None).filter(at__lt=timezone.now() - OVERDUE).values_list("pk", flat=True)[:1]
    return [Finding("an entry has no seal", entry_id=pk) for pk in old]
