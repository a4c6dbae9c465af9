"""Addresses that mail came back from, as the records that have them show it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from crm.formats import date_text
from crm.tenancy.prepared import Prepared
from customers.models import Contact, Customer, MailBounce


@dataclass(frozen=True)
class Bounced:
    """A marked address of a customer, its own or a contact's, by the newest bounce that marks it."""

    bounce: MailBounce
    email: str
    contact: Contact | None = None

    @property
    def text(self) -> str:
        return bounced_text(self.bounce)


def bounced_text(bounce: MailBounce) -> str:
    day = date_text(localtime(bounce.at).date())
    return _("bounced %(day)s: %(why)s") % {"day": day, "why": bounce.why}


def _newest() -> Subquery:
    marks = MailBounce.objects.standing().filter(email_norm=OuterRef("email_norm"))
    return Subquery(marks.order_by("-at").values("pk")[:1])


def _with_addresses(customers: Collection[UUID]) -> tuple[Any, Any]:
    """These customers and their contacts, as far as they have addresses."""
    own = Customer.objects.filter(pk__in=customers).exclude(email_norm="").order_by()
    people = Contact.objects.filter(customer__in=customers).exclude(email_norm="").order_by()
    return own, people


def _marking(customers: Collection[UUID]) -> Any:
    """The bounces that mark an address of theirs."""
    # The database compares: who may not see addresses holds nothing that could be compared here.
    own, people = _with_addresses(customers)
    theirs = own.values("email_norm").union(people.values("email_norm"), all=True)
    return MailBounce.objects.standing().filter(email_norm__in=theirs)


_MARKING_ONE = Prepared(lambda customer: _marking([customer]))


def bounced_of(customers: Collection[UUID]) -> dict[UUID, list[Bounced]]:
    """The marked addresses of each of these customers, its own first. One query where there is none, else three."""
    marks = _MARKING_ONE(*customers) if len(customers) == 1 else _marking(customers)
    bounces = {bounce.pk: bounce for bounce in marks}
    if not bounces:
        return {}
    own, people = _with_addresses(customers)
    owners: list[Any] = list(own.annotate(bounce_id=_newest()).exclude(bounce_id=None).only("email"))
    contacts: list[Any] = list(people.annotate(bounce_id=_newest()).exclude(bounce_id=None))
    found: dict[UUID, list[Bounced]] = {}
    for one in owners:
        found.setdefault(one.pk, []).append(Bounced(bounces[one.bounce_id], one.email))
    for one in contacts:
        found.setdefault(one.customer_id, []).append(Bounced(bounces[one.bounce_id], one.email, one))
    return found


def bounced_contacts(contacts: Collection[UUID]) -> dict[UUID, Bounced]:
    """Of these contacts those whose address is marked. One query where there is none, else two."""
    people = Contact.objects.filter(pk__in=contacts).exclude(email_norm="").order_by()
    marked: list[Any] = list(people.annotate(bounce_id=_newest()).exclude(bounce_id=None))
    bounces = MailBounce.objects.in_bulk([one.bounce_id for one in marked]) if marked else {}
    return {one.pk: Bounced(bounces[one.bounce_id], one.email, one) for one in marked}


def unreachable() -> tuple[set[UUID], set[UUID]]:
    """Customers and contacts whose own address is marked: no mail is sent there."""
    marked = MailBounce.objects.standing().order_by().values("email_norm")
    return (
        set(Customer.objects.filter(email_norm__in=marked).values_list("pk", flat=True)),
        set(Contact.objects.filter(email_norm__in=marked).values_list("pk", flat=True)),
    )
