"""How a record is found for a member, and a day for a promise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from crm.errors import NotFound
from crm.finding import Seen
from customers.models import Contact, Contract, Customer, FollowUp, MailBounce

_CUSTOMER = Seen(
    lambda pk, member: Customer.objects.visible_to(member).filter(pk=pk).select_related("owner").order_by()
)


def customer_or_404(request: HttpRequest, pk: UUID) -> Customer:
    """The customer, deleted or not, if this member may see it."""
    found = _CUSTOMER(pk, request.member)
    if not found:
        raise NotFound
    return found[0]


def follow_up_or_404(request: HttpRequest, pk: UUID) -> FollowUp:
    follow_up = (
        FollowUp.objects.visible_to(request.member).filter(pk=pk).select_related("customer", "owner").first()
    )
    if follow_up is None:
        raise NotFound
    return follow_up


def contact_or_404(request: HttpRequest, pk: UUID) -> Contact:
    seen = Customer.objects.visible_to(request.member).order_by()
    contact = Contact.objects.filter(pk=pk, customer__in=seen).select_related("customer").first()
    if contact is None:
        raise NotFound
    return contact


def contract_or_404(request: HttpRequest, pk: UUID) -> Contract:
    """The contract, deleted or not, if this member may see it."""
    seen = Contract.objects.visible_to(request.member).filter(pk=pk, customer__deleted_at=None)
    found = seen.select_related("customer", "owner", "author").first()
    if found is None:
        raise NotFound
    return found


def bounce_or_404(request: HttpRequest, pk: UUID) -> MailBounce:
    bounce = MailBounce.objects.visible_to(request.member).filter(pk=pk).first()
    if bounce is None:
        raise NotFound
    return bounce


def chosen_ids(request: HttpRequest) -> list[UUID]:
    """The rows of a list that were ticked."""
    try:
        return [UUID(text) for text in request.POST.getlist("ids")]
    except ValueError as error:
        raise NotFound from error


def in_days(days: int) -> Any:
    """A day from today in the company's time zone, moved off the weekend."""
    day = timezone.localdate() + timedelta(days=days)
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day
