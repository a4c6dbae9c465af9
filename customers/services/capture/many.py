"""Deciding about more captures than one request should hold, batch by batch in a job."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.errors import NotFound
from crm.models import Job, Member
from crm.services import jobs
from customers.models import Capture
from customers.services.capture import reviewing

DECIDE = "decide_captures"
ACCEPT, REJECT = "accept", "reject"
BATCH = 100
MOST_TOLD = 1_000


def decide_later(
    *,
    deed: str,
    ids: list[UUID],
    actor: Member,
    owner: Member | None = None,
    reason: str = "",
) -> Job:
    """Accept or reject these captures in the background; those decided meanwhile are left alone and told."""
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
    _done, refused = reviewing.each(rows, lambda one: _decided(job, one, actor))
    return [{"capture": str(one.pk), "code": why.code} for one, why in refused]


def _decided(job: Job, capture: Capture, actor: Member) -> Capture:
    if job.params["deed"] == REJECT:
        return reviewing.reject(capture=capture, actor=actor, reason=job.params["reason"])
    asked = job.params["owner"]
    owner = Member.objects.active().get(pk=asked) if asked else None
    return reviewing.accept(capture=capture, actor=actor, owner=owner)
