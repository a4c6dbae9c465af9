"""What is done to the chosen records of a list, or to all that match: now, with a way back, or in the background."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from crm import answers
from crm.errors import DomainError, NotFound
from crm.formats import bounded_text
from crm.models import Job
from crm.saved_views.lists import list_of, refuse_unknown
from crm.tenancy.context import current
from customers.services.many import running, undoing
from customers.services.many.rows import Deed, Rows

COUNTED = 10_000
WHILE_ONE_WAITS = 500
_NOT_ASKED = frozenset({"ids", "all", "cursor"})


def query_of(request: HttpRequest) -> dict[str, str]:
    """What the list's address asks for."""
    return {name: value for name, value in request.GET.items() if name not in _NOT_ASKED}


def choice_of(request: HttpRequest) -> Any:
    """Where the choice of rows stands: in a sheet's address; a button without a sheet posts it."""
    posts = "ids" in request.POST or "all" in request.POST
    return request.POST if posts else request.GET


def every(request: HttpRequest) -> bool:
    """Whether all that match are meant."""
    return bool(choice_of(request).get("all") == "1")


def chosen(request: HttpRequest, rows: Rows) -> Any:
    """The records meant: those named, or all that match."""
    if every(request):
        refuse_unknown(list_of(rows.name.replace("_", "-")), query_of(request))
        return rows.asked(query_of(request), request.member)
    return rows.seen(request.member).filter(pk__in=_ids(choice_of(request).getlist("ids")))


def _ids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError as error:
        raise NotFound from error


def deed_sheet(
    request: HttpRequest,
    rows: Rows,
    form: BaseForm,
    deed: Callable[[], Deed],
    *,
    title: Callable[[int, str], str],
    submit: str,
    undo: str,
    **more: Any,
) -> HttpResponse:
    """Ask for what the deed needs, then do it. ``title`` is told how many there are, as a number and in words; ``more``
    goes to the sheet.
    """
    found = chosen(request, rows)
    if form.is_bound and form.is_valid():
        try:
            return _done(request, rows, found, deed(), undo=undo)
        except DomainError as error:
            answers.refuse(form, error)
    count = found.order_by().at_most(COUNTED + 1)
    told_many = title(count, bounded_text(count, limit=COUNTED))
    return answers.sheet(request, form, told_many, submit=submit, **more)


def _done(request: HttpRequest, rows: Rows, found: Any, deed: Deed, *, undo: str) -> HttpResponse:
    rows.allow(deed, request.member)
    deed = rows.check(deed)
    ids = list(found.order_by().values_list("pk", flat=True)[: WHILE_ONE_WAITS + 1])
    if len(ids) > WHILE_ONE_WAITS:
        job = running.change_later(
            rows=rows,
            deed=deed,
            actor=request.member,
            total=found.order_by().count(),
            query=query_of(request) if every(request) else None,
            ids=[] if every(request) else list(found.order_by().values_list("pk", flat=True)),
        )
        return answers.go(reverse("job", args=[job.pk]))
    count = rows.apply(deed, ids, request.member)
    rows.notify(deed, request.member)
    return answers.done(rows.tell(deed.kind, count), undo_url=undo_url(undo) if count else "")


def undo_url(name: str) -> str:
    """Where what this request did is taken back."""
    return reverse(name, args=[current().request_id])


def undone(request: HttpRequest, rows: Rows, request_id: UUID) -> HttpResponse:
    """Take back what the member did in one request; cells that others changed since stay."""
    entries = list(undoing.changes_of(rows, request_id, request.member))
    if not entries:
        raise NotFound
    undoing.refuse_second(rows.name, request_id=request_id, actor=request.member)
    back = undoing.undo(rows=rows, entries=entries, actor=request.member, request_id=request_id)
    rows.notify_undone(request_id, request.member)
    return answers.done(undoing.told(back.records, back.kept_count))


def undone_later(request: HttpRequest, rows: Rows, pk: UUID) -> HttpResponse:
    """Take back, in the background, what a job did."""
    done = get_object_or_404(Job, pk=pk, kind=rows.change_job, created_by=request.member)
    job = running.undo_later(rows=rows, done=done, actor=request.member)
    return answers.go(reverse("job", args=[job.pk]))
