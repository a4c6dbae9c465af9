"""Long work that a page starts."""

from datetime import date
from typing import Any

from crm.models import Job
from crm.services.jobs import register, working_on
from retention.services.backtests import figures, run_backtest

BACKTEST = "churn_backtest"


def _backtest(job: Job) -> dict[str, Any]:
    with working_on(job):
        kept = run_backtest(
            cut=date.fromisoformat(job.params["cut"]), horizon=job.params["horizon"], actor=job.created_by
        )
        return {"backtest": str(kept.pk), **figures(kept)}


register(BACKTEST, _backtest, repeatable=True)
