"""A job's own page: how far it is, stopping it, and the way back from what it did."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm import answers
from crm.access import needs
from crm.formats import exact_text, moment_text, number_text
from crm.models import Job
from crm.services import jobs

RUNNING = {Job.State.WAITING, Job.State.RUNNING}


@require_GET
@needs("today.view")
def job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The page; the bar alone where it asks for itself anew."""
    found = _own(request, pk)
    runner = jobs.runner_of(found.kind)
    running = found.state in RUNNING
    taken_back = None if running else jobs.undoing_of(found)
    undo = runner.undo and not running and found.progress and not taken_back
    page = {
        "job": found,
        "runner": runner,
        "started": _("Started %(when)s") % {"when": moment_text(found.created_at)},
        "share": _progress(found, runner),
        "state": "running" if running else found.state,
        "text": _text(found, runner, undo=bool(undo)),
        "undone": _undone(taken_back) if taken_back else {},
        "cancel_url": reverse("cancel-job", args=[pk]) if running and not found.cancel_asked_at else "",
        "undo_url": reverse(runner.undo, args=[pk]) if undo else "",
        "file_url": reverse(runner.file, args=[pk]) if runner.file and found.state == Job.State.DONE else "",
        "place_url": runner.place(found) if runner.place and found.state == Job.State.DONE else "",
    }
    return render(request, "crm/_job.html" if request.htmx else "crm/job.html", page)


def _progress(job: Job, runner: jobs.Runner) -> str:
    """How much of it is done, and of what; in per cent where its steps are nothing that one would count."""
    if not job.total or not (runner.share or runner.of):
        return ""
    if runner.share:
        return f"{100 * job.progress // job.total}%"
    counted = {"done": number_text(job.progress), "total": number_text(job.total)}
    return str(runner.of % {"number": job.total, **counted})


def _text(job: Job, runner: jobs.Runner, *, undo: bool) -> str:
    """What there is to say of it now, in a sentence."""
    if job.state in RUNNING and job.cancel_asked_at:
        return _("It stops when the step it is at has ended.")
    if job.state == Job.State.CANCELLED:
        kept = _("What was done before it was stopped stays; Undo takes it back.") if undo else ""
        return kept or str(runner.stopped)
    return job.message or (runner.told(job) if job.state == Job.State.DONE and runner.told else "")


def _undone(taken_back: Job) -> dict[str, str]:
    """That it was taken back, or is being: by whom and when, and the page of it."""
    page = {"url": reverse("job", args=[taken_back.pk]), "text": _("Being undone")}
    if taken_back.finished_at:
        by, at = taken_back.created_by, taken_back.finished_at
        told = {"name": by.display_name if by else "–", "when": moment_text(at)}
        page |= {"text": _("Undone by %(name)s, %(when)s") % told, "exact": exact_text(at)}
    return page


@require_POST
@needs("today.view")
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    jobs.cancel(_own(request, pk))
    return answers.go(reverse("job", args=[pk]))


def _own(request: HttpRequest, pk: UUID) -> Job:
    """A job the member started; others' are not found, nor are those of a kind with a page elsewhere."""
    shown = [runner.kind for runner in jobs.all_runners() if runner.title]
    return get_object_or_404(Job, pk=pk, created_by=request.member, kind__in=shown)
