"""Who answers for what nobody answers for."""

from __future__ import annotations

from crm.models import Member
from crm.people.roles import Role


def chief() -> Member | None:
    """The company's first active lead, else its first active administrator."""
    people = Member.objects.active().filter(role__in=(Role.LEAD, Role.ADMIN))
    found = list(people.select_related("user").order_by("joined_at", "id"))
    return min(found, key=lambda member: member.role != Role.LEAD, default=None)


def lead_of(owner: Member, otherwise: Member | None) -> Member | None:
    """Who hears of what ``owner`` leaves undone: their team's lead, else ``otherwise``; never they themselves."""
    lead = owner.team.lead if owner.team else None
    for candidate in (lead, otherwise):
        if candidate is not None and candidate.active and candidate.pk != owner.pk:
            return candidate
    return None
