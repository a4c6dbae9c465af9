"""What is done to many customers at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
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
from crm.models import Job, Member
from customers.forms import ManyForm, OwnerForm, TagForm
from customers.models import Customer
from customers.selectors.lists import customers_of
from customers.services import customers as services
from customers.services import handing
from customers.services.bulk import deeds, running, tagging, undoing
from customers.services.bulk.deeds import Deed
from customers.views.lists import wish_of

AT_ONCE = 10_000
WHILE_ONE_WAITS = 1_000


@needs("customers.change")
def assign(request: HttpRequest) -> HttpResponse:
    """Hand the chosen customers, or all that match, to one owner; can be taken back."""
    chosen = _chosen(request)
    form = OwnerForm(posted(request))
    if form.is_bound and form.is_valid():
        if chosen.at_most(AT_ONCE + 1) > AT_ONCE:
            return _assign_later(request, chosen, form.cleaned_data["owner"])
        count = services.assign_owner(
            customers=chosen, owner=form.cleaned_data["owner"], actor=request.member
        )
        text = ngettext("%(count)s customer handed over.", "%(count)s customers handed over.", count) % {
            "count": count
        }
        undo = reverse("customers:undo-assign", args=[services.request_id()])
        messages.success(request, text, extra_tags=f"undo:{undo}" if count else "")
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    count = chosen.at_most(AT_ONCE + 1)
    told = bounded_text(count, limit=AT_ONCE)
    title = ngettext("Owner of %(count)s customer", "Owner of %(count)s customers", count) % {"count": told}
    action = f"{reverse('customers:assign')}?{request.GET.urlencode()}"
    return sheet(request, form, title=title, action=action, submit=_("Assign"))


def _assign_later(request: HttpRequest, chosen: Any, owner: Member | None) -> HttpResponse:
    """More than one request should hold: in the background, with a page that shows how far it is."""
    job = handing.assign_later(
        wish=wish_of(request), owner=owner, actor=request.member, total=chosen.order_by().count()
    )
    return answers.go(reverse("job", args=[job.pk]))


@require_POST
@needs("customers.change")
def undo_assign_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give back, in the background, what a job handed over."""
    done = get_object_or_404(Job, pk=pk, kind=handing.ASSIGN, created_by=request.member)
    job = handing.undo_later(done=done, actor=request.member)
    return answers.go(reverse("job", args=[job.pk]))


@require_POST
@needs("customers.change")
def undo_assign(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Give the customers of one hand-over back."""
    within = Customer.objects.visible_to(request.member)
    count = services.undo_assignment(request_id=request_id, actor=request.member, within=within)
    text = ngettext("%(count)s customer given back.", "%(count)s customers given back.", count) % {
        "count": count
    }
    messages.success(request, text)
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})


@needs("customers.change")
def edit(request: HttpRequest) -> HttpResponse:
    """Give the chosen customers, or all that match, some facts in common; can be taken back."""
    chosen = _chosen(request)
    form = ManyForm(posted(request))
    if form.is_bound and form.is_valid():
        values, custom = form.changes
        try:
            return _done(request, chosen, Deed(deeds.EDIT, values, custom))
        except DomainError as error:
            refuse(form, error)
    count = chosen.at_most(AT_ONCE + 1)
    told = bounded_text(count, limit=AT_ONCE)
    title = ngettext("Edit %(count)s customer", "Edit %(count)s customers", count) % {"count": told}
    action = f"{reverse('customers:edit-many')}?{request.GET.urlencode()}"
    lead = _("Only what you fill in or tick changes.")
    return sheet(
        request, form, title=title, lead=lead, action=action, submit=pgettext("many records", "Change")
    )


@needs("customers.change")
def tag(request: HttpRequest) -> HttpResponse:
    """Add tags to the chosen customers, or all that match, and take others off; can be taken back."""
    chosen = _chosen(request)
    form = TagForm(posted(request), fields=tagging.tag_fields())
    if form.is_bound and form.is_valid():
        try:
            return _done(request, chosen, Deed(deeds.TAG, form.changes))
        except DomainError as error:
            refuse(form, error)
    count = chosen.at_most(AT_ONCE + 1)
    told = bounded_text(count, limit=AT_ONCE)
    title = ngettext("Tag %(count)s customer", "Tag %(count)s customers", count) % {"count": told}
    action = f"{reverse('customers:tag-many')}?{request.GET.urlencode()}"
    return sheet(request, form, title=title, action=action, submit=_("Tag"))


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
    entries = list(undoing.changes_of(request_id).values_list("pk", "subject_id"))
    undone = undoing.undo(entries=entries, request_id=request_id, actor=request.member)
    messages.success(request, undoing.told(undone.customers, undone.kept_count))
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})


@require_POST
@needs("customers.change")
def undo_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back, in the background, what a job did."""
    done = get_object_or_404(Job, pk=pk, kind=running.CHANGE, created_by=request.member)
    job = running.undo_later(done=done, actor=request.member)
    return answers.go(reverse("job", args=[job.pk]))


def _done(request: HttpRequest, chosen: Any, deed: Deed) -> HttpResponse:
    """Do it now, with a way back in the message; in the background where one would have to wait."""
    deed = deeds.check(deed, request.member)
    ids = list(chosen.order_by().values_list("pk", flat=True)[: WHILE_ONE_WAITS + 1])
    if len(ids) > WHILE_ONE_WAITS:
        total = chosen.order_by().count()
        job = running.change_later(deed=deed, actor=request.member, total=total, wish=wish_of(request))
        return answers.go(reverse("job", args=[job.pk]))
    count = deeds.apply(deed=deed, ids=ids, actor=request.member)
    undo_url = reverse("customers:undo-many", args=[services.request_id()])
    messages.success(request, _words(deed, count), extra_tags=f"undo:{undo_url}" if count else "")
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})


def _words(deed: Deed, count: int) -> str:
    if deed.kind == deeds.DELETE:
        told = ngettext("%(count)s customer deleted.", "%(count)s customers deleted.", count)
    else:
        told = ngettext("%(count)s customer changed.", "%(count)s customers changed.", count)
    return told % {"count": number_text(count)}


def _chosen(request: HttpRequest) -> Any:
    if request.GET.get("all") == "1":
        return customers_of(wish_of(request), request.member)
    ids = []
    for text in request.GET.getlist("ids"):
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return Customer.objects.living().visible_to(request.member).filter(pk__in=ids)
