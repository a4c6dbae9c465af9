"""Tickets: opened, answered, resolved, with a clock until the first response."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from crm import audit
from crm.errors import Stale
from crm.models import Member, WakeUp
from crm.tenancy.context import current_tenant_id
from customers.models import Customer
from customers.services import stats
from customers.services.interactions import log_interaction
from customers.services.many.passing import One, Passing, tell_given
from feedback.errors import TicketResolved
from feedback.models import Feedback, Ticket

RESPONSE_TARGET = {
    Ticket.Priority.URGENT: timedelta(hours=4),
    Ticket.Priority.HIGH: timedelta(hours=8),
    Ticket.Priority.NORMAL: timedelta(hours=24),
    Ticket.Priority.LOW: timedelta(hours=48),
}

EDITABLE = frozenset(["subject", "description", "urgency", "impact", "owner"])

PASSING = Passing(
    "ticket",
    Ticket,
    "assign",
    given=lambda count, words: (
        ngettext(
            "%(count)s ticket was handed to you by %(by)s",
            "%(count)s tickets were handed to you by %(by)s",
            count,
        )
        % words
    ),
    taken=lambda count, words: (
        ngettext(
            "%(by)s took %(count)s ticket back that was handed to you",
            "%(by)s took %(count)s tickets back that were handed to you",
            count,
        )
        % words
    ),
    mine=lambda: f"{reverse('feedback:tickets')}?state=open&owner=me",
)


def priority_of(urgency: int, impact: int) -> Ticket.Priority:
    """Urgency × impact (1–3 each): 9 urgent, 6 high, 3–4 normal, below low (ITIL's matrix)."""
    product = urgency * impact
    if product >= 9:
        return Ticket.Priority.URGENT
    if product >= 6:
        return Ticket.Priority.HIGH
    return Ticket.Priority.NORMAL if product >= 3 else Ticket.Priority.LOW


@transaction.atomic
def open_ticket(
    *,
    customer: Customer,
    subject: str,
    actor: Member | None,
    description: str = "",
    urgency: int = Ticket.Level.MEDIUM,
    impact: int = Ticket.Level.MEDIUM,
    owner: Member | None = None,
    feedback: Feedback | None = None,
    opened_at: datetime | None = None,
) -> Ticket:
    """Start a ticket and its first-response clock; without an owner the customer's own takes it."""
    at = opened_at or timezone.now()
    priority = priority_of(urgency, impact)
    ticket = Ticket.objects.create(
        number=next_number(),
        customer=customer,
        feedback=feedback,
        subject=subject[:200],
        description=description,
        urgency=urgency,
        impact=impact,
        priority=priority,
        owner=owner or customer.owner,
        opened_at=at,
        respond_by=at + RESPONSE_TARGET[priority],
    )
    WakeUp.objects.create(tenant_id=current_tenant_id(), at=ticket.respond_by)
    count_open([customer.pk])
    audit.record("ticket.opened", ticket, actor=actor)
    return ticket


def next_number() -> int:
    """The number that the company's next ticket gets; nobody else opens one until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ticket:{current_tenant_id()}"]
        )
    return (Ticket.objects.aggregate(last=Max("number"))["last"] or 0) + 1


def count_open(customer_ids: list[Any]) -> None:
    """Hand the number of open tickets down to the customers' figures, in one query and one statement."""
    counts = dict(
        Customer.objects.filter(pk__in=customer_ids)
        .annotate(n=Count("tickets", filter=Q(tickets__resolved_at=None)))
        .values_list("pk", "n")
    )
    if counts:
        stats.hand_down(list(counts), open_tickets=list(counts.values()))


@transaction.atomic
def answer_ticket(*, ticket: Ticket, actor: Member, text: str, channel: str = "phone") -> Ticket:
    """Record what the customer was told; the first answer stops the clock and stands on the timeline."""
    at = timezone.now()
    found = Ticket.objects.open().filter(pk=ticket.pk)
    if not found.update(status=Ticket.Status.ANSWERED, version=F("version") + 1):
        raise TicketResolved
    Ticket.objects.filter(pk=ticket.pk, first_responded_at=None).update(first_responded_at=at)
    kind = {"phone": "call", "visit": "visit", "email": "email"}.get(channel, "message")
    log_interaction(customer=ticket.customer, actor=actor, kind=kind, channel=channel, text=text)
    ticket.refresh_from_db()
    audit.record("ticket.answered", ticket, actor=actor)
    return ticket


@transaction.atomic
def resolve_ticket(*, ticket: Ticket, actor: Member, resolution: str) -> Ticket:
    """Close a ticket with what solved it; an unanswered one counts as answered now."""
    at = timezone.now()
    found = Ticket.objects.open().filter(pk=ticket.pk)
    changed = found.update(
        status=Ticket.Status.RESOLVED, resolved_at=at, resolution=resolution, version=F("version") + 1
    )
    if not changed:
        raise TicketResolved
    Ticket.objects.filter(pk=ticket.pk, first_responded_at=None).update(first_responded_at=at)
    if ticket.feedback_id:
        Feedback.objects.filter(pk=ticket.feedback_id, handled_at=None).update(handled_at=at)
    count_open([ticket.customer_id])
    ticket.refresh_from_db()
    audit.record("ticket.resolved", ticket, actor=actor)
    return ticket


@transaction.atomic
def reopen_ticket(*, ticket: Ticket, actor: Member) -> Ticket:
    """Take a resolution back; the clock of the first response stays as it was. One that is open stays as it is."""
    resolved = Ticket.objects.filter(pk=ticket.pk).exclude(resolved_at=None)
    reopened = resolved.update(status=Ticket.Status.ANSWERED, resolved_at=None, version=F("version") + 1)
    ticket.refresh_from_db()
    if reopened:
        count_open([ticket.customer_id])
        audit.record("ticket.reopened", ticket, actor=actor)
    return ticket


@transaction.atomic
def change_ticket(*, ticket: Ticket, actor: Member, version: int | None = None, **fields: Any) -> Ticket:
    """Change owner, subject, urgency or impact; an open clock follows the new priority, a new owner is told."""
    urgency, impact = fields.get("urgency", ticket.urgency), fields.get("impact", ticket.impact)
    priority = priority_of(urgency, impact)
    fields |= {"priority": priority}
    if ticket.first_responded_at is None:
        fields |= {"respond_by": ticket.opened_at + RESPONSE_TARGET[priority]}
    had, found = ticket.owner_id, Ticket.objects.filter(pk=ticket.pk)
    if version is not None:
        found = found.filter(version=version)
    if not found.update(version=F("version") + 1, **fields):
        raise Stale
    ticket.refresh_from_db()
    WakeUp.objects.create(tenant_id=current_tenant_id(), at=ticket.respond_by)
    audit.record("ticket.changed", ticket, actor=actor)
    if ticket.owner_id != had:
        url = reverse("feedback:ticket", args=[ticket.pk])
        tell_given(PASSING, owner=ticket.owner, actor=actor, one=One(str(ticket), ticket.customer.name, url))
    return ticket
