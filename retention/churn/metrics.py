"""How good a churn score is.

Throughout: ``left`` (n,) is 1 for a customer who left, ``score`` (n,) is higher for more risk,
``probability`` (n,) lies in [0, 1]. Equal scores are a draw, so no figure depends on the order of customers.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from retention.churn.arrays import Floats, Ints, Numbers

_LEAST_PROBABILITY = 1e-12


def auc(left: Numbers, score: Numbers) -> float:
    """Chance that one who left scores above one who stayed, ties counting half; NaN for a single class."""
    return _auc_of_ranks(left, rankdata(score))


def _auc_of_ranks(left: Numbers, ranks: Floats) -> float:
    positives = float(np.sum(left))
    negatives = len(left) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    return float((ranks @ left - positives * (positives + 1) / 2) / (positives * negatives))


def shuffled_auc(left: Numbers, score: Numbers, *, seed: int = 0, times: int = 20) -> float:
    """Mean AUC against labels dealt out at random: far from 0.5 means that something is wrong."""
    rng = np.random.default_rng(seed)
    ranks = rankdata(score)
    return float(np.mean([_auc_of_ranks(rng.permutation(left), ranks) for _ in range(times)]))


def losses(left: Numbers, probability: Floats) -> Floats:
    """Minus the log-likelihood of each customer's outcome, shape (n,)."""
    safe = np.clip(probability, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
    return np.asarray(-(left * np.log(safe) + (1 - left) * np.log1p(-safe)))


def log_loss(left: Numbers, probability: Floats) -> float:
    """Mean minus log-likelihood."""
    return float(losses(left, probability).mean())


def brier(left: Numbers, probability: Floats) -> float:
    """Mean squared error of the probability."""
    return float(np.mean((probability - left) ** 2))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Groups of equal size by probability: the mean of it, the share that left, the customers inside."""

    predicted: Floats
    observed: Floats
    customers: Ints

    @property
    def error(self) -> float:
        """Expected calibration error: mean distance between predicted and observed over the customers."""
        return float(np.abs(self.predicted - self.observed) @ self.customers / self.customers.sum())


def calibration(left: Numbers, probability: Floats, groups: int = 10) -> Calibration:
    """Predicted against observed in groups of equal size; equal probabilities stay in one group."""
    code = quantile_code(probability, groups)
    customers = np.bincount(code, minlength=groups)
    used = customers > 0
    sums = [
        np.bincount(code, weights=v, minlength=groups)[used] / customers[used] for v in (probability, left)
    ]
    return Calibration(sums[0], sums[1], customers[used].astype(np.int64))


def ece(left: Numbers, probability: Floats) -> float:
    """Expected calibration error over ten groups of equal size."""
    return calibration(left, probability).error


def quantile_code(score: Floats, groups: int) -> Ints:
    """Group 0 .. groups-1 of each score by its average rank."""
    position = (rankdata(score) - 0.5) / len(score)
    return np.asarray(np.minimum((position * groups).astype(np.int64), groups - 1))


def taken(score: Numbers, count: float) -> Floats:
    """How much of each customer is among the ``count`` highest scores, shape (n,), in [0, 1].

    Those who tie at the edge share what room is left.
    """
    _, code, sizes = np.unique(score, return_inverse=True, return_counts=True)
    above = sizes[::-1].cumsum()[::-1] - sizes
    share: Floats = np.clip((count - above) / sizes, 0.0, 1.0)
    return np.asarray(share[code])


def lift(left: Numbers, score: Numbers, share: float = 0.1) -> float:
    """How many times more often the top ``share`` left than the average customer; NaN when nobody left."""
    count = share * len(left)
    rate = float(np.mean(left))
    return float(taken(score, count) @ left / count / rate) if rate > 0 else float("nan")


def precision_at(left: Numbers, score: Numbers, count: int) -> float:
    """Share of those who left among the ``count`` highest scores (all of them when there are fewer)."""
    size = min(count, len(left))
    return float(taken(score, size) @ left / size)


def value_captured(left: Numbers, score: Numbers, value: Floats, count: int) -> float:
    """Share of the value of those who left that the ``count`` highest scores hold; NaN when there is none."""
    lost = left * np.maximum(value, 0.0)
    total = float(lost.sum())
    return float(taken(score, count) @ lost / total) if total > 0 else float("nan")
