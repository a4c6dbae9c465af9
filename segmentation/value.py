"""What a customer has been worth and may be worth within a horizon, and the tiers that follow.

Money is in whatever unit the caller uses; arrays have shape (n,). A stationary expectation knows no season:
it is too low before a high season and too high after it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, spearmanr

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Numbers = Ints | Floats

# Tier codes from the most to the least valuable, with the share of customers above each lower edge.
TIERS: tuple[tuple[str, float], ...] = (("top", 0.05), ("high", 0.20), ("middle", 0.50), ("low", 1.0))


def expected_value(expected_purchases: Floats, mean_value: Floats) -> Floats:
    """Value expected within the horizon: purchases expected times expected mean value, never below 0."""
    return np.maximum(expected_purchases * mean_value, 0.0)


def tiers(value: Numbers) -> Ints:
    """Each customer's tier as an index into ``TIERS``: the top 5 %, to 20 %, to 50 %, and the rest.

    Equal values share a tier by their average rank. A customer without positive value is always in the last.
    """
    if len(value) == 0:
        return np.empty(0, dtype=np.int64)
    above = (rankdata(-np.asarray(value)) - 0.5) / len(value)
    edges = np.array([edge for _, edge in TIERS[:-1]])
    code = np.searchsorted(edges, above, side="right").astype(np.int64)
    return np.where(np.asarray(value) > 0, code, len(TIERS) - 1)


@dataclass(frozen=True, slots=True)
class ValueBacktest:
    """How an expected value held: total expected over actual less 1, rank correlation, top-decile capture.

    ``top_capture`` is the share of all actual value that the tenth with the highest expectation brought.
    """

    expected: float
    actual: float
    total_error: float
    rank_correlation: float
    top_capture: float


def backtest(expected: Floats, actual: Floats) -> ValueBacktest:
    """Compare expected with actual value over the same horizon, both of shape (n,), n > 1."""
    brought = np.maximum(actual, 0.0)
    total, hoped = float(brought.sum()), float(expected.sum())
    top = _top_share(expected, 0.1)
    nan = float("nan")
    varies = np.ptp(expected) > 0 and np.ptp(actual) > 0
    return ValueBacktest(
        expected=hoped,
        actual=total,
        total_error=hoped / total - 1 if total > 0 else nan,
        rank_correlation=float(spearmanr(expected, actual).statistic) if varies else nan,
        top_capture=float(top @ brought / total) if total > 0 else nan,
    )


def _top_share(score: Floats, share: float) -> Floats:
    """How much of each customer is in the top ``share``; those who tie at the edge share the room."""
    _, code, sizes = np.unique(score, return_inverse=True, return_counts=True)
    above = sizes[::-1].cumsum()[::-1] - sizes
    room: Floats = np.clip((share * len(score) - above) / sizes, 0.0, 1.0)
    return room[code]
