"""Who answers for what nobody answers for."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from crm.models import Member
from crm.people.roles import Role


def anybody() -> Member | None:
    """The company's first active lead, else administrator."""
    people = Member.objects.active().select_related("user").order_by("joined_at", "id")
    found: Iterable[Member] = people.filter(Q(role=Role.LEAD) | Q(role=Role.ADMIN))
    return next(iter(sorted(found, key=lambda member: member.role != Role.LEAD)), None)
