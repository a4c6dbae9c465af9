"""From flat purchases to one row per customer, as of the end of a day.

Purchases of one day are one. A negative amount is a return: it lowers value and is no purchase. Nothing after
the cut is read, so what happens later cannot change what was known then.
"""

from dataclasses import dataclass, fields

import numpy as np

from retention.churn.arrays import Bools, Floats, Ints, Numbers

# From this many gaps on, a customer's own 90 % gap is read from the gaps themselves.
_GAPS_TO_READ = 10
_SHARE = 0.9
HORIZON_SHARE = 0.85


@dataclass(frozen=True, slots=True)
class Purchases:
    """Flat purchases, shape (rows,) each: customer index from 0, day number, net amount in one currency."""

    customer: Ints
    day: Ints
    amount: Numbers

    def until(self, cut: int) -> "Purchases":
        """Only what happened up to the end of day ``cut``."""
        kept = self.day <= cut
        return self if bool(kept.all()) else Purchases(self.customer[kept], self.day[kept], self.amount[kept])


@dataclass(frozen=True, slots=True)
class History:
    """What was known of each customer at the end of day ``cut``; arrays of shape (n,), times in days.

    customer        the index given with the purchases; ascending, only those who had bought by the cut
    first, last     day numbers of the first and the last purchase
    purchase_days   distinct days with a purchase, at least 1
    x, t_x, T       repeat purchase days, first to last purchase, first purchase to cut
    value           net amount of all purchases
    mean_value      value per purchase day
    repeat_value    value per purchase day after the first day; NaN where x = 0
    usual_gap       mean days between purchases, t_x / x; NaN where x = 0
    gap_limit       the silence that 90 % of the customer's own gaps stay under; NaN where x = 0
    """

    cut: int
    customer: Ints
    first: Ints
    last: Ints
    purchase_days: Ints
    value: Floats
    repeat_value: Floats
    gap_limit: Floats

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def x(self) -> Ints:
        """Repeat purchase days."""
        return self.purchase_days - 1

    @property
    def t_x(self) -> Ints:
        """Days from the first purchase to the last."""
        return self.last - self.first

    @property
    def T(self) -> Ints:
        """Days from the first purchase to the cut."""
        return self.cut - self.first

    @property
    def days_since(self) -> Ints:
        """Days from the last purchase to the cut."""
        return self.cut - self.last

    @property
    def mean_value(self) -> Floats:
        """Value per purchase day."""
        return self.value / self.purchase_days

    @property
    def usual_gap(self) -> Floats:
        """Mean days between purchases; NaN where there was one."""
        return np.where(self.x > 0, self.t_x / np.maximum(self.x, 1), np.nan)

    def take(self, rows: Ints | Bools) -> "History":
        """The same, of some of the customers."""
        arrays = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "cut"}
        return History(cut=self.cut, **arrays)


def history_of(purchases: Purchases, cut: int) -> History:
    """One row per customer who had bought by the end of day ``cut``, whatever the order of the purchases."""
    known = purchases.until(cut)
    bought = known.amount >= 0
    everything = bool(bought.all())
    customer, day = _distinct_days(
        known.customer if everything else known.customer[bought],
        known.day if everything else known.day[bought],
    )
    starts = np.flatnonzero(np.diff(customer, prepend=-1))
    purchase_days = np.diff(starts, append=len(customer))
    who, first, last = customer[starts], day[starts], day[starts + purchase_days - 1]
    value, first_value = _values(known, who, first)
    repeats = purchase_days - 1
    repeat_value = np.where(repeats > 0, (value - first_value) / np.maximum(repeats, 1), np.nan)
    limit = _gap_limits(day, starts, repeats, last - first)
    return History(cut, who, first, last, purchase_days, value, repeat_value, limit)


