"""Keeping what people agreed to and took back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import audit
from crm.errors import DomainError
from crm.models import Member
from customers.models import Consent, Contact, Customer


@transaction.atomic
def record_consent(
    *,
    customer: Customer,
    channel: str,
    purpose: str,
    given: bool,
    contact: Contact | None = None,
    at: datetime | None = None,
    source: str = Consent.Source.MEMBER,
    proof: str = "",
    actor: Member | None,
) -> Consent:
    """Write down one word. A consent that is given needs its proof; nothing is said in the future."""
    at = at or timezone.now()
    if given and not proof.strip():
        raise DomainError(errors={"proof": [_("Say what shows it: the text agreed to, a document, a call.")]})
    if at > timezone.now():
        raise DomainError(errors={"at": [_("Nobody can have said it yet.")]})
    if contact is not None and contact.customer_id != customer.pk:
        raise DomainError(errors={"contact": [_("Choose a contact of this customer.")]})
    consent = Consent.objects.create(
        customer=customer,
        contact=contact,
        channel=channel,
        purpose=purpose,
        given=given,
        at=at,
        source=source,
        proof=proof.strip(),
        author=actor,
    )
    audit.record("consent.given" if given else "consent.withdrawn", consent, actor=actor)
    return consent
