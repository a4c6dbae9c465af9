"""Tickets near their limit, and feedback that waits for somebody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.agenda import Action, Entry, register
from crm.models import Member
from feedback.models import Ticket
from feedback.selectors import visible_feedback, visible_tickets


def tickets_to_answer(member: Member, at: datetime) -> Iterable[Entry]:
    """The member's open tickets, and those nobody owns. One query."""
    rows = (
        visible_tickets(member)
        .filter(Q(owner=member) | Q(owner=None), resolved_at=None)
        .annotate(class_code=F("customer__stats__class_code"), worth=F("customer__stats__spend_12m"))
        .select_related("customer")
        .order_by("respond_by")[:100]
    )
    for ticket in rows:
        answered = ticket.first_responded_at is not None
        reason = _("Answered, not solved yet") if answered else _("No answer yet")
        yield Entry(
            key=f"ticket-{ticket.pk}",
            kind="ticket",
            title=str(ticket),
            reason=f"{Ticket.Priority(ticket.priority).label} · {reason}",
            due_at=None if answered else ticket.respond_by,
            overdue=not answered and ticket.respond_by <= at,
            customer_id=ticket.customer_id,
            customer_name=ticket.customer.name,
            class_code=ticket.class_code or "",
            value=ticket.worth,
            actions=_actions(ticket, answered),
        )


def _actions(ticket: Ticket, answered: bool) -> list[Action]:
    answer = Action(
        _("Answer"), reverse("feedback:answer-ticket", args=[ticket.pk]), "sheet", "message-reply"
    )
    resolve = Action(_("Resolve"), reverse("feedback:resolve-ticket", args=[ticket.pk]), "sheet", "check")
    return [resolve] if answered else [answer, resolve]


def feedback_to_handle(member: Member, at: datetime) -> Iterable[Entry]:
    """Feedback without a ticket that is the member's or nobody's. One query."""
    rows = (
        visible_feedback(member)
        .filter(Q(assigned_to=member) | Q(assigned_to=None), handled_at=None, tickets=None)
        .annotate(class_code=F("customer__stats__class_code"), worth=F("customer__stats__spend_12m"))
        .select_related("customer")
        .order_by("-received_at")[:50]
    )
    for feedback in rows:
        yield Entry(
            key=f"feedback-{feedback.pk}",
            kind="feedback",
            title=str(feedback),
            reason=f"{feedback.get_type_display()} · {feedback.get_channel_display()}",
            due_at=None,
            customer_id=feedback.customer_id,
            customer_name=feedback.customer.name if feedback.customer else feedback.sender_name,
            class_code=feedback.class_code or "",
            value=feedback.worth,
            actions=[
                Action(_("Open"), reverse("feedback:record", args=[feedback.pk]), "link", "eye"),
                Action(
                    pgettext("action", "Handled"),
                    reverse("feedback:handle", args=[feedback.pk]),
                    "post",
                    "check",
                ),
            ],
        )


register(tickets_to_answer)
register(feedback_to_handle)
