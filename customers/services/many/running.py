"""Deeds to more records than one request should hold, and their undoing: batch by batch in a job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.errors import NotAllowed
from crm.models import Job, Member
from crm.planner import many_rows
from crm.services import jobs
from customers.errors import AlreadyUndone
from customers.services.many.rows import Deed, Rows, rows_named
from customers.services.many.undoing import Undone, changes_of, told_of, undo

BATCH = 2_000


def register_jobs(rows: Rows, *, title: str | Promise, back: str, undo: str, of: Any) -> None:
    """The work of changing these records, and of taking it back; ``back`` and ``undo`` are names of addresses, ``of``
    counts the records."""

    def told(job: Job) -> str:
        return rows.tell(job.params["deed"]["kind"], job.result.get("records", 0))

    jobs.register(
        rows.change_job,
        change,
        repeatable=True,
        title=title,
        back=back,
        told=told,
        undo=undo,
        undo_job=rows.undo_job,
        of=of,
    )
    jobs.register(
        rows.undo_job,
        take_back,
        repeatable=True,
        title=_("Taking back changes"),
        back=back,
        told=told_of,
        of=of,
    )


def change_later(
    *,
    rows: Rows,
    deed: Deed,
    actor: Member,
    total: int,
    query: Mapping[str, str] | None = None,
    ids: Sequence[UUID] = (),
) -> Job:
    """Do it in the background to all that the address's ``query`` finds when the job begins, else to ``ids``."""
    rows.allow(deed, actor)
    params = {
        "rows": rows.name,
        "deed": rows.check(deed).params,
        "query": None if query is None else dict(query),
        "ids": [*map(str, ids)],
    }
    return jobs.start(kind=rows.change_job, params=params, actor=actor, total=total)


def undo_later(*, rows: Rows, done: Job, actor: Member) -> Job:
    """Take back in the background what a job did, also where it was stopped."""
    return start_undoing(done=done, actor=actor, rows=rows.name)


@transaction.atomic
def start_undoing(*, done: Job, actor: Member, **more: str) -> Job:
    """The job that takes ``done`` back: asked twice it is the same, and once it took something back it is refused."""
    Job.objects.select_for_update().get(pk=done.pk)
    before = jobs.undoing_of(done)
    if before and before.finished_at:
        raise AlreadyUndone
    kind, params = jobs.runner_of(done.kind).undo_job, {"job": str(done.pk), **more}
    return before or jobs.start(kind=kind, params=params, actor=actor, total=done.progress)


def change(job: Job) -> dict[str, Any]:
    """The runner of ``change_later``. Started anew after a crash it goes on: what is done already is left alone."""
    rows, deed, changed, seen = rows_named(job.params["rows"]), Deed(**job.params["deed"]), 0, 0
    with jobs.working_on(job):
        rows.check(deed)
        ids = _chosen(job, rows, _actor(job, rows))
    jobs.report(job, 0, total=len(ids) // 16)
    try:
        for batch in batches(ids, BATCH):
            with jobs.working_on(job):
                actor = _actor(job, rows)
                rows.allow(deed, actor)
                changed += rows.apply(deed, batch, actor)
            seen += len(batch)
            jobs.report(job, seen)
    finally:
        # What was done before it was stopped, or failed, stays done.
        with jobs.working_on(job):
            rows.notify(deed, job.created_by)
    return {"records": changed}


def take_back(job: Job) -> dict[str, Any]:
    """The runner of ``undo_later``."""
    rows, request_id = rows_named(job.params["rows"]), UUID(job.params["job"])
    told, before, seen = Undone(), None, 0
    while True:
        with jobs.working_on(job):
            actor = _actor(job, rows)
            changes = changes_of(rows, request_id, actor)
            entries = list((changes.filter(pk__lt=before) if before else changes)[:BATCH])
            if not entries:
                rows.notify_undone(request_id, actor)
                return told.result
            told.add(undo(rows=rows, entries=entries, actor=actor, request_id=request_id))
        before, seen = entries[-1].pk, seen + len(entries)
        jobs.report(job, seen)


def _actor(job: Job, rows: Rows) -> Member:
    if job.created_by is None or not job.created_by.can(rows.capability):
        raise NotAllowed
    return job.created_by


def _chosen(job: Job, rows: Rows, actor: Member) -> bytes:
    if job.params["query"] is None:
        return b"".join(sorted(UUID(pk).bytes for pk in job.params["ids"]))
    return ids_of(rows.asked(job.params["query"], actor))


def ids_of(found: Any) -> bytes:
    """The ids of these records in their order, 16 bytes each: a million of them take 16 MB."""
    ids = bytearray()
    with many_rows():
        for pk in found.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=10_000):
            ids += pk.bytes
    return bytes(ids)


def batches(ids: bytes, size: int) -> Iterator[list[UUID]]:
    """So many at a time, in their order."""
    for start in range(0, len(ids), size * 16):
        part = ids[start : start + size * 16]
        yield [UUID(bytes=part[place : place + 16]) for place in range(0, len(part), 16)]
