"""Clocks of tickets."""

from __future__ import annotations

from datetime import datetime

from crm.work import Outcome, Work, register
from feedback.services.clocks import escalate


def _clocks(at: datetime) -> Outcome:
    return Outcome(*escalate(at))


register(Work("ticket_clocks", 70, _clocks))
