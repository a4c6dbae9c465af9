"""Long work in the background: started as a row, run by the worker, watched and cancelled by people.

A runner is a plain function ``run(job)``. It is called with no transaction open, opens
``working_on(job)`` around each batch, and calls ``report`` between batches, which also tells it to stop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy

from crm.errors import Conflict, DomainError
from crm.models import Job, Member, Tenant, WakeUp
from crm.people.selectors import language_of
from crm.services.job_notes import tell_ended
from crm.tenancy.context import act_as, current_tenant_id, tenant_context

logger = logging.getLogger(__name__)
Run = Callable[[Job], dict[str, Any] | None]
FAULT = gettext_lazy(
    "Something went wrong on our side. What was done before is kept; the log has the details."
)
WORKER_ENDED = gettext_lazy("The worker ended before the job was done. Start it again.")


class JobCancelled(Exception):
    """Somebody asked the job to stop; the runner lets this pass."""


class JobFinished(Conflict):
    """The job is over; there is nothing to cancel."""

    code = "job_finished"
    message = gettext_lazy("This job has already ended.")


@dataclass(frozen=True)
class Runner:
    """What runs jobs of a kind, and whether it may start anew after its worker died.

    With a ``title`` jobs of the kind have a page: it tells the result by ``told``, leads back to ``back`` and
    offers ``undo`` and the ``file`` it made; all are names of addresses, the latter two take the job's id. ``undo_job``
    is the kind of the jobs that take it back, with its id as ``job`` and ``records`` in their result. ``details``
    is a template that tells more of the result below it. Progress is told by ``of``, a lazy plural with ``done`` and
    ``total`` that says of what, or with ``share`` in per cent. Who started it
    is told how it ended: by the ``title``, else by ``name`` where the job has no page of its own but a ``place``;
    with both, its page leads on to the place. ``noted`` names the very job instead, or nothing where nobody is told.
    ``stopped`` says what a cancelled one left behind; ``leave`` settles what one that was cancelled before it ran
    had set aside for it.
    """

    kind: str
    run: Run
    repeatable: bool = False
    title: str | Promise = ""
    back: str = ""
    told: Callable[[Job], str] | None = None
    undo: str = ""
    undo_job: str = ""
    file: str = ""
    details: str = ""
    share: bool = False
    of: Any = ""
    name: str | Promise = ""
    place: Callable[[Job], str] | None = None
    noted: Callable[[Job], str] | None = None
    stopped: str | Promise = ""
    leave: Callable[[Job], None] | None = None


_runners: dict[str, Runner] = {}


def register(kind: str, run: Run, *, repeatable: bool = False, **page: Any) -> Runner:
    """Name the runner of a kind, from an app's ``jobs.py``. Its result is kept on the job."""
    runner = Runner(kind, run, repeatable, **page)
    if _runners.setdefault(kind, runner) != runner:
        raise ValueError(f"job {kind!r} has two runners")
    return runner


def runner_of(kind: str) -> Runner:
    return _runners[kind]


def all_runners() -> list[Runner]:
    return list(_runners.values())


def discover() -> None:
    autodiscover_modules("jobs")


@transaction.atomic
def start(*, kind: str, params: dict[str, Any], actor: Member | None, total: int | None = None) -> Job:
    """Write the job down; a worker takes it within moments of the commit."""
    from crm import tasks  # the worker's entrance imports this module

    job = Job.objects.create(kind=kind, params=params, created_by=actor, total=total)
    tenant_id = current_tenant_id()
    WakeUp.objects.create(tenant_id=tenant_id, at=timezone.now())
    transaction.on_commit(lambda: tasks.hint(tenant_id), robust=True)
    return job


@transaction.atomic
def cancel(job: Job) -> Job:
    """Ask a job to stop: at once when it waits, else after its current batch."""
    now = timezone.now()
    mine = Job.objects.filter(pk=job.pk)
    changes = {"cancel_asked_at": now, "finished_at": now, "state": Job.State.CANCELLED}
    waited = mine.waiting().update(**changes)
    if not waited and not mine.running().update(cancel_asked_at=now):
        raise JobFinished
    job.refresh_from_db()
    runner = _runners.get(job.kind)
    if waited and runner and runner.leave:
        runner.leave(job)
    return job


def undoing_of(job: Job) -> Job | None:
    """The job that is taking this one back, or took something of it back."""
    kind = runner_of(job.kind).undo_job
    asked = Job.objects.filter(kind=kind, params__job=str(job.pk)).select_related("created_by")
    counts = Q(finished_at=None) | Q(state=Job.State.DONE, result__records__gt=0)
    return asked.filter(counts).order_by("-created_at").first() if kind else None


@contextmanager
def working_on(job: Job) -> Iterator[None]:
    """The job's company, in one transaction, in the name of who started it and in the company's language.

    The history keeps all a job changes under one request id: the job's own.
    """
    with tenant_context(job.tenant_id, member_id=job.created_by_id, request_id=job.pk, source="worker"):
        if job.created_by is not None:
            act_as(job.created_by_id, sees_personal=job.created_by.can("customers.personal"))
        tenant = Tenant.objects.get(pk=job.tenant_id)
        with translation.override(tenant.locale), timezone.override(tenant.zone):
            yield


