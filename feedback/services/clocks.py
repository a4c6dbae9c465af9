"""Complaints whose first response is late go up to somebody who can help."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Min
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from crm.models import Member, Tenant
from crm.people.roles import Role
from crm.people.selectors import language_of
from crm.services.notifications import Note, notify_many
from crm.tenancy.context import current_tenant_id
from feedback.models import Ticket

AT_ONCE = 500


@transaction.atomic
def escalate(at: datetime) -> tuple[int, datetime | None]:
    """Tell the active lead (else an administrator) of each unanswered ticket past its limit, once.

    Gives how many were escalated and when the next limit falls, or ``at`` where more wait.
    """
    late = list(
        Ticket.objects.breached(at)
        .filter(escalated_at=None)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("customer", "owner__team__lead__user")[:AT_ONCE]
    )
    administrators = Member.objects.active().filter(role=Role.ADMIN).select_related("user")
    administrator = administrators.first() if late else None
    tenant = Tenant.objects.get(pk=current_tenant_id())
    people = [(ticket, _lead_of(ticket) or administrator) for ticket in late]
    notify_many(_note(ticket, member, tenant) for ticket, member in people if member is not None)
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in late]).update(escalated_at=at)
    waiting = Ticket.objects.unanswered().filter(escalated_at=None, respond_by__gt=at)
    next_at = waiting.aggregate(first=Min("respond_by"))["first"]
    return len(late), at if len(late) == AT_ONCE else next_at


def _lead_of(ticket: Ticket) -> Member | None:
    team = ticket.owner.team if ticket.owner else None
    return team.lead if team and team.lead and team.lead.active else None


def _note(ticket: Ticket, member: Member, tenant: Tenant) -> Note:
    with translation.override(language_of(member, tenant)):
        title = _("No answer yet: %(ticket)s, %(customer)s") % {"ticket": ticket, "customer": ticket.customer}
    return Note(
        member,
        "ticket.late",
        title,
        f"ticket:{ticket.pk}:late",
        url=reverse("feedback:ticket", args=[ticket.pk]),
    )
