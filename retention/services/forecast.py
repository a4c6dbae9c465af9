"""From purchases to what is said of each customer: chance, risk, value, reasons. Arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from retention.churn import btyd, gamma_gamma, ladder, reasons
from retention.churn.arrays import Floats, Ints
from retention.churn.history import History, Purchases, activity, history_of
from retention.churn.reasons import Reasons
from retention.churn.warnings import value_at_risk
from retention.models.scores import Risk

# Twice the company's average odds is high, half of them low.
BAND = float(np.log(2))
RISKS = (Risk.LOW, Risk.MEDIUM, Risk.HIGH)
_OF_RULE = {ladder.Rule.ACTIVE: Risk.LOW, ladder.Rule.ONE_PURCHASE: Risk.MEDIUM, ladder.Rule.LATE: Risk.HIGH}


@dataclass(frozen=True)
class Forecast:
    """What is said of the n customers who ever bought; arrays of shape (n,) in the order of ``scores.history``.

    ``risk`` indexes ``RISKS``; ``expected_value`` (NaN on level 0) and ``at_risk`` are in minor units.
    """

    scores: ladder.Scores
    reasons: Reasons
    risk: Ints
    expected_value: Floats
    at_risk: Floats
    base: float | None
    value_fit: gamma_gamma.ValueFit | None


def forecast(purchases: Purchases, *, cut: int, horizon: int) -> Forecast:
    """Score and explain everybody who had bought by the end of day ``cut``."""
    scores = ladder.score(purchases, cut=cut, horizon=horizon)
    history = scores.history
    value_fit = _value_fit(history)
    worth = _worth(value_fit, history)
    base = float(scores.probability.mean()) if scores.fit is not None else None
    return Forecast(
        scores=scores,
        reasons=_reasons(scores, purchases),
        risk=_risk(scores, base),
        expected_value=scores.expected_purchases * worth,
        at_risk=_at_risk(scores, worth),
        base=base,
        value_fit=value_fit,
    )


def probability_before(purchases: Purchases, forecast: Forecast, days: int) -> Floats:
    """What the same model would have said ``days`` earlier of each customer; NaN for who had not bought by then.

    The same fitted model, so that a change is the customer's and not the model's.
    """
    scores = forecast.scores
    before = np.full(len(scores.history), np.nan)
    if scores.fit is None:
        return before
    then = history_of(purchases, scores.history.cut - days)
    told = btyd.p_no_purchase(scores.fit, then.x, then.t_x, then.T, scores.horizon)
    before[np.searchsorted(scores.history.customer, then.customer)] = told
    return before


def _value_fit(history: History) -> gamma_gamma.ValueFit | None:
    try:
        return gamma_gamma.fit(history.x, history.repeat_value)
    except ValueError:
        return None


def _worth(value_fit: gamma_gamma.ValueFit | None, history: History) -> Floats:
    """What a purchase of each customer is worth; without a model, what it has been worth so far."""
    if value_fit is None:
        return np.maximum(history.mean_value, 0.0)
    return gamma_gamma.expected_value(value_fit, history.x, history.repeat_value)


def _at_risk(scores: ladder.Scores, worth: Floats) -> Floats:
    """What would be lost within the horizon, times its chance; by rule, all of it for whom the rule names."""
    history = scores.history
    if scores.fit is not None:
        usual = btyd.usual_purchases(scores.fit, history.x, history.t_x, scores.horizon)
        return value_at_risk(scores.probability, usual * worth)
    rhythm = np.maximum(np.nan_to_num(history.usual_gap, nan=scores.horizon), 1.0)
    return np.where(scores.rule == int(ladder.Rule.ACTIVE), 0.0, scores.horizon / rhythm * worth)


def _risk(scores: ladder.Scores, base: float | None) -> Ints:
    if base is None:
        bands = np.array([RISKS.index(_OF_RULE[rule]) for rule in sorted(_OF_RULE)])
        return bands[scores.rule]
    away = logit(np.clip(scores.probability, 1e-12, 1 - 1e-12)) - logit(base)
    return np.where(away >= BAND, 2, np.where(away <= -BAND, 0, 1)).astype(np.int64)


def _reasons(scores: ladder.Scores, purchases: Purchases) -> Reasons:
    history = scores.history
    if scores.fit is None:
        late, once = scores.rule == int(ladder.Rule.LATE), scores.rule == int(ladder.Rule.ONE_PURCHASE)
        return reasons.rule_reasons(history, late, once)
    days, value = activity(purchases, history.customer, history.cut - scores.horizon, history.cut)
    recent = np.where(days > 0, value / np.maximum(days, 1), np.nan)
    return reasons.purchase_reasons(scores.fit, history, scores.horizon, recent)
