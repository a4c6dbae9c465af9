"""The maintenance page: the plans with their coverage, the week's follow-ups, what is overdue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from django.utils import timezone

from crm.models import Member, Tenant
from crm.tenancy.context import current_tenant_id
from customers.models import FollowUp
from customers.models.follow_ups import FollowUpQuerySet
from maintenance.models import MaintenancePlan
from maintenance.periods import Period, period_of
from maintenance.selectors.coverage import Coverage, coverage_of, forgotten_customers

MOST = 100
COUNTED = 1_000


@dataclass(frozen=True)
class Day:
    """The open follow-ups of one calendar day."""

    on: date
    follow_ups: list[FollowUp]


@dataclass(frozen=True)
class Overview:
    """What the page shows; ``share`` is the coverage over all plans in use."""

    plans: list[Coverage]
    share: float | None
    week: Period
    days: list[Day]
    overdue: list[FollowUp]
    overdue_count: int
    week_count: int
    forgotten_count: int


def overview(member: Member, *, at: datetime, whose: str) -> Overview:
    """All plans, and the follow-ups of the current week that are ``mine`` or my ``team``'s."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    week = period_of("week", tenant.today(at))
    plans = coverage_of(
        MaintenancePlan.objects.select_related("customer_class", "fallback_owner").order_by(
            "-active", "customer_class__rank", "name"
        ),
        at=at,
    )
    open_ones = followed_by(member, whose)
    overdue = open_ones.filter(due_at__lt=at)
    ahead = open_ones.filter(due_at__gte=at, due_at__lt=_midnight(week.end + timedelta(days=1), tenant))
    return Overview(
        plans=plans,
        share=overall(plans),
        week=week,
        days=_by_day(ahead.select_related("customer", "owner")[:MOST]),
        overdue=list(overdue.select_related("customer", "owner")[:MOST]),
        overdue_count=overdue.at_most(COUNTED),
        week_count=ahead.at_most(COUNTED),
        forgotten_count=forgotten_customers(at).visible_to(member).at_most(COUNTED),
    )


def followed_by(member: Member, whose: str) -> FollowUpQuerySet:
    """Open follow-ups, soonest first: the member's own, or their team's (everybody's for who has none)."""
    seen = FollowUp.objects.open().visible_to(member).order_by("due_at", "id")
    if whose == "mine":
        return seen.filter(owner=member)
    return seen.filter(owner__team=member.team_id) if member.team_id else seen


def overall(plans: Iterable[Coverage]) -> float | None:
    """The share over all plans in use; a customer counts once for each plan they are owed."""
    used = [row for row in plans if row.plan.active]
    customers = sum(row.customers for row in used)
    return sum(row.covered for row in used) / customers if customers else None


def _by_day(follow_ups: Iterable[FollowUp]) -> list[Day]:
    return [
        Day(on, list(some))
        for on, some in groupby(follow_ups, lambda one: timezone.localtime(one.due_at).date())
    ]


def _midnight(day: date, tenant: Tenant) -> datetime:
    return datetime.combine(day, time.min, tenant.zone)