def report(job: Job, progress: int, message: str = "", *, total: int | None = None) -> None:
    """Tell how far the job is, seen by everybody at once; raises ``JobCancelled`` when it is to stop.

    Inside an open transaction it is told through a connection of its own.
    """
    changes: dict[str, Any] = {"progress": progress, "claimed_until": _lease()}
    changes |= {"message": message} if message else {}
    changes |= {"total": total} if total is not None else {}
    if connection.in_atomic_block:
        asked = _aside(lambda: _tell(job, changes))
    else:
        asked = _tell(job, changes)
    if asked:
        raise JobCancelled


@contextmanager
def heeding(job: Job, *, every: float = 1.0) -> Iterator[None]:
    """Around statements that take long and report nothing: whoever stops the job ends the one that runs.

    ``JobCancelled`` then takes the transaction back, also where it was asked for after the last of them. The lease
    is kept meanwhile.
    """
    over, asked, held = Event(), Event(), connection.connection

    def watch() -> None:
        try:
            while not over.wait(every):
                if _tell(job, {"claimed_until": _lease()}):
                    asked.set()
                    held.cancel()
        finally:
            connection.close()

    thread = Thread(target=watch)
    thread.start()
    try:
        yield
    except Exception as error:
        if asked.is_set():
            raise JobCancelled from error
        raise
    finally:
        over.set()
        thread.join()
    if asked.is_set() or _aside(lambda: _tell(job, {"claimed_until": _lease()})):
        raise JobCancelled


def run(*, tenant_id: UUID | str, job_id: UUID | str) -> bool:
    """Run a waiting job to its end; False when somebody else has it or it is over."""
    job = _claim(tenant_id, job_id)
    if job is None:
        return False
    try:
        runner = _runners.get(job.kind)
        if runner is None:
            raise LookupError(f"Nothing runs jobs of kind {job.kind!r}.")
        result = runner.run(job)
        _finish(job, Job.State.DONE, result=result or {})
    except JobCancelled:
        _finish(job, Job.State.CANCELLED)
    except DomainError as error:
        _finish(job, Job.State.FAILED, message=error)
    except Exception:
        logger.exception("job %s of kind %s failed", job.pk, job.kind)
        _finish(job, Job.State.FAILED, message=FAULT)
    return True


def take_up() -> list[UUID]:
    """The jobs a worker must run now. Those whose worker died wait again, or have failed."""
    for job in Job.objects.abandoned(timezone.now()):
        runner = _runners.get(job.kind)
        gone = Job.objects.filter(pk=job.pk, claimed_until=job.claimed_until)
        if job.cancel_asked_at:
            gone.update(state=Job.State.CANCELLED, finished_at=timezone.now())
        elif runner and runner.repeatable:
            gone.update(state=Job.State.WAITING, claimed_until=None, progress=0)
        else:
            message = _in_words(job, WORKER_ENDED)
            if gone.update(state=Job.State.FAILED, finished_at=timezone.now(), message=message):
                _tell_ended(job)
    return list(Job.objects.waiting().order_by("created_at").values_list("pk", flat=True))


def next_moment() -> datetime | None:
    """When the earliest running job would count as abandoned."""
    running = Job.objects.filter(state=Job.State.RUNNING)
    return running.order_by("claimed_until").values_list("claimed_until", flat=True).first()


def _claim(tenant_id: UUID | str, job_id: UUID | str) -> Job | None:
    with tenant_context(tenant_id, source="worker"):
        changes = {"state": Job.State.RUNNING, "started_at": timezone.now(), "claimed_until": _lease()}
        if not Job.objects.waiting().filter(pk=job_id).update(**changes):
            return None
        return Job.objects.get(pk=job_id)


def _finish(job: Job, state: str, *, message: object = "", **changes: Any) -> None:
    with tenant_context(job.tenant_id, source="worker"):
        if message:
            changes["message"] = _in_words(job, message)
        mine = Job.objects.running().filter(pk=job.pk)
        if mine.update(state=state, finished_at=timezone.now(), claimed_until=None, **changes):
            _tell_ended(job)


def _in_words(job: Job, message: object) -> str:
    """The message in the language of who started the job, else in the company's; within the company's context."""
    tenant = Tenant.objects.get(pk=job.tenant_id)
    with translation.override(language_of(job.created_by, tenant) if job.created_by else tenant.locale):
        return str(message)


def _tell_ended(job: Job) -> None:
    """Who started it hears how it ended, in the same transaction."""
    runner = _runners.get(job.kind)
    if runner is not None:
        job.refresh_from_db()
        noted = runner.noted or (lambda _job: str(runner.title or runner.name))
        tell_ended(job, noted=noted, told=runner.told, place=runner.place)


def _tell(job: Job, changes: dict[str, Any]) -> bool:
    """Write it down; True when the job is to stop, because it was asked to or because it was taken away."""
    with tenant_context(job.tenant_id, source="worker"):
        held = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING)
        held.update(**changes)
        return held.exclude(cancel_asked_at=None).exists()


def _aside(tell: Callable[[], bool]) -> bool:
    """``tell`` in a thread, which has a connection and a context of its own."""
    answers: list[bool] = []

    def work() -> None:
        try:
            answers.append(tell())
        finally:
            connection.close()

    thread = Thread(target=work)
    thread.start()
    thread.join()
    return any(answers)


def _lease() -> datetime:
    return timezone.now() + timedelta(seconds=settings.JOB_LEASE)
