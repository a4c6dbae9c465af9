"""Deeds to more customers than one request should hold, and their undoing: batch by batch in a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from crm.errors import NotFound
from crm.models import Job, Member
from crm.services import jobs
from customers.selectors.lists import Wish, customers_of
from customers.services.bulk.deeds import Deed, apply, check, tell_new_owner
from customers.services.bulk.undoing import changes_of, undo
from customers.services.handed import CUSTOMERS
from customers.services.many.passing import tell_taken
from customers.services.many.running import batches, ids_of, start_undoing
from customers.services.many.undoing import Undone

CHANGE, UNDO = "change_customers", "undo_change_customers"
BATCH = 5_000


def change_later(
    *, deed: Deed, actor: Member, total: int, wish: Wish | None = None, ids: Sequence[UUID] = ()
) -> Job:
    """Do it in the background to all that ``wish`` finds when the job begins, else to ``ids``."""
    params = {
        "deed": check(deed, actor).params,
        "wish": asdict(replace(wish, cursor="")) if wish else None,
        "ids": [*map(str, ids)],
    }
    return jobs.start(kind=CHANGE, params=params, actor=actor, total=total)


def undo_later(*, done: Job, actor: Member) -> Job:
    """Take back in the background what a job did, also where it was stopped."""
    return start_undoing(done=done, actor=actor)


def change(job: Job) -> dict[str, Any]:
    """The runner of ``change_later``. Started anew after a crash it goes on: what is done already is as it is to be."""
    deed = Deed(**job.params["deed"])
    with jobs.working_on(job):
        actor = _actor(job)
        check(deed, actor)
        ids = _chosen(job, actor)
    jobs.report(job, 0, total=len(ids) // 16)
    changed = seen = 0
    for batch in batches(ids, BATCH):
        with jobs.working_on(job):
            changed += apply(deed=deed, ids=batch, actor=_actor(job), tells=False)
        seen += len(batch)
        jobs.report(job, seen)
    with jobs.working_on(job):
        tell_new_owner(deed, count=changed, actor=_actor(job))
    return {"records": changed}


def take_back(job: Job) -> dict[str, Any]:
    """The runner of ``undo_later``."""
    request_id, before, seen, told = UUID(job.params["job"]), None, 0, Undone()
    while True:
        with jobs.working_on(job):
            actor = _actor(job)
            changes = changes_of(request_id).filter(member_id=actor.pk)
            found: list[Any] = list(
                (changes.filter(pk__lt=before) if before else changes).values_list("pk", "subject_id")[:BATCH]
            )
            if not found:
                tell_taken(CUSTOMERS, done=request_id, actor=actor)
                return told.result
            told.add(undo(entries=found, request_id=request_id, actor=actor))
        before, seen = found[-1][0], seen + len(found)
        jobs.report(job, seen)


def _actor(job: Job) -> Member:
    if job.created_by is None or not job.created_by.can("customers.change"):
        raise NotFound
    return job.created_by


def _chosen(job: Job, actor: Member) -> bytes:
    if job.params["wish"] is None:
        return b"".join(sorted(UUID(pk).bytes for pk in job.params["ids"]))
    return ids_of(customers_of(Wish(**job.params["wish"]), actor))