def _distinct_days(customer: Ints, day: Ints) -> tuple[Ints, Ints]:
    """(customer, day) pairs, sorted, each once. One sort of integers is the cost of the whole module."""
    if len(day) == 0:
        return customer.astype(np.int64), day.astype(np.int64)
    base = int(day.min())
    span = int(day.max()) - base + 1
    key = customer.astype(np.int64) * span + (day - base)
    if np.any(key[1:] < key[:-1]):
        key.sort()
    key = key[np.flatnonzero(np.diff(key, prepend=-1))]
    who = key // span
    return who, key - who * span + base


def _values(known: Purchases, who: Ints, first: Ints) -> tuple[Floats, Floats]:
    """Net value of each customer, and of their first day."""
    customers = int(known.customer.max()) + 1 if len(known.customer) else 0
    value = np.bincount(known.customer, weights=known.amount, minlength=customers)
    first_day = np.full(customers, np.iinfo(np.int64).min)
    first_day[who] = first
    on_first = known.day == first_day[known.customer]
    weights = np.where(on_first, known.amount, 0)
    first_value = np.bincount(known.customer, weights=weights, minlength=customers)
    return value[who].astype(np.float64), first_value[who].astype(np.float64)


def _gap_limits(day: Ints, starts: Ints, repeats: Ints, t_x: Ints) -> Floats:
    """The silence that 90 % of a customer's own gaps stay under.

    From ten gaps on it is their 90 % quantile. With fewer it is the 90 % point of the next gap when gaps are
    exponential and their rate is known only from x gaps of sum t_x: t_x * (10^(1/x) - 1), which is 9 usual
    gaps after one and approaches 2.3 after many.
    """
    few = np.maximum(repeats, 1)
    limit = np.where(repeats > 0, t_x * np.expm1(-np.log1p(-_SHARE) / few), np.nan)
    steady = np.flatnonzero(repeats >= _GAPS_TO_READ)
    if len(steady):
        limit[steady] = _own_quantile(day, starts[steady], repeats[steady])
    return limit


def _own_quantile(day: Ints, starts: Ints, gaps: Ints) -> Floats:
    """The 90 % quantile of each customer's gaps, linearly interpolated."""
    begins = np.cumsum(gaps) - gaps
    owner = np.repeat(np.arange(len(gaps)), gaps)
    at = starts[owner] + np.arange(len(owner)) - begins[owner]
    length = day[at + 1] - day[at]
    span = int(length.max()) + 1
    key = owner * span + length
    key.sort()
    length = key - owner * span
    position = _SHARE * (gaps - 1)
    below = np.floor(position).astype(np.int64)
    lower = length[begins + below]
    upper = length[begins + np.minimum(below + 1, gaps - 1)]
    return np.asarray(lower + (position - below) * (upper - lower), dtype=np.float64)


def activity(purchases: Purchases, customer: Ints, after: int, until: int) -> tuple[Ints, Floats]:
    """Purchase days and net value of each of ``customer`` (distinct), where ``after`` < day <= ``until``."""
    inside = (purchases.day > after) & (purchases.day <= until)
    who, day, amount = purchases.customer[inside], purchases.day[inside], purchases.amount[inside]
    length = max(int(who.max(initial=-1)), int(customer.max(initial=-1))) + 1
    value = np.bincount(who, weights=amount, minlength=length)
    bought = amount >= 0
    distinct, _ = _distinct_days(who[bought], day[bought])
    days = np.bincount(distinct, minlength=length)
    return days[customer].astype(np.int64), value[customer].astype(np.float64)


def suggested_horizon(purchases: Purchases, cut: int, share: float = HORIZON_SHARE) -> int | None:
    """Days that ``share`` of all gaps between purchases stay under, known at the cut; None without any gap.

    A horizon this long makes silence mean something: most customers who will come back have come by then.
    """
    known = purchases.until(cut)
    bought = known.amount >= 0
    customer, day = _distinct_days(known.customer[bought], known.day[bought])
    gaps = np.diff(day)[np.diff(customer) == 0]
    return max(1, int(np.ceil(np.quantile(gaps, share)))) if len(gaps) else None
