"""Scoring all customers of a company: read, forecast, keep, hand the newest figures down."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from crm import audit
from crm.planner import many_rows
from crm.tenancy.context import current_tenant_id
from retention.churn.ladder import Level
from retention.errors import BadHorizon
from retention.models import ScoreRun
from retention.services import forecast as forecasts
from retention.services import purchases
from retention.services.forecast import RISKS, Forecast
from retention.services.told import NEVER_BOUGHT_JSON, Told

LONGEST_HORIZON = 730
VERSIONS = {Level.RULES: "rules/1", Level.PURCHASES: "mbg-nbd/1"}
_AT_ONCE = 100_000


@dataclass(frozen=True)
class Scored:
    """A run with the arrays behind it, for who goes on working with them in the same transaction."""

    run: ScoreRun
    book: purchases.Book
    forecast: Forecast


def score(*, as_of: date, horizon: int) -> ScoreRun:
    """Score every living customer as of the end of ``as_of``; doing it again replaces the run.

    Who never bought gets a row without a probability. The newest run's figures are handed down to the
    customers' stats.
    """
    return score_with_arrays(as_of=as_of, horizon=horizon).run


@transaction.atomic
def score_with_arrays(*, as_of: date, horizon: int) -> Scored:
    """As ``score``, giving also what it was made of."""
    if not 1 <= horizon <= LONGEST_HORIZON:
        raise BadHorizon
    begun = time.perf_counter()
    _one_at_a_time()
    book = purchases.read(until=as_of)
    forecast = forecasts.forecast(book.purchases, cut=as_of.toordinal(), horizon=horizon)
    run = _run(as_of, horizon, book.customers, forecast)
    _stage(forecast)
    with many_rows():
        _write(run)
        if _is_newest(run):
            _hand_down(run)
    run.seconds = round(time.perf_counter() - begun, 2)
    run.save(update_fields=["seconds"])
    audit.record("churn.scored", run, as_of=str(as_of), horizon=horizon, customers=run.customers)
    return Scored(run, book, forecast)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"score:{current_tenant_id()}"]
        )


def _run(as_of: date, horizon: int, customers: int, forecast: Forecast) -> ScoreRun:
    level = forecast.scores.level
    run, _made = ScoreRun.objects.update_or_create(
        as_of=as_of,
        horizon_days=horizon,
        defaults={
            "level": int(level),
            "model_version": VERSIONS[level],
            "parameters": _parameters(forecast),
            "explanation": _explanation(forecast),
            "customers": customers,
            "created_at": timezone.now(),
        },
    )
    return run


def _parameters(forecast: Forecast) -> dict[str, object]:
    fit, value_fit = forecast.scores.fit, forecast.value_fit
    found: dict[str, object] = {}
    if fit is not None:
        found["purchases"] = {"model": str(fit.model), **fit.params, "n": fit.n}
    if value_fit is not None:
        found["value"] = {"p": value_fit.p, "q": value_fit.q, "v": value_fit.v, "n": value_fit.n}
    return found


def _explanation(forecast: Forecast) -> dict[str, object]:
    """Why this level, and the run in numbers: what a page shows of it once its rows are thinned out."""
    scores = forecast.scores
    counts = np.bincount(forecast.risk, minlength=len(RISKS))
    found: dict[str, object] = {
        "why": str(scores.why),
        "bought": len(scores.history),
        "base": forecast.base,
        "value_at_risk": round(float(forecast.at_risk.sum())),
        "risks": {str(risk.value): int(count) for risk, count in zip(RISKS, counts, strict=True)},
    }
    if scores.check is not None:
        found["check"] = {
            "cut": date.fromordinal(scores.check.cut).isoformat(),
            "n": scores.check.n,
            "log_loss": scores.check.log_loss,
            "base_log_loss": scores.check.base_log_loss,
        }
    return found


_STAGE = """
DROP TABLE IF EXISTS pg_temp.churn_score;
CREATE TEMP TABLE churn_score (
    n int4, probability float8, risk text, reasons jsonb, expected_purchases float8, expected_value int8, at_risk int8
) ON COMMIT DROP
"""


def _stage(forecast: Forecast) -> None:
    """Put the figures beside the customers in the database, some at a time."""
    told = Told(forecast.reasons)
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        for start in range(0, len(forecast.risk), _AT_ONCE):
            rows = io.StringIO(_lines(forecast, told, start, min(start + _AT_ONCE, len(forecast.risk))))
            cursor.copy_expert("COPY churn_score FROM STDIN (NULL '')", rows)
        cursor.execute("ANALYZE churn_score")


def _lines(forecast: Forecast, told: Told, start: int, stop: int) -> str:
    rows = slice(start, stop)
    scores = forecast.scores
    risks = np.array([risk.value for risk in RISKS], dtype=object)[forecast.risk[rows]]
    columns = (
        map(str, scores.history.customer[rows].tolist()),
        _texts(scores.probability[rows]),
        risks.tolist(),
        told.json(start, stop),
        _texts(scores.expected_purchases[rows]),
        _whole(forecast.expected_value[rows]),
        _whole(forecast.at_risk[rows]),
    )
    return "\n".join(["\t".join(row) for row in zip(*columns, strict=True)])


def _texts(values: np.ndarray) -> list[str]:
    return ["" if value != value else repr(value) for value in values.tolist()]


def _whole(values: np.ndarray) -> list[str]:
    return ["" if value != value else str(round(value)) for value in values.tolist()]


_WRITE = f"""
INSERT INTO retention_score AS s
    (tenant_id, id, run_id, customer_id, probability, risk, reasons, expected_purchases, expected_value)
