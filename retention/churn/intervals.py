"""How sure we can be of a score's figures: bootstrap intervals over the customers.

Every resample is a row of counts (how often each customer was drawn), so that all resamples of a figure are
computed at once. The figures are those of ``metrics``; equal scores are a draw here too.
"""

from dataclasses import dataclass

import numpy as np

from retention.churn import metrics
from retention.churn.arrays import Floats, Ints

# Resamples are drawn from at most so many customers, picked at random; see ``intervals``.
_MOST_ROWS = 20_000
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the ends of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """A score and what became of it; arrays of shape (n,). ``capacity`` is how many a manager can call.

    ``score`` decides the order in which they would be called (say probability times value).
    """

    left: Floats
    probability: Floats
    score: Floats
    value: Floats
    capacity: int


def figures(outcome: Outcome) -> dict[str, float]:
    """Each figure by name, over all customers. A figure that does not exist (nobody left) is NaN."""
    left, probability = outcome.left, outcome.probability
    return {
        "auc": metrics.auc(left, probability),
        "log_loss": metrics.log_loss(left, probability),
        "brier": metrics.brier(left, probability),
        "ece": metrics.ece(left, probability),
        "lift10": metrics.lift(left, probability),
        "precision": metrics.precision_at(left, probability, outcome.capacity),
        "value_captured": metrics.value_captured(left, outcome.score, outcome.value, outcome.capacity),
    }


def intervals(
    outcome: Outcome, *, seed: int = 0, times: int = 200, level: float = 0.95
) -> dict[str, Interval]:
    """Percentile intervals of ``figures`` over the same seeded resamples; figures that are NaN are left out.

    Of more than 20,000 customers so many are picked at random and resampled, and the interval is narrowed by
    sqrt(m / n) around the figure: the error of each falls with the root of n.
    """
    rng = np.random.default_rng(seed)
    n = len(outcome.left)
    picked = _picked(outcome, rng)
    drawn = _resampled(picked, rng, times)
    result = {}
    for name, value in figures(outcome).items():
        sample = drawn[name][np.isfinite(drawn[name])]
        if np.isnan(value) or not len(sample):
            continue
        low, high = np.quantile(sample, [(1 - level) / 2, (1 + level) / 2])
        if len(picked.left) < n:
            narrowing = np.sqrt(len(picked.left) / n)
            low, high = value + narrowing * (np.array([low, high]) - sample.mean())
        result[name] = Interval(value, float(low), float(high))
    return result


def _picked(outcome: Outcome, rng: np.random.Generator) -> Outcome:
    n = len(outcome.left)
    if n <= _MOST_ROWS:
        return outcome
    rows = np.sort(rng.choice(n, _MOST_ROWS, replace=False))
    capacity = max(1, round(outcome.capacity * _MOST_ROWS / n))
    return Outcome(
        outcome.left[rows], outcome.probability[rows], outcome.score[rows], outcome.value[rows], capacity
    )


def _resampled(outcome: Outcome, rng: np.random.Generator, times: int) -> dict[str, Floats]:
    n = len(outcome.left)
    parts: dict[str, list[Floats]] = {}
    for start in range(0, times, _AT_ONCE):
        size = min(_AT_ONCE, times - start)
        drawn = rng.integers(0, n, size=(size, n)) + np.arange(size)[:, None] * n
        weight = np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n).astype(np.float64)
        for name, value in _weighted(outcome, weight).items():
            parts.setdefault(name, []).append(value)
    return {name: np.concatenate(values) for name, values in parts.items()}


def _weighted(outcome: Outcome, weight: Floats) -> dict[str, Floats]:
    """Every figure for each row of ``weight`` (resamples, n), in one go."""
    left, probability, n = outcome.left, outcome.probability, len(outcome.left)
    gone, stayed = _by_score(probability, weight, left), _by_score(probability, weight, 1 - left)
    size = min(outcome.capacity, n)
    lost = left * np.maximum(outcome.value, 0.0)
    called = _by_score(outcome.score, weight, np.ones(n))
    at_stake = _by_score(outcome.score, weight, lost)
    everyone, leavers = gone + stayed, gone.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "auc": (gone * (stayed.sum(axis=1)[:, None] - np.cumsum(stayed, axis=1) + stayed / 2)).sum(axis=1)
            / (leavers * stayed.sum(axis=1)),
            "log_loss": weight @ metrics.losses(left, probability) / n,
            "brier": weight @ (probability - left) ** 2 / n,
            "ece": _calibration_errors(left, probability, weight),
            "lift10": (_taken(everyone, 0.1 * n) * gone).sum(axis=1) / (0.1 * leavers),
            "precision": (_taken(everyone, size) * gone).sum(axis=1) / size,
            "value_captured": (_taken(called, size) * at_stake).sum(axis=1) / at_stake.sum(axis=1),
        }


def _by_score(score: Floats, weight: Floats, amount: Floats) -> Floats:
    """Sum of weight times amount per distinct score, highest first: shape (resamples, distinct scores)."""
    order = np.argsort(-score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=np.inf))
    summed: Floats = np.add.reduceat(weight[:, order] * amount[order], starts, axis=1)
    return summed


def _taken(sizes: Floats, count: float) -> Floats:
    """The share of each group, highest first, that is among the first ``count`` of its resample."""
    before = np.cumsum(sizes, axis=1) - sizes
    share: Floats = np.clip((count - before) / np.maximum(sizes, 1e-12), 0.0, 1.0)
    return share


def _calibration_errors(left: Floats, probability: Floats, weight: Floats, groups: int = 10) -> Floats:
    code: Ints = metrics.quantile_code(probability, groups)
    member = (code[:, None] == np.arange(groups)).astype(np.float64)
    off = np.abs(weight @ (member * (probability - left)[:, None]))
    return np.asarray(off.sum(axis=1) / len(left))
