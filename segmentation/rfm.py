"""RFM: how recently, how often and for how much each customer bought, in fifths of the company's customers.

Scores are 1 (worst) to 5 (best). Customers with equal values share one score, by their average rank, so the
order of the customers cannot matter. Recency counts days to a fixed reference date that the caller names.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Numbers = Ints | Floats
_FIFTHS = 5


class Segment(StrEnum):
    """The ten named groups of customers by recency and by frequency with value."""

    CHAMPIONS = "champions"
    LOYAL = "loyal"
    POTENTIAL_LOYALISTS = "potential_loyalists"
    NEW_CUSTOMERS = "new_customers"
    PROMISING = "promising"
    NEED_ATTENTION = "need_attention"
    ABOUT_TO_SLEEP = "about_to_sleep"
    AT_RISK = "at_risk"
    CANNOT_LOSE = "cannot_lose"
    HIBERNATING = "hibernating"


_CHAMPIONS, _LOYAL, _POTENTIAL, _NEW, _PROMISING, _ATTENTION, _SLEEPY, _RISK, _CANNOT, _HIBERNATING = Segment

# CELLS[recency - 1][fm - 1]: every pair of scores has exactly one name.
CELLS: tuple[tuple[Segment, ...], ...] = (
    (_HIBERNATING, _HIBERNATING, _RISK, _RISK, _CANNOT),
    (_HIBERNATING, _HIBERNATING, _RISK, _RISK, _CANNOT),
    (_SLEEPY, _SLEEPY, _ATTENTION, _LOYAL, _LOYAL),
    (_PROMISING, _POTENTIAL, _POTENTIAL, _LOYAL, _LOYAL),
    (_NEW, _POTENTIAL, _POTENTIAL, _CHAMPIONS, _CHAMPIONS),
)
SEGMENTS: tuple[Segment, ...] = tuple(Segment)
_CODE = np.array([[SEGMENTS.index(segment) for segment in row] for row in CELLS], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Rfm:
    """Scores 1 to 5, each of shape (n,)."""

    recency: Ints
    frequency: Ints
    monetary: Ints

    @property
    def fm(self) -> Ints:
        """Frequency and value in one score: their mean, halves rounded up."""
        return (self.frequency + self.monetary + 1) // 2

    @property
    def total(self) -> Ints:
        """The sum of the three scores, 3 to 15."""
        return self.recency + self.frequency + self.monetary

    @property
    def segment(self) -> Ints:
        """Each customer's segment as an index into ``SEGMENTS``."""
        return np.asarray(_CODE[self.recency - 1, self.fm - 1])

    @property
    def names(self) -> list[Segment]:
        """Each customer's segment by name."""
        return [SEGMENTS[code] for code in self.segment]


def fifths(values: Numbers) -> Ints:
    """Score 1 to 5 of each value, shape (n,): the fifth its average rank falls in, 5 for the highest.

    When all values are equal all get 3.
    """
    if len(values) == 0:
        return np.empty(0, dtype=np.int64)
    # Ranks are multiples of a half: twice the rank is an exact integer, so no fifth hangs on rounding.
    twice = (2 * rankdata(values)).astype(np.int64) - 1
    return np.asarray(1 + np.minimum(twice * _FIFTHS // (2 * len(values)), _FIFTHS - 1))


def rfm(days_since: Numbers, purchases: Numbers, value: Numbers) -> Rfm:
    """Score active customers, arrays of shape (n,).

    ``days_since`` the last purchase at the reference date, ``purchases`` so far, ``value`` net of returns.
    """
    return Rfm(fifths(-days_since), fifths(purchases), fifths(value))
