"""On time: everyone each night, and in between whoever has changed."""

from __future__ import annotations

from datetime import datetime

from crm.work import Outcome, Work, register
from segmentation.services import changes


def _nightly(at: datetime) -> Outcome:
    return Outcome(changes.start_over(at).moved)


def _changed(at: datetime) -> Outcome:
    return Outcome(changes.catch_up(at).moved)


register(Work("classify", 20, _nightly, nightly=True))
register(Work("classify_changed", 21, _changed))
