"""Contact data that needs somebody: what came back, what is old, what is missing."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import needs
from crm.answers import done
from customers.services import bounces
from customers.views.finding import bounce_or_404


@require_POST
@needs("customers.change")
def works_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Somebody knows that an address takes mail after all."""
    bounce = bounces.clear_address(bounce=bounce_or_404(request, pk), actor=request.member)
    undo = reverse("customers:address-bounced", args=[bounce.pk])
    return done(_("%(address)s takes mail again.") % {"address": bounce.email_norm}, undo_url=undo)


@require_POST
@needs("customers.change")
def bounced_after_all(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take that back."""
    bounce = bounces.mark_again(bounce=bounce_or_404(request, pk), actor=request.member)
    return done(_("%(address)s is marked again.") % {"address": bounce.email_norm})
