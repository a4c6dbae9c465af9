from datetime import date

import pytest

from maintenance.periods import days_left, period_of, working_days


@pytest.mark.parametrize(
    ("every", "day", "start", "end"),
    [
        ("week", "2026-01-01", "2025-12-29", "2026-01-04"),
        ("month", "2028-02-29", "2028-02-01", "2028-02-29"),
        ("quarter", "2026-12-31", "2026-10-01", "2026-12-31"),
        ("quarter", "2027-01-01", "2027-01-01", "2027-03-31"),
        ("half_year", "2026-06-30", "2026-01-01", "2026-06-30"),
        ("half_year", "2026-07-01", "2026-07-01", "2026-12-31"),
        ("year", "2026-12-31", "2026-01-01", "2026-12-31"),
    ],
)
def test_periods_are_those_of_the_calendar(every, day, start, end):
    period = period_of(every, date.fromisoformat(day))
    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)


def test_weekends_are_not_worked():
    assert [d.isoformat() for d in working_days(date(2026, 5, 1), date(2026, 5, 4))] == [
        "2026-05-01",
        "2026-05-04",
    ]


def test_who_begins_on_the_last_day_gets_a_quarter_of_the_period():
    quarter = period_of("quarter", date(2026, 12, 31))
    days = days_left(quarter, date(2026, 12, 31))
    assert (len(days), days[0], days[-1]) == (17, date(2026, 12, 31), date(2027, 1, 22))
    after_the_end = days_left(quarter, date(2027, 1, 1))
    assert after_the_end[0] == date(2027, 1, 1)
    assert len(days_left(quarter, date(2026, 10, 1))) == 66
