"""What is done to many customers at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm.access import needs
from crm.answers import posted, sheet
from customers.errors import TooMany
from customers.forms import OwnerForm
from customers.models import Customer
from customers.selectors.lists import customers_of
from customers.services import customers as services
from customers.views.lists import wish_of

MOST = 10_000


@needs("customers.change")
def assign(request: HttpRequest) -> HttpResponse:
    """Hand the chosen customers, or all that match, to one owner; can be taken back."""
    chosen = _chosen(request)
    form = OwnerForm(posted(request))
    if form.is_bound and form.is_valid():
        if chosen.at_most(MOST + 1) > MOST:
            raise TooMany
        count = services.assign_owner(
            customers=chosen, owner=form.cleaned_data["owner"], actor=request.member
        )
        text = ngettext("%(count)s customer handed over.", "%(count)s customers handed over.", count) % {
            "count": count
        }
        undo = reverse("customers:undo-assign", args=[services.request_id()])
        messages.success(request, text, extra_tags=f"undo:{undo}" if count else "")
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    count = chosen.at_most(MOST + 1)
    title = ngettext("Owner of %(count)s customer", "Owner of %(count)s customers", count) % {"count": count}
    action = f"{reverse('customers:assign')}?{request.GET.urlencode()}"
    return sheet(request, form, title=title, action=action, submit=_("Assign"))


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
