"""How honest the score is: scored as of past days, compared with what became of the customers.

The newest origin is the cut that was asked for; older ones lie one horizon apart, so that no outcome is used
twice. Every figure stands beside two baselines that need no model: the days since the last purchase, and the
RFM sum.
"""

import numpy as np

from retention.churn import ladder, metrics
from retention.churn.arrays import Floats, Ints
from retention.churn.history import History, Purchases, activity
from retention.churn.intervals import Outcome, figures, intervals
from retention.churn.report import ORIGINS_WANTED, Backtest, CalibrationPoint, Origin, alarms_of, findings_of
from segmentation.rfm import rfm


class OutcomeNotKnown(ValueError):
    """The horizon after the cut is not over yet."""


class NobodyToScore(ValueError):
    """No customer had bought by the cut."""


def backtest(
    purchases: Purchases,
    *,
    cut: int,
    horizon: int,
    known_until: int | None = None,
    capacity: int = 50,
    seed: int = 0,
) -> Backtest:
    """Back-test the score of ``ladder`` at ``cut`` and at earlier origins one ``horizon`` apart; in days.

    ``known_until`` is the last day whose purchases are complete, by default the newest purchase's day.
    Refuses (``OutcomeNotKnown``) a horizon that reaches beyond it. ``capacity`` is how many customers can be
    called.
    """
    until = int(purchases.day.max(initial=cut)) if known_until is None else known_until
    if cut + horizon > until:
        raise OutcomeNotKnown(f"day {cut + horizon} is after day {until}, the last one known")
    scored = [_score(purchases, at, horizon) for at in _cuts(purchases, cut, horizon)]
    origins = tuple(_origin(*each, capacity, seed) for each in scored)
    outcome = _outcome(*scored[0], capacity)
    found = intervals(outcome, seed=seed) if outcome else {}
    curve = _curve(outcome) if outcome else ()
    alarms, findings = alarms_of(origins[0]), findings_of(origins, found)
    return Backtest(horizon, capacity, origins[0], origins, found, curve, alarms, findings)


def _cuts(purchases: Purchases, cut: int, horizon: int) -> list[int]:
    """The cut and up to two earlier ones that have at least one horizon of history before them."""
    first = int(purchases.day.min(initial=cut + 1))
    if first > cut:
        raise NobodyToScore("no purchase up to the cut")
    earlier = [cut - step * horizon for step in range(1, ORIGINS_WANTED)]
    return [cut, *(at for at in earlier if at - first >= horizon)]


def _score(purchases: Purchases, cut: int, horizon: int) -> tuple[ladder.Scores, Floats]:
    scores = ladder.score(purchases, cut=cut, horizon=horizon)
    bought, _ = activity(purchases, scores.history.customer, cut, cut + horizon)
    return scores, (bought == 0).astype(np.float64)


def _outcome(scores: ladder.Scores, left: Floats, capacity: int) -> Outcome | None:
    """What the figures need; None without a probability or when all share one fate."""
    if scores.level == ladder.Level.RULES or left.min() == left.max():
        return None
    value = np.maximum(scores.history.value, 0.0)
    return Outcome(left, scores.probability, scores.probability * value, value, capacity)


def _origin(scores: ladder.Scores, left: Floats, capacity: int, seed: int) -> Origin:
    outcome, history = _outcome(scores, left, capacity), scores.history
    measured: dict[str, float | None] = dict.fromkeys(_FIGURES)
    if outcome:
        rate = float(left.mean())
        measured.update(_figures(outcome, rate, seed))
    points = rfm(history.days_since, history.purchase_days, history.value)
    return Origin(
        cut=history.cut,
        n=len(left),
        churned=int(left.sum()),
        level=int(scores.level),
        why=str(scores.why),
        gap_auc=_finite(metrics.auc(left, history.days_since)),
        rfm_auc=_finite(metrics.auc(left, -points.total)),
        features=_feature_aucs(history, left),
        **measured,
    )


_FIGURES = (
    "auc",
    "log_loss",
    "base_log_loss",
    "brier",
    "base_brier",
    "ece",
    "lift10",
    "precision",
    "value_captured",
    "mean_probability",
    "shuffled_auc",
)


def _figures(outcome: Outcome, rate: float, seed: int) -> dict[str, float | None]:
    left, probability = outcome.left, outcome.probability
    base = np.full(len(left), rate)
    return {
        **{name: _finite(value) for name, value in figures(outcome).items()},
        "base_log_loss": metrics.log_loss(left, base),
        "base_brier": metrics.brier(left, base),
        "mean_probability": float(probability.mean()),
        "shuffled_auc": metrics.shuffled_auc(left, probability, seed=seed),
    }


def _feature_aucs(history: History, left: Floats) -> dict[str, float]:
    """How well each single column tells leavers apart, in whichever direction."""
    columns: dict[str, Floats | Ints] = {
        "days_since": history.days_since,
        "purchases": history.purchase_days,
        "age_days": history.T,
        "value": history.value,
        "mean_value": history.mean_value,
    }
    found = {name: metrics.auc(left, column) for name, column in columns.items()}
    return {name: max(auc, 1 - auc) for name, auc in found.items() if np.isfinite(auc)}


def _curve(outcome: Outcome) -> tuple[CalibrationPoint, ...]:
    curve = metrics.calibration(outcome.left, outcome.probability)
    return tuple(
        CalibrationPoint(float(predicted), float(observed), int(customers))
        for predicted, observed, customers in zip(
            curve.predicted, curve.observed, curve.customers, strict=True
        )
    )


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
