"""What a customer gives back."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from uuid import UUID

from babel.numbers import get_currency_precision
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.access import needs
from crm.answers import done, posted, refuse, sheet
from crm.errors import DomainError, NotFound
from customers.forms import ReturnForm
from customers.models import Purchase
from customers.services import purchases as services
from customers.views.finding import customer_or_404


@needs("customers.change")
def take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down that a purchase, or part of it, was returned."""
    purchase = Purchase.objects.filter(pk=pk).first()
    if purchase is None:
        raise NotFound
    customer = customer_or_404(request, purchase.customer_id)
    digits = get_currency_precision(purchase.currency)
    form: forms.Form = ReturnForm(
        posted(request),
        initial={"on": timezone.localdate(), "amount": Decimal(purchase.amount).scaleb(-digits)},
    )
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        day = datetime.combine(given["on"], time(12), tzinfo=timezone.get_current_timezone())
        try:
            services.record_return(
                purchase=purchase,
                actor=request.member,
                returned_at=min(day, timezone.now()),
                amount=int(given["amount"].scaleb(digits)),
                reason=given["reason"],
            )
            return done(_("Return written down"))
        except DomainError as error:
            refuse(form, error)
    title = _("Return of %(order)s") % {"order": purchase.order_no or customer.name}
    return sheet(request, form, title, lead=purchase.currency, submit=_("Write down"))
