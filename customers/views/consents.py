"""Consents on the customer's record."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.access import needs
from crm.answers import done, posted, sheet, taken
from customers.consent_forms import ConsentForm
from customers.selectors.consents import consents_of
from customers.services.consents import record_consent
from customers.views.finding import customer_or_404


@needs("customers.change")
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down that somebody gives or withdraws a consent; below stand all words so far."""
    customer = customer_or_404(request, pk)
    initial = {"at": timezone.localtime().replace(second=0, microsecond=0)}
    form = ConsentForm(posted(request), customer=customer, initial=initial)
    if taken(form, partial(record_consent, customer=customer, actor=request.member)):
        return done(_("Noted"))
    return sheet(
        request,
        form,
        _("Consent of %(name)s") % {"name": customer.name},
        submit=_("Write down"),
        notice_template="customers/privacy/_words.html",
        words=consents_of(customer),
    )
