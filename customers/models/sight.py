"""What a member's visibility leaves of rows that hang on customers."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from crm.models import Member
from crm.people.roles import Visibility


def within_sight(rows: Any, member: Member, customer: str = "customer__", *, or_own: str = "") -> Any:
    """Those of the member's own customers, of the team's, or all; ``customer`` leads from a row to its customer.

    What is the member's by ``or_own`` is seen whosever the customer is.
    """
    if member.visibility == Visibility.ALL:
        return rows
    if member.visibility == Visibility.TEAM and member.team_id:
        seen = Q(**{f"{customer}owner__team": member.team_id})
    else:
        seen = Q(**{f"{customer}owner": member})
    return rows.filter(Q(**{or_own: member}) | seen if or_own else seen)
