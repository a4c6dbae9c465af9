"""Clocks of tickets."""

from __future__ import annotations

from datetime import datetime

from crm.work import Outcome, Work, register
from feedback.services.clocks import escalate


def _clocks(at: datetime) -> Outcome:
    escalated, next_at = escalate(at)
    return Outcome(escalated, next_at)


register(Work("ticket_clocks", 70, _clocks))
