"""What maintenance does on time."""

from __future__ import annotations

from datetime import datetime

from crm.work import Outcome, Work, register
from maintenance.services.follow_ups import make_follow_ups
from maintenance.services.reminders import remind


def _plan(at: datetime) -> Outcome:
    return Outcome(make_follow_ups(at))


def _remind(at: datetime) -> Outcome:
    reminded = remind(at)
    return Outcome(reminded.counts.total(), reminded.next_at)


register(Work("planned_follow_ups", 40, _plan, nightly=True))
register(Work("reminders", 50, _remind))
