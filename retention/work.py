"""Every night: scores, then warnings."""

from datetime import datetime

from crm.work import Outcome, Work, register
from retention.services.night import score_night


def _run(at: datetime) -> Outcome:
    return Outcome(score_night(at=at).customers)


register(Work("churn_scores", 30, _run, nightly=True))
