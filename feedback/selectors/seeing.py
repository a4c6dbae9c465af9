"""Which feedback and tickets a member may see."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from crm.models import Member
from crm.people.roles import Visibility
from feedback.models import Feedback, Ticket


def _of_member(member: Member, *ways: str) -> Q:
    """Records whose customer the member may see, or that are theirs by one of ``ways``."""
    if member.visibility == Visibility.ALL:
        return Q()
    mine = Q(customer__owner=member)
    if member.visibility == Visibility.TEAM and member.team_id:
        mine = Q(customer__owner__team=member.team_id)
    for way in ways:
        mine |= Q(**{way: member})
    return mine


def visible_feedback(member: Member) -> Any:
    """What this member may read; what nobody could be matched to is open to all who sort feedback."""
    rows = Feedback.objects.filter(Q(customer=None) | Q(customer__deleted_at=None))
    allowed = _of_member(member, "assigned_to")
    return rows.filter(allowed | Q(customer=None)) if allowed else rows


def visible_tickets(member: Member) -> Any:
    return Ticket.objects.filter(customer__deleted_at=None).filter(_of_member(member, "owner"))


def narrow(rows: Any, member: Member) -> Any:
    """Only rows whose living customer the member may see."""
    return rows.filter(_of_member(member), customer__deleted_at=None)
