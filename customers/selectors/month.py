"""A month of a member: what is promised on each day, and the contracts to decide on by then."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from crm.models import Member, Tenant
from customers.models import Contract, FollowUp

MOST = 2_000
SHOWN = 4  # on a day of the grid; the others stand below once the day is chosen
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 1)


@dataclass(frozen=True)
class Entry:
    """Something that is to happen on a day; ``at`` is empty for what takes the whole of it."""

    on: date
    what: str
    customer: str
    url: str
    icon: str
    at: datetime | None = None
    overdue: bool = False


@dataclass(frozen=True)
class Day:
    on: date
    entries: list[Entry]
    inside: bool
    today: bool

    @property
    def shown(self) -> list[Entry]:
        return self.entries if len(self.entries) <= SHOWN else self.entries[: SHOWN - 1]

    @property
    def more(self) -> int:
        return len(self.entries) - len(self.shown)


@dataclass(frozen=True)
class Month:
    """Whole weeks, each from its Monday."""

    first: date
    weeks: list[list[Day]]

    @property
    def busy(self) -> list[Day]:
        """The days of the month on which there is something, for narrow screens."""
        return [day for week in self.weeks for day in week if day.inside and day.entries]

    def day(self, on: date) -> Day | None:
        return next((day for week in self.weeks for day in week if day.on == on), None)


def month_of(member: Member, first: date, *, tenant: Tenant, at: datetime) -> Month:
    """The month that begins on ``first`` as one member's own; two queries."""
    dates = Calendar().monthdatescalendar(first.year, first.month)
    begin, end = dates[0][0], dates[-1][-1]
    entries: dict[date, list[Entry]] = {}
    for entry in [*_notices(member, begin, end), *_follow_ups(member, begin, end, tenant, at)]:
        entries.setdefault(entry.on, []).append(entry)
    today = tenant.today(at)
    weeks = [
        [Day(on, entries.get(on, []), on.month == first.month, on == today) for on in week] for week in dates
    ]
    return Month(first, weeks)


def next_month(first: date, step: int) -> date | None:
    """The first day of the month before or after; none outside the years a calendar is kept."""
    number = first.year * 12 + first.month - 1 + step
    found = date(number // 12, number % 12 + 1, 1)
    return found if FIRST <= found <= LAST else None


def _follow_ups(member: Member, begin: date, end: date, tenant: Tenant, at: datetime) -> Iterator[Entry]:
    opens = datetime.combine(begin, time.min, tenant.zone)
    closes = datetime.combine(end + timedelta(days=1), time.min, tenant.zone)
    mine = FollowUp.objects.open().visible_to(member).filter(owner=member)
    rows = mine.filter(due_at__gte=opens, due_at__lt=closes).select_related("customer")
    for one in rows.order_by("due_at", "id")[:MOST]:
        yield Entry(
            on=localtime(one.due_at, tenant.zone).date(),
            what=one.subject,
            customer=one.customer.name,
            url=reverse("customers:record", args=[one.customer_id]),
            icon=ICONS.get(one.channel, "calendar-event"),
            at=one.due_at,
            overdue=one.due_at < at,
        )


def _notices(member: Member, begin: date, end: date) -> Iterator[Entry]:
    """Contracts of the member that must be decided on by a day."""
    mine = Contract.objects.living().filter(
        Q(owner=member) | Q(owner=None, customer__owner=member), notice_given_on=None
    )
    rows = mine.filter(notice_by__range=(begin, end)).select_related("customer")
    for one in rows.order_by("notice_by", "id")[:MOST]:
        if one.notice_by is not None:
            yield Entry(
                on=one.notice_by,
                what=_("Notice by: %(contract)s") % {"contract": one},
                customer=one.customer.name,
                url=reverse("customers:contract", args=[one.pk]),
                icon="file-text",
            )


ICONS = {"phone": "phone", "visit": "map-pin", "email": "mail", "message": "message"}
