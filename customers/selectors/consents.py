"""What may be sent to whom."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from customers.models import Consent, Customer


def consents_of(customer: Customer) -> list[Consent]:
    """All words of a customer and its contacts, the newest first; ``stands`` marks those that count."""
    words = list(Consent.objects.filter(customer=customer).select_related("contact", "author"))
    seen: set[tuple[UUID | None, str, str]] = set()
    for word in words:
        key = (word.contact_id, word.channel, word.purpose)
        word.stands = key not in seen  # type: ignore[attr-defined]
        seen.add(key)
    return words


def refused(channel: str, purpose: str) -> tuple[set[UUID], set[UUID]]:
    """Customers and contacts whose newest word about it is no. Nobody who said nothing is among them."""
    words = Consent.objects.filter(channel=channel, purpose=purpose).standing()
    said = words.values_list("customer_id", "contact_id", "given")
    no = [(customer, contact) for customer, contact, given in said if not given]
    return {customer for customer, contact in no if contact is None}, {pk for _c, pk in no if pk}


def has_refused(customer_id: UUID, contact_id: UUID | None, *, channel: str, purpose: str) -> bool:
    """Whether the newest word of the customer, or of that contact of its, is no."""
    said = Consent.objects.filter(customer_id=customer_id, channel=channel, purpose=purpose)
    theirs = said.filter(Q(contact_id=None) | Q(contact_id=contact_id))
    return not all(theirs.standing().values_list("given", flat=True))
