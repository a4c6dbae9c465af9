"""What is done to many customers at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm import answers
from crm.access import needs
from crm.answers import posted, sheet
from crm.formats import bounded_text
from crm.models import Job, Member
from customers.forms import OwnerForm
from customers.models import Customer
from customers.selectors.lists import customers_of
from customers.services import customers as services
from customers.services import handing
from customers.views.lists import wish_of

AT_ONCE = 10_000


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
