"""Back-tests: run, kept, and told in plain figures."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from crm import audit
from crm.models import Member
from retention.churn.backtest import NobodyToScore, OutcomeNotKnown, backtest
from retention.errors import BadHorizon, NobodyBought, OutcomeUnknown
from retention.models import Backtest
from retention.services import purchases
from retention.services.scoring import LONGEST_HORIZON

FIGURES = (
    "n",
    "churned",
    "auc",
    "log_loss",
    "brier",
    "ece",
    "lift10",
    "level",
    "gap_auc",
    "rfm_auc",
    "alarms",
)


@transaction.atomic
def run_backtest(*, cut: date, horizon: int, actor: Member | None = None) -> Backtest:
    """Score as of the end of ``cut``, compare with what happened in the horizon after it, and keep the report.

    Refused while the newest purchase is older than the end of that horizon: silence would look like leaving.
    """
    if not 1 <= horizon <= LONGEST_HORIZON:
        raise BadHorizon
    book = purchases.read()
    try:
        report = backtest(book.purchases, cut=cut.toordinal(), horizon=horizon)
    except OutcomeNotKnown as error:
        raise OutcomeUnknown from error
    except NobodyToScore as error:
        raise NobodyBought from error
    kept = Backtest.objects.create(
        cut_on=cut, horizon_days=horizon, result=_dated(report.to_json()), created_by=actor
    )
    audit.record("churn.backtested", kept, actor=actor, cut=str(cut), horizon=horizon)
    return kept


def _dated(result: dict[str, Any]) -> dict[str, Any]:
    """Days as dates."""
    for origin in (result, *result["origins"]):
        origin["cut"] = date.fromordinal(origin["cut"]).isoformat()
    return result


def figures(kept: Backtest) -> dict[str, Any]:
    """The newest origin's figures, as commands and programs get them."""
    return {name: kept.result.get(name) for name in FIGURES}
