"""What retention does every night: score yesterday, warn, and thin out what nobody looks at any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from crm.models import Tenant
from crm.tenancy.context import current_tenant_id
from retention.churn.history import suggested_horizon
from retention.models import Score, ScoreRun
from retention.services.scoring import Scored, score_with_arrays
from retention.services.warnings import update_warnings

KEPT_DAYS = 35


@dataclass(frozen=True)
class Night:
    customers: int
    opened: int
    closed: int


@transaction.atomic
def score_night(*, at: datetime) -> Night:
    """Score as of the company's yesterday with its own horizon, then open and close warnings."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    yesterday = tenant.today(at) - timedelta(days=1)
    scored = score_with_arrays(as_of=yesterday, horizon=tenant.churn_horizon_days)
    _suggest_horizon(scored)
    changes = update_warnings(scored, at=at)
    thin_out(before=yesterday - timedelta(days=KEPT_DAYS))
    return Night(scored.run.customers, changes.opened, changes.closed)


def _suggest_horizon(scored: Scored) -> None:
    """Keep beside the run which horizon the company's own gaps between purchases speak for."""
    days = suggested_horizon(scored.book.purchases, scored.run.as_of.toordinal())
    scored.run.explanation["suggested_horizon"] = days
    scored.run.save(update_fields=["explanation"])


def thin_out(*, before: date) -> int:
    """Drop the customers' scores of runs older than ``before``, but of each month's last run; runs stay."""
    months: dict[tuple[int, int], ScoreRun] = {}
    old = ScoreRun.objects.filter(as_of__lt=before).order_by("as_of", "created_at")
    runs = list(old.only("pk", "as_of"))
    for run in runs:
        months[(run.as_of.year, run.as_of.month)] = run
    kept = {run.pk for run in months.values()}
    dropped = Score.objects.filter(run__in=[run.pk for run in runs if run.pk not in kept])
    # The database itself clears references to them; Django would read every row first.
    return dropped._raw_delete(dropped.db)
