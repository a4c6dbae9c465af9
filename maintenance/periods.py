"""Calendar periods of a plan and the working days in them. Days only: the caller knows whose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


@dataclass(frozen=True)
class Period:
    """Both days belong to it."""

    start: date
    end: date


def period_of(every: str, day: date) -> Period:
    """The week (from Monday), month, quarter, half-year or year ``day`` lies in."""
    if every == "week":
        start = day - timedelta(days=day.weekday())
        return Period(start, start + timedelta(days=6))
    months = _MONTHS[every]
    first = (day.month - 1) // months * months + 1
    last = first + months - 1
    after = date(day.year + last // 12, last % 12 + 1, 1)
    return Period(date(day.year, first, 1), after - timedelta(days=1))


def working_days(start: date, end: date) -> list[date]:
    """Monday to Friday."""
    days = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return [day for day in days if day.weekday() < 5]


def days_left(period: Period, first: date) -> list[date]:
    """The working days from ``first`` on over which what the period owes is spread.

    Who begins late gets a quarter of the period's working days all the same, beyond its end if need be,
    rather than everything on its last day.
    """
    least = ceil(len(working_days(period.start, period.end)) / 4)
    left = working_days(max(first, period.start), period.end)
    day = max(first - timedelta(days=1), period.end)
    while len(left) < least:
        day += timedelta(days=1)
        left += working_days(day, day)
    return left
