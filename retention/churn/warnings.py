"""When to warn an owner: a crossing or a rise, ordered by value at risk, capped by what the owner can do.

A high risk that has been high for months is no news and opens nothing. A warning stays open until the
customer buys again or the risk has clearly eased, so that it does not flicker around the edge.
All arrays have shape (n,).
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from scipy.special import logit

from retention.churn.arrays import Bools, Floats, Ints, Numbers


class Trigger(IntEnum):
    """What opened a warning."""

    NONE = 0
    RISE = 1
    GAP = 2
    BOTH = 3


class Closing(IntEnum):
    """What closes a warning."""

    NONE = 0
    RETURNED = 1
    EASED = 2


@dataclass(frozen=True, slots=True)
class Policy:
    """The rule. ``rise`` and ``fall`` are in log-odds.

    A warning opens when the log-odds rose by ``rise`` within ``window_days``, or when the silence went beyond
    the customer's own 90 % gap within them. It closes when the customer bought, or the log-odds fell by
    ``fall`` from where they stood at the opening. After closing, the customer is left alone for
    ``window_days``.
    """

    rise: float = 0.7
    fall: float = 0.35
    window_days: int = 28


def triggers(
    probability: Floats,
    probability_before: Floats,
    days_since: Numbers,
    gap_limit: Floats,
    policy: Policy,
) -> Ints:
    """A ``Trigger`` for each customer.

    ``probability_before`` is the score ``window_days`` earlier; NaN (no score then, or rules) means no rise.
    ``gap_limit`` is the silence that 90 % of the customer's own gaps stay under; NaN means no rhythm yet.
    """
    with np.errstate(invalid="ignore"):
        rose = _log_odds(probability) - _log_odds(probability_before) >= policy.rise
        crossed = (days_since > gap_limit) & (days_since - policy.window_days <= gap_limit)
    return (rose * int(Trigger.RISE) + crossed * int(Trigger.GAP)).astype(np.int64)


def _log_odds(probability: Floats) -> Floats:
    """Log-odds, of probabilities kept away from 0 and 1 by what a double can tell apart."""
    return np.asarray(logit(np.clip(probability, 1e-15, 1 - 1e-15)))


def value_at_risk(probability: Floats, value: Floats) -> Floats:
    """Probability times the customer's value, never negative. Without a probability the value alone."""
    return np.where(np.isnan(probability), 1.0, probability) * np.maximum(np.nan_to_num(value), 0.0)


def opening(
    trigger: Ints,
    at_risk: Floats,
    owner: Ints,
    has_open: Bools,
    days_since_closed: Floats,
    *,
    capacity: int,
    policy: Policy,
) -> Bools:
    """Whose warning to open now: the highest value at risk of each owner, within what the owner can handle.

    ``owner`` is an index (-1 for customers without one, who form one queue); ``has_open`` marks customers
    with an open warning, which count against the owner's ``capacity``; ``days_since_closed`` is NaN where
    there was none. Equal values are taken in the order of the arrays.
    """
    rested = ~(days_since_closed < policy.window_days)
    wanted = np.flatnonzero((trigger != int(Trigger.NONE)) & ~has_open & rested)
    queue = owner - owner.min(initial=0)
    room = capacity - np.bincount(queue, weights=has_open, minlength=1)
    ranked = wanted[np.lexsort((-at_risk[wanted], queue[wanted]))]
    line = queue[ranked]
    begins = np.flatnonzero(np.diff(line, prepend=-1))
    place = np.arange(len(line)) - np.repeat(begins, np.diff(begins, append=len(line)))
    opens = np.zeros(len(trigger), dtype=np.bool_)
    opens[ranked[place < room[line]]] = True
    return opens


def closing(
    probability: Floats,
    probability_at_opening: Floats,
    days_since: Numbers,
    days_open: Numbers,
    policy: Policy,
) -> Ints:
    """A ``Closing`` for each open warning: the customer bought after it opened, or the risk clearly eased."""
    returned = days_since < days_open
    with np.errstate(invalid="ignore"):
        eased = _log_odds(probability) <= _log_odds(probability_at_opening) - policy.fall
    return np.where(
        returned, int(Closing.RETURNED), np.where(eased, int(Closing.EASED), int(Closing.NONE))
    ).astype(np.int64)
