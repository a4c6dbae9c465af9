"""What the API cleans up after itself at night."""

from __future__ import annotations

from datetime import datetime

from crm.api import idempotency
from crm.work import Outcome, Work, register


def forget_answers(at: datetime) -> Outcome:
    """Remove the kept answers of repeated calls that are older than a day."""
    return Outcome(idempotency.forget(at))


register(Work("idempotent_answers", 95, forget_answers, nightly=True))
