"""What Today and Insight show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import agenda, kpis
from crm.days import within
from crm.formats import money_text
from crm.models import Member, Tenant

LOOK_AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class Group:
    key: str
    label: str
    entries: list[agenda.Entry]


@dataclass(frozen=True)
class Today:
    """One member's day: a sentence, then everything to do in groups, most urgent first."""

    greeting: str
    sentence: str
    groups: list[Group]
    total: int


def today_of(member: Member, tenant: Tenant, *, at: datetime) -> Today:
    """Everything the member has to do up to a week ahead; what has no moment counts as now."""
    entries = [e for e in agenda.entries_for(member, at) if e.due_at is None or e.due_at <= at + LOOK_AHEAD]
    end_of_day = _end_of_day(tenant, at)
    labels = {"overdue": _("Overdue"), "now": _("Now"), "later": _("Later today"), "week": _("This week")}
    grouped: dict[str, list[agenda.Entry]] = {key: [] for key in labels}
    for entry in entries:
        grouped[_group_of(entry, at, end_of_day)].append(entry)
    groups = [
        Group(key, labels[key], sorted(found, key=_by_urgency)) for key, found in grouped.items() if found
    ]
    return Today(
        greeting(member, at.astimezone(tenant.zone)), sentence_of(entries, tenant), groups, len(entries)
    )


def greeting(member: Member, local: datetime) -> str:
    """By the company's clock."""
    names = {"name": member.display_name}
    if local.hour < 5 or local.hour >= 18:
        return _("Good evening, %(name)s") % names
    if local.hour < 12:
        return _("Good morning, %(name)s") % names
    return _("Good afternoon, %(name)s") % names


def sentence_of(entries: list[agenda.Entry], tenant: Tenant) -> str:
    """What the day holds: "6 to contact, 2 at risk worth ¥84,000, 1 complaint due 14:30"."""
    by_kind: dict[str, list[agenda.Entry]] = {}
    for entry in entries:
        by_kind.setdefault(entry.kind, []).append(entry)
    parts = []
    if found := by_kind.get("follow_up"):
        parts.append(ngettext("%(n)d to contact", "%(n)d to contact", len(found)) % {"n": len(found)})
    if found := by_kind.get("warning"):
        worth = money_text(sum(e.value or 0 for e in found), tenant.currency, whole=True)
        words = ngettext("%(n)d at risk worth %(worth)s", "%(n)d at risk worth %(worth)s", len(found))
        parts.append(words % {"n": len(found), "worth": worth})
    if found := by_kind.get("ticket"):
        parts.append(_complaints(found, tenant))
    if found := by_kind.get("review"):
        parts.append(ngettext("%(n)d to review", "%(n)d to review", len(found)) % {"n": len(found)})
    if found := by_kind.get("feedback"):
        parts.append(ngettext("%(n)d to answer", "%(n)d to answer", len(found)) % {"n": len(found)})
    return _(", ").join(parts)


def _complaints(found: list[agenda.Entry], tenant: Tenant) -> str:
    due = min((e.due_at for e in found if e.due_at), default=None)
    if due is None:
        return ngettext("%(n)d complaint", "%(n)d complaints", len(found)) % {"n": len(found)}
    words = ngettext("%(n)d complaint, due %(time)s", "%(n)d complaints, the first due %(time)s", len(found))
    return words % {"n": len(found), "time": due.astimezone(tenant.zone).strftime("%H:%M")}


def _end_of_day(tenant: Tenant, at: datetime) -> datetime:
    return at.astimezone(tenant.zone).replace(hour=23, minute=59, second=59)


def _group_of(entry: agenda.Entry, at: datetime, end_of_day: datetime) -> str:
    if entry.overdue or (entry.due_at and entry.due_at < at - timedelta(hours=1)):
        return "overdue"
    if entry.due_at is None or entry.due_at <= at + timedelta(hours=1):
        return "now"
    return "later" if entry.due_at <= end_of_day else "week"


def _by_urgency(entry: agenda.Entry) -> tuple[Any, ...]:
    # Inside a group: what has a clock first by that clock, then what is worth most.
    return (entry.due_at is None, entry.due_at or 0, -(entry.value or 0))


@dataclass(frozen=True)
class Load:
    """How many follow-ups fall on each of the next seven days."""

    day: date
    count: int
    share: int


def week_load(member: Member, tenant: Tenant, *, at: datetime) -> list[Load]:
    """The member's open follow-ups by day; ``share`` is per cent of the fullest day. One query."""
    start = tenant.today(at)
    days = [start + timedelta(days=n) for n in range(7)]
    counts = dict(
        member.follow_ups.filter(closed_at=None, **within("due_at", days[0], days[-1], tenant.zone))
        .annotate(day=TruncDate("due_at", tzinfo=tenant.zone))
        .values_list("day")
        .annotate(n=Count("pk"))
    )
    most = max(counts.values(), default=0) or 1
    return [Load(day, counts.get(day, 0), 100 * counts.get(day, 0) // most) for day in days]


@dataclass(frozen=True)
class TeamMate:
    member: Member
    open: int
    overdue: int


def team_waiting(member: Member, *, at: datetime) -> list[TeamMate]:
    """What the member's team has open and overdue. One query."""
    if member.team_id is None:
        return []
    mates = (
        Member.objects.active()
        .filter(team=member.team_id)
        .annotate(
            open=Count("follow_ups", filter=Q(follow_ups__closed_at=None)),
            overdue=Count("follow_ups", filter=Q(follow_ups__closed_at=None, follow_ups__due_at__lt=at)),
        )
    )
    found = [TeamMate(mate, mate.open, mate.overdue) for mate in mates]
    return sorted(found, key=lambda mate: (-mate.overdue, -mate.open, mate.member.display_name))


@dataclass(frozen=True)
class Figure:
    """A KPI over a period beside the period before it."""

    kpi: kpis.Kpi
    value: kpis.Value | None
    before: kpis.Value | None

    @property
    def change(self) -> float | None:
        if self.value is None or self.before is None or not self.before.number:
            return None
        if self.kpi.unit in ("share", "score"):
            return self.value.number - self.before.number
        return self.value.number / self.before.number - 1


def figures(period: kpis.Period) -> list[Figure]:
    """Every KPI for a period and for the equally long one before it."""
    length = period.end - period.start + timedelta(days=1)
    before = kpis.Period(period.start - length, period.start - timedelta(days=1))
    return [Figure(kpi, kpi.compute(period), kpi.compute(before)) for kpi in kpis.all_kpis()]


PERIODS = {"30": 30, "90": 90, "365": 365}


def period_of(choice: str, tenant: Tenant) -> tuple[str, kpis.Period]:
    """The last 30, 90 (default) or 365 full days of the company's calendar."""
    choice = choice if choice in PERIODS else "90"
    end = tenant.today()
    return choice, kpis.Period(end - timedelta(days=PERIODS[choice] - 1), end)


def figure_now(kpi: kpis.Kpi, tenant: Tenant) -> Figure:
    """One KPI over the last 90 days."""
    _choice, period = period_of("", tenant)
    return Figure(kpi, kpi.compute(period), None)
