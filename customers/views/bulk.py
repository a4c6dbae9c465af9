"""What is done to many customers at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from crm import answers
from crm.access import needs
from crm.answers import posted, refuse, sheet
from crm.errors import DomainError, NotFound
from crm.formats import bounded_text, number_text
from crm.models import Job
from crm.saved_views.lists import refuse_unknown
from customers.forms import OwnerForm
from customers.lists import LIST
from customers.many_forms import ManyForm, TagForm
from customers.models import Customer
from customers.selectors.lists import customers_of
from customers.services.bulk import deeds, running, tagging, undoing
from customers.services.bulk.deeds import Deed
from customers.services.handed import CUSTOMERS
from customers.services.many.passing import tell_taken
from customers.services.many.undoing import refuse_second, told
from customers.views.lists import wish_of
from customers.views.many import choice_of, every, undo_url

COUNTED = 10_000
WHILE_ONE_WAITS = 1_000


@needs("customers.change")
def assign(request: HttpRequest) -> HttpResponse:
    """Hand the chosen customers, or all that match, to one owner; can be taken back."""
    form = OwnerForm(posted(request))
    return _sheet(
        request,
        form,
        lambda: Deed(deeds.EDIT, {"owner": form.owner_id}),
        lambda count: ngettext("Owner of %(count)s customer", "Owner of %(count)s customers", count),
        submit=_("Assign"),
    )


@needs("customers.change")
def edit(request: HttpRequest) -> HttpResponse:
    """Give the chosen customers, or all that match, some facts in common; can be taken back."""
    form = ManyForm(posted(request))
    return _sheet(
        request,
        form,
        lambda: Deed(deeds.EDIT, *form.changes),
        lambda count: ngettext("Edit %(count)s customer", "Edit %(count)s customers", count),
        submit=pgettext("many records", "Change"),
        lead=_("Only what you fill in or tick changes."),
    )


@needs("customers.change")
def tag(request: HttpRequest) -> HttpResponse:
    """Add tags to the chosen customers, or all that match, and take others off; can be taken back."""
    form = TagForm(posted(request), fields=tagging.tag_fields())
    return _sheet(
        request,
        form,
        lambda: Deed(deeds.TAG, form.changes),
        lambda count: ngettext("Tag %(count)s customer", "Tag %(count)s customers", count),
        submit=_("Tag"),
    )


@require_POST
@needs("customers.delete")
def delete(request: HttpRequest) -> HttpResponse:
    """Delete the chosen customers, or all that match; can be taken back."""
    return _done(request, _chosen(request), Deed(deeds.DELETE))


@require_POST
@needs("customers.change")
def undo(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Take back what one request did; cells that others changed since stay."""
    if not undoing.done_by(request_id, request.member):
        raise NotFound
    refuse_second(undoing.NAME, request_id=request_id, actor=request.member)
    entries = list(undoing.changes_of(request_id).values_list("pk", "subject_id"))
    undone = undoing.undo(entries=entries, request_id=request_id, actor=request.member)
    tell_taken(CUSTOMERS, done=request_id, actor=request.member)
    messages.success(request, told(undone.records, undone.kept_count))
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})


@require_POST
@needs("customers.change")
def undo_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back, in the background, what a job did."""
    done = get_object_or_404(Job, pk=pk, kind=running.CHANGE, created_by=request.member)
    job = running.undo_later(done=done, actor=request.member)
    return answers.go(reverse("job", args=[job.pk]))


def _sheet(
    request: HttpRequest,
    form: Form,
    deed: Callable[[], Deed],
    title: Callable[[int], str],
    **texts: str,
) -> HttpResponse:
    """Ask for what the deed needs, then do it."""
    chosen = _chosen(request)
    if form.is_bound and form.is_valid():
        try:
            return _done(request, chosen, deed())
        except DomainError as error:
            refuse(form, error)
    count = chosen.at_most(COUNTED + 1)
    return sheet(request, form, title(count) % {"count": bounded_text(count, limit=COUNTED)}, **texts)


def _done(request: HttpRequest, chosen: Any, deed: Deed) -> HttpResponse:
    """Do it now, with a way back in the message; in the background where one would have to wait."""
    deed = deeds.check(deed, request.member)
    ids = list(chosen.order_by().values_list("pk", flat=True)[: WHILE_ONE_WAITS + 1])
    if len(ids) > WHILE_ONE_WAITS:
        total = chosen.order_by().count()
        which: Any = (
            {"wish": wish_of(request)}
            if every(request)
            else {"ids": list(chosen.values_list("pk", flat=True))}
        )
        job = running.change_later(deed=deed, actor=request.member, total=total, **which)
        return answers.go(reverse("job", args=[job.pk]))
    count = deeds.apply(deed=deed, ids=ids, actor=request.member)
    back = f"undo:{undo_url('customers:undo-many')}" if count else ""
    messages.success(request, _words(deed, count), extra_tags=back)
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})


def _words(deed: Deed, count: int) -> str:
    if deed.kind == deeds.DELETE:
        told = ngettext("%(count)s customer deleted.", "%(count)s customers deleted.", count)
    else:
        told = ngettext("%(count)s customer changed.", "%(count)s customers changed.", count)
    return told % {"count": number_text(count)}


def _chosen(request: HttpRequest) -> Any:
    if every(request):
        refuse_unknown(LIST, request.GET)
        return customers_of(wish_of(request), request.member)
    ids = []
    for text in choice_of(request).getlist("ids"):
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return Customer.objects.living().visible_to(request.member).filter(pk__in=ids)