SELECT %(tenant)s::uuid, (i.head || to_hex(i.start + c.n))::uuid, %(run)s::uuid, c.customer_id, n.probability,
       coalesce(n.risk, 'low'), coalesce(n.reasons, %(never)s::jsonb), n.expected_purchases, n.expected_value
FROM history_ids() i CROSS JOIN {purchases.CUSTOMERS} c LEFT JOIN churn_score n USING (n)
"""  # noqa: S608

# A run that is done again keeps the ids of its rows, and only what differs is written.
_REPLACE = f"""
ON CONFLICT (tenant_id, customer_id, run_id) DO UPDATE SET
    probability = excluded.probability, risk = excluded.risk, reasons = excluded.reasons,
    expected_purchases = excluded.expected_purchases, expected_value = excluded.expected_value
WHERE (s.probability, s.risk, s.reasons, s.expected_purchases, s.expected_value) IS DISTINCT FROM
      (excluded.probability, excluded.risk, excluded.reasons, excluded.expected_purchases, excluded.expected_value);
DELETE FROM retention_score s WHERE s.tenant_id = %(tenant)s::uuid AND s.run_id = %(run)s::uuid
  AND NOT EXISTS (SELECT FROM {purchases.CUSTOMERS} c WHERE c.customer_id = s.customer_id)
"""  # noqa: S608


def _write(run: ScoreRun) -> None:
    again = run.scores.exists()
    with connection.cursor() as cursor:
        parameters = {"tenant": str(current_tenant_id()), "run": str(run.pk), "never": NEVER_BOUGHT_JSON}
        cursor.execute(_WRITE + (_REPLACE if again else ""), parameters)


def _is_newest(run: ScoreRun) -> bool:
    return not ScoreRun.objects.filter(as_of__gt=run.as_of).exists()


# From the table that holds them: arrays through Python would take longer than the scoring itself.
_HAND_DOWN = f"""
INSERT INTO customers_customerrisk AS r
    (tenant_id, customer_id, churn_probability, churn_level, churn_risk, value_at_risk, expected_value)
SELECT %(tenant)s::uuid, c.customer_id, n.probability, %(level)s::int2, coalesce(n.risk, 'low'),
       coalesce(n.at_risk, 0), coalesce(n.expected_value, 0)
FROM {purchases.CUSTOMERS} c LEFT JOIN churn_score n USING (n)
ON CONFLICT (tenant_id, customer_id) DO UPDATE SET
    churn_probability = excluded.churn_probability, churn_level = excluded.churn_level,
    churn_risk = excluded.churn_risk, value_at_risk = excluded.value_at_risk,
    expected_value = excluded.expected_value
WHERE (r.churn_probability, r.churn_level, r.churn_risk, r.value_at_risk, r.expected_value) IS DISTINCT FROM
      (excluded.churn_probability, excluded.churn_level, excluded.churn_risk, excluded.value_at_risk,
       excluded.expected_value)
"""  # noqa: S608


def _hand_down(run: ScoreRun) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_HAND_DOWN, {"tenant": str(current_tenant_id()), "level": run.level})
