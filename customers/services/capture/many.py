"""Deciding about more captures than one request should hold, batch by batch in a job."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.errors import DomainError, NotFound
from crm.models import Job, Member
from crm.services import jobs
from customers.errors import NoCertainMatch
from customers.models import Capture
from customers.selectors.captures import rows_of
from customers.services.capture import reviewing
from customers.services.many.running import start_undoing

DECIDE, UNDO = "decide_captures", "undo_decide_captures"
ACCEPT, MERGE, REJECT = "accept", "merge", "reject"
BATCH = 100
MOST = 100_000
MOST_TOLD = 1_000


def decide_later(
    *,
    deed: str,
    ids: list[UUID],
    actor: Member,
    owner: Member | None = None,
    reason: str = "",
) -> Job:
    """Accept, reject or merge these captures in the background; those decided meanwhile are left alone and told.

    Merged are those with exactly one certain match, with that; the others go on waiting.
    """
    params = {
        "deed": deed,
        "ids": [str(pk) for pk in ids],
        "owner": str(owner.pk) if owner else None,
        "reason": reason,
    }
    return jobs.start(kind=DECIDE, params=params, actor=actor, total=len(ids))


def decide(job: Job) -> dict[str, Any]:
    """The runner of ``decide_later``; begun anew it finds those done before already decided."""
    ids, refused = job.params["ids"], []
    for start in range(0, len(ids), BATCH):
        with jobs.working_on(job):
            refused += _batch(job, ids[start : start + BATCH])
        jobs.report(job, start + len(ids[start : start + BATCH]))
    with jobs.working_on(job):
        done = reviewing.decided_in(job.pk).count()
    return {"decided": done, "refused": len(refused), "left": refused[:MOST_TOLD]}


def _batch(job: Job, ids: list[str]) -> list[dict[str, str]]:
    actor = job.created_by
    if actor is None or not actor.can("customers.change"):
        raise NotFound
    waiting = Capture.objects.visible_to(actor).filter(pk__in=ids).exclude(decided_in=job.pk)
    rows = list(waiting.select_related("owner"))
    if job.params["deed"] == MERGE:
        done, refused = merge_certain(rows, actor)
        tried = {one.pk for one in (*done, *(one for one, _why in refused))}
        refused += [(one, NoCertainMatch()) for one in rows if one.pk not in tried]
    else:
        _done, refused = reviewing.each(rows, lambda one: _decided(job, one, actor))
    return [{"capture": str(one.pk), "code": why.code} for one, why in refused]


def _decided(job: Job, capture: Capture, actor: Member) -> Capture:
    if job.params["deed"] == REJECT:
        return reviewing.reject(capture=capture, actor=actor, reason=job.params["reason"])
    asked = job.params["owner"]
    owner = Member.objects.active().get(pk=asked) if asked else None
    return reviewing.accept(capture=capture, actor=actor, owner=owner)


def merge_certain(
    captures: list[Capture], actor: Member
) -> tuple[list[Capture], list[tuple[Capture, DomainError]]]:
    """Let each be one with its only certain match; those without one are left as they are, and not told."""
    certain = {
        row.capture.pk: matches[0].customer
        for row in rows_of(captures, actor)
        if len(matches := [one for one in row.possible if one.level == "certain"]) == 1
    }
    chosen = [one for one in captures if one.pk in certain]
    return reviewing.each(
        chosen, lambda one: reviewing.merge(capture=one, customer=certain[one.pk], actor=actor)
    )


def undo_later(*, done: Job, actor: Member) -> Job:
    """Let wait again, in the background, what a job of this member decided."""
    return start_undoing(done=done, actor=actor)


def undo(job: Job) -> dict[str, Any]:
    """The runner of ``undo_later``; what was worked on since stays decided."""
    undone = seen = 0
    after: UUID | None = None
    while True:
        with jobs.working_on(job):
            found, done = _reopen(job, after)
        if not found:
            return {"records": undone, "refused": seen - undone}
        after, seen, undone = found[-1].pk, seen + len(found), undone + done
        jobs.report(job, seen)


def _reopen(job: Job, after: UUID | None) -> tuple[list[Capture], int]:
    """The next of those decided, and how many of them wait again."""
    actor = job.created_by
    if actor is None or not actor.can("customers.change"):
        raise NotFound
    mine = reviewing.decided_in(UUID(job.params["job"])).visible_to(actor).filter(decided_by=actor)
    found = list((mine.filter(pk__gt=after) if after else mine).order_by("pk")[:BATCH])
    done, _refused = reviewing.each(found, lambda one: reviewing.undo(capture=one, actor=actor))
    return found, len(done)
