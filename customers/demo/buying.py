"""Two years of purchases: customers buy at their own pace with the seasons, until some stop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SEASONS = np.array([0.85, 0.8, 1.0, 1.05, 1.0, 0.95, 0.8, 0.75, 1.05, 1.15, 1.25, 1.1]) / 1.25
WITHOUT_PURCHASE = 0.14


@dataclass(frozen=True)
class History:
    """Purchases as arrays: whose (index), how many days before the end, and the size of the basket."""

    customer: np.ndarray
    days_ago: np.ndarray
    lines: np.ndarray
    stopped_days_ago: np.ndarray


def history(
    rng: np.random.Generator, known_days: np.ndarray, accepted: np.ndarray, month_of: np.ndarray
) -> History:
    """Buy till you die: pace gamma across customers, lifetimes exponential with a gamma of their own.

    ``known_days`` says for each customer how long it has been one; ``accepted`` whether it may buy at all;
    ``month_of`` the month (0–11) of each day ago. Days of slow months are thinned out.
    """
    count = len(known_days)
    pace = rng.gamma(1.3, 1 / 62.0, count)  # purchases a day
    lifetime = rng.exponential(1 / np.maximum(rng.gamma(1.2, 1 / 800.0, count), 1e-5))
    buys = (rng.random(count) >= WITHOUT_PURCHASE) & accepted
    span = np.minimum(known_days, lifetime)
    repeats = rng.poisson(pace * span * 1.25) * buys
    first = np.flatnonzero(buys)
    customer = np.concatenate([first, np.repeat(np.arange(count), repeats)])
    within = np.concatenate([np.zeros(len(first)), rng.random(int(repeats.sum())) * np.repeat(span, repeats)])
    days_ago = known_days[customer] - within
    days_ago = np.where(days_ago < 0.1, 0.1 + rng.random(len(days_ago)), days_ago)
    season = SEASONS[month_of[np.minimum(days_ago.astype(int), len(month_of) - 1)]]
    keep = (rng.random(len(customer)) < season) | (np.arange(len(customer)) < len(first))
    customer, days_ago = customer[keep], days_ago[keep]
    order = np.lexsort((-days_ago, customer))
    lines = 1 + rng.poisson(0.9, len(order))
    return History(customer[order], days_ago[order], lines, np.maximum(known_days - lifetime, -1.0))
