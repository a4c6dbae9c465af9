"""Handing over more customers than one request should hold: batch by batch in a job, and back the same way."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from crm.errors import NotFound
from crm.models import Job, Member
from crm.services import jobs
from customers.models import Customer
from customers.selectors.lists import Wish, customers_of
from customers.services.customers import assign_owner, give_back, handed_over
from customers.services.handed import tell_owner

ASSIGN, UNDO = "assign_owner", "undo_assign_owner"
BATCH = 5_000


def assign_later(*, wish: Wish, owner: Member | None, actor: Member, total: int) -> Job:
    """Hand all that match to one owner, in the background; ``undo_later`` takes it back, also where it was stopped."""
    params = {"wish": asdict(replace(wish, cursor="")), "owner": str(owner.pk) if owner else None}
    return jobs.start(kind=ASSIGN, params=params, actor=actor, total=total)


def undo_later(*, done: Job, actor: Member) -> Job:
    """Give back what a job handed over; those handed on since stay."""
    return jobs.start(kind=UNDO, params={"job": str(done.pk)}, actor=actor, total=done.progress)


def assign(job: Job) -> dict[str, Any]:
    """The runner of ``assign_later``. Who came to match meanwhile is handed over, too, if still ahead."""
    wish, moved, seen, after = Wish(**job.params["wish"]), 0, 0, None
    while True:
        with jobs.working_on(job):
            actor = _actor(job)
            ids = _next(customers_of(wish, actor), after)
            owner = Member.objects.get(pk=job.params["owner"]) if job.params["owner"] else None
            if not ids:
                tell_owner(owner=owner, actor=actor, count=moved)
                return {"customers": moved}
            some = Customer.objects.filter(pk__in=ids)
            moved += assign_owner(customers=some, owner=owner, actor=actor, tells=False)
        after, seen = ids[-1], seen + len(ids)
        jobs.report(job, seen)


def undo(job: Job) -> dict[str, Any]:
    """The runner of ``undo_later``."""
    given, seen, after = 0, 0, None
    while True:
        with jobs.working_on(job):
            actor = _actor(job)
            moves = handed_over(UUID(job.params["job"])).order_by("pk")
            found = list((moves.filter(pk__gt=after) if after else moves)[:BATCH])
            if not found:
                return {"customers": given}
            given += give_back(found, actor=actor, within=Customer.objects.visible_to(actor))
        after, seen = found[-1].pk, seen + len(found)
        jobs.report(job, seen)


def _actor(job: Job) -> Member:
    if job.created_by is None or not job.created_by.can("customers.change"):
        raise NotFound
    return job.created_by


def _next(customers: QuerySet[Customer], after: UUID | None) -> list[UUID]:
    rows = customers.filter(pk__gt=after) if after else customers
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
