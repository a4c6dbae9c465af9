"""Which rung a company stands on, and the score of each customer from there.

    0  rules with reasons, called rules: too few customers or purchases, or a model that was worse than
       knowing only how many leave. No probability.
    1  purchase history: the MBG/NBD chance of no purchase in the next H days. Needs no labels.
    2  logistic regression on outcomes (``labelled``)
    3  boosting, only where it wins (``labelled``)

For purchases without contracts rungs 0 and 1 are used. Times are in days.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np

from retention.churn import btyd, metrics
from retention.churn.arrays import Floats, Ints
from retention.churn.history import History, Purchases, activity, history_of

LEAST_CUSTOMERS = 50
LEAST_PURCHASES_A_HEAD = 2.0
LEAST_LEAVERS = 25
LEAST_LEAVERS_TO_BOOST = 400


class Level(IntEnum):
    """Rungs of the ladder."""

    RULES = 0
    PURCHASES = 1
    LOGISTIC = 2
    BOOSTING = 3


class Why(StrEnum):
    """Why a company stands on its rung."""

    FEW_CUSTOMERS = "few_customers"
    FEW_PURCHASES = "few_purchases"
    FIT_FAILED = "fit_failed"
    WORSE_THAN_BASE_RATE = "worse_than_base_rate"
    CHECKED = "better_than_base_rate"
    UNCHECKED = "no_earlier_outcomes"
    FEW_LEAVERS = "few_leavers"
    LOGISTIC_WINS = "logistic_wins"
    BOOSTING_WINS = "boosting_wins"


class Rule(IntEnum):
    """What a rule says of a customer on rung 0; the higher, the more urgent."""

    ACTIVE = 0
    ONE_PURCHASE = 1
    LATE = 2


@dataclass(frozen=True, slots=True)
class Check:
    """How the model did one horizon earlier, against knowing only the share that left (in hindsight)."""

    cut: int
    n: int
    log_loss: float
    base_log_loss: float

    @property
    def passed(self) -> bool:
        """Whether the model beat the base rate."""
        return self.log_loss < self.base_log_loss


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of the customers of ``history``, arrays of shape (n,).

    probability         chance of no purchase in the horizon; NaN on rung 0
    expected_purchases  in the horizon; NaN on rung 0
    rule                a ``Rule`` for each customer on rung 0, also filled in above it
    urgency             what to sort by: the probability, or on rung 0 the silence in own 90 % gaps
    """

    level: Level
    why: Why
    horizon: int
    history: History
    probability: Floats
    expected_purchases: Floats
    rule: Ints
    urgency: Floats
    fit: btyd.Fit | None
    check: Check | None


def score(purchases: Purchases, *, cut: int, horizon: int, check: bool = True) -> Scores:
    """Score every customer who had bought by the end of day ``cut``; what happened later is not read.

    With ``check`` the model is tried one horizon earlier, where its outcome is already known at the cut, and
    given up for rules when it did worse than the base rate.
    """
    if horizon < 1:
        raise ValueError("the horizon is at least one day")
    known = purchases.until(cut)
    history = history_of(known, cut)
    refusal = _refusal(history)
    if refusal:
        return _by_rule(history, horizon, refusal)
    grouped, fitted = _fitted(history)
    if not _usable(fitted):
        return _by_rule(history, horizon, Why.FIT_FAILED)
    checked = _checked(known, cut - horizon, horizon) if check else None
    if checked and not checked.passed:
        return _by_rule(history, horizon, Why.WORSE_THAN_BASE_RATE, checked)
    return _by_model(history, horizon, grouped, fitted, checked)


def _by_model(
    history: History, horizon: int, grouped: btyd.Groups, fitted: btyd.Fit, checked: Check | None
) -> Scores:
    rows = (fitted, grouped.x, grouped.t_x, grouped.T, float(horizon))
    probability = btyd.p_no_purchase(*rows)[grouped.inverse]
    return Scores(
        level=Level.PURCHASES,
        why=Why.CHECKED if checked else Why.UNCHECKED,
        horizon=horizon,
        history=history,
        probability=probability,
        expected_purchases=btyd.expected_purchases(*rows)[grouped.inverse],
        rule=rules(history, horizon),
        urgency=probability,
        fit=fitted,
        check=checked,
    )


def _refusal(history: History) -> Why | None:
    if len(history) < LEAST_CUSTOMERS:
        return Why.FEW_CUSTOMERS
    if history.purchase_days.mean() < LEAST_PURCHASES_A_HEAD:
        return Why.FEW_PURCHASES
    return None


def _fitted(history: History) -> tuple[btyd.Groups, btyd.Fit]:
    grouped = btyd.group(history.x, history.t_x, history.T)
    return grouped, btyd.fit(grouped)


def _usable(fitted: btyd.Fit) -> bool:
    return fitted.converged and bool(np.all(np.isfinite(fitted.values)))


def _checked(known: Purchases, cut: int, horizon: int) -> Check | None:
    """The model one horizon ago; None when there was not yet enough to fit or only one kind of outcome."""
    history = history_of(known, cut)
    if _refusal(history) or cut - int(history.first.min()) < horizon:
        return None
    grouped, fitted = _fitted(history)
    if not _usable(fitted):
        return None
    bought, _ = activity(known, history.customer, cut, cut + horizon)
    left = (bought == 0).astype(np.float64)
    rate = float(left.mean())
    if not 0 < rate < 1:
        return None
    probability = btyd.p_no_purchase(fitted, grouped.x, grouped.t_x, grouped.T, horizon)[grouped.inverse]
    base = metrics.log_loss(left, np.full(len(left), rate))
    return Check(cut, len(left), metrics.log_loss(left, probability), base)


def rules(history: History, horizon: int) -> Ints:
    """A ``Rule`` for each customer, shape (n,).

    LATE: silent for longer than 90 % of the customer's own gaps. ONE_PURCHASE: bought once, and not within
    the last ``horizon`` days. ACTIVE: neither.
    """
    once = (history.x == 0) & (history.days_since > horizon)
    late = (history.x > 0) & (history.days_since > np.nan_to_num(history.gap_limit, nan=np.inf))
    return np.where(late, int(Rule.LATE), np.where(once, int(Rule.ONE_PURCHASE), int(Rule.ACTIVE))).astype(
        np.int64
    )


def _by_rule(history: History, horizon: int, why: Why, checked: Check | None = None) -> Scores:
    nothing = np.full(len(history), np.nan)
    patience = np.where(history.x > 0, np.nan_to_num(history.gap_limit, nan=horizon), horizon)
    urgency = history.days_since / np.maximum(patience, 1.0)
    return Scores(
        Level.RULES,
        why,
        horizon,
        history,
        nothing,
        nothing.copy(),
        rules(history, horizon),
        urgency,
        None,
        checked,
    )
