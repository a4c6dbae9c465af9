"""Why a member sees a customer."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from crm.models import Member
from crm.people.roles import Visibility
from customers.models import Customer, FollowUp


def reasons_to_see(customer: Customer, member: Member) -> list[dict[str, Any]]:
    """What lets the member see the customer (``met``), and what else might; the rule that decides stands first."""
    owner = customer.owner
    whose = owner.display_name if owner else _("nobody")
    team = owner.team if owner else None
    sees_all = member.visibility == Visibility.ALL
    same_team = bool(team and member.visibility == Visibility.TEAM and team.pk == member.team_id)
    reasons = [
        {
            "text": _("Your visibility is “%(which)s”") % {"which": member.get_visibility_display()},
            "detail": _("Your role is %(role)s. An administrator sets both in Settings.")
            % {"role": member.get_role_display()},
            "met": sees_all,
        },
        {
            "text": _("You are its owner"),
            "detail": _("It belongs to %(owner)s.") % {"owner": whose},
            "met": owner is not None and owner.pk == member.pk,
        },
        {
            "text": _("Its owner is in your team"),
            "detail": _("The owner's team is %(team)s.") % {"team": team.name if team else _("none")},
            "met": same_team,
        },
    ]
    promised = FollowUp.objects.filter(customer=customer, owner=member, closed_at=None).exists()
    if promised and not any(reason["met"] for reason in reasons):
        reasons.append(
            {"text": _("A follow-up of yours"), "detail": _("You see the promise alone."), "met": True}
        )
    return sorted(reasons, key=lambda reason: not reason["met"])
