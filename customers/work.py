"""On time: the figures of every customer, each night. A day that passed moves the twelve months."""

from __future__ import annotations

from datetime import datetime

from crm.work import Outcome, Work, register
from customers.services import stats


def _refresh(at: datetime) -> Outcome:
    return Outcome(stats.refresh(at=at) or 0)


register(Work("customer_stats", 10, _refresh, nightly=True))
