"""Complaints whose first response is late go up to somebody who can help."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Min
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Member
from crm.people.roles import Role
from crm.services.notifications import Note, notify_many
from feedback.models import Ticket


@transaction.atomic
def escalate(at: datetime) -> tuple[int, datetime | None]:
    """Tell the lead (else an administrator) of each unanswered ticket past its limit, once.

    Gives how many were escalated and when the next limit falls.
    """
    late = list(
        Ticket.objects.breached(at)
        .filter(escalated_at=None)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("customer", "owner__team__lead")[:500]
    )
    administrator = Member.objects.active().filter(role=Role.ADMIN).first() if late else None
    notes = []
    for ticket in late:
        team = ticket.owner.team if ticket.owner else None
        told = (team.lead if team else None) or administrator
        if told is not None:
            notes.append(_note(ticket, told))
    notify_many(notes)
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in late]).update(escalated_at=at)
    waiting = Ticket.objects.unanswered().filter(escalated_at=None, respond_by__gt=at)
    return len(late), waiting.aggregate(first=Min("respond_by"))["first"]


def _note(ticket: Ticket, member: Member) -> Note:
    title = _("No answer yet: %(ticket)s, %(customer)s") % {"ticket": ticket, "customer": ticket.customer}
    return Note(
        member,
        "ticket.late",
        title,
        f"ticket:{ticket.pk}:late",
        url=reverse("feedback:ticket", args=[ticket.pk]),
    )
