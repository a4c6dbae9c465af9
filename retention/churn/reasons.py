"""Why a customer's risk differs from the typical customer's, in notions a person can act on.

Contributions are in log-odds and add up exactly: their sum is the customer's log-odds less the typical
customer's. They describe the score; they are no causes.
"""

from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from retention.churn.arrays import Bools, Floats, Ints
from retention.churn.btyd import Fit, Model
from retention.churn.history import History

RAISING = 3
# A fall in value is told from a quarter on; less is noise in a handful of orders.
_FALL_WORTH_TELLING = 0.75

GAP, ONE_PURCHASE, FREQUENCY, PURCHASES, VALUE_FALLING = (
    "gap",
    "one_purchase",
    "frequency",
    "purchases",
    "value_falling",
)
# What has already happened and nobody can change.
UNCHANGEABLE = frozenset({PURCHASES})


@dataclass(frozen=True, slots=True)
class Reason:
    """One notion: its part of the log-odds (positive raises the risk) and the numbers behind it.

    A reason outside the score has contribution 0: worth telling, but the probability does not know it.
    """

    code: str
    contribution: float
    facts: dict[str, float]
    actionable: bool
    in_score: bool = True


@dataclass(frozen=True, slots=True)
class Reasons:
    """Reasons of n customers.

    codes           the k notions
    contributions   (n, k) log-odds; row sums are the customer's log-odds less ``typical_log_odds``
    raising         (n, 3) notions that raise the risk, strongest first, -1 where there is none
    lowering        (n,) the notion that lowers it most, -1 where there is none
    facts           notion -> name -> (n,) numbers
    renamed         notion -> (its other name, (n,) 1 for whom that name says it better)
    beside          notion -> (n,) 1 for who has it although the score does not know it
    unchangeable    notions that nobody can act on
    """

    codes: tuple[str, ...]
    contributions: Floats
    raising: Ints
    lowering: Ints
    typical_log_odds: float
    facts: dict[str, dict[str, Floats]]
    renamed: dict[str, tuple[str, Ints]]
    beside: dict[str, Ints]
    unchangeable: frozenset[str]

    def of(self, row: int) -> list[Reason]:
        """Up to three reasons that raise the risk of customer ``row``, then one that lowers it."""
        raising = [self._reason(row, int(notion)) for notion in self.raising[row] if notion >= 0]
        beside = [code for code, rows in self.beside.items() if rows[row]]
        for code in beside[: RAISING - len(raising)]:
            raising.append(Reason(code, 0.0, self._facts(code, row), True, in_score=False))
        lowering = [self._reason(row, int(self.lowering[row]))] if self.lowering[row] >= 0 else []
        return raising + lowering

    def columns(self) -> tuple[tuple[str, ...], Ints, Floats]:
        """The reasons of all customers at once: names, what ``of`` tells as indexes into them, contributions.

        Indexes and contributions have shape (n, 4): three that raise the risk, then one that lowers it; where
        there is none the index is -1 and the contribution 0.
        """
        others = [name for name, _ in self.renamed.values()] + list(self.beside)
        names = (*self.codes, *others)
        told = np.column_stack([self.raising, self.lowering])
        padded = np.column_stack([self.contributions, np.zeros(len(told))])
        contributions = np.take_along_axis(padded, told, axis=1)
        for code, (name, rows) in self.renamed.items():
            told[(told == names.index(code)) & (rows[:, None] > 0)] = names.index(name)
        for code, rows in self.beside.items():
            room = (told[:, :RAISING] < 0) & (rows[:, None] > 0)
            first = np.flatnonzero(room.any(axis=1))
            told[first, room[first].argmax(axis=1)] = names.index(code)
        return names, told, contributions

    def _reason(self, row: int, notion: int) -> Reason:
        code = self.codes[notion]
        name, rows = self.renamed.get(code, (code, None))
        shown = name if rows is not None and rows[row] else code
        contribution = float(self.contributions[row, notion])
        return Reason(shown, contribution, self._facts(code, row), code not in self.unchangeable)

    def _facts(self, code: str, row: int) -> dict[str, float]:
        numbers = {name: float(values[row]) for name, values in self.facts.get(code, {}).items()}
        return {name: number for name, number in numbers.items() if np.isfinite(number)}


def strongest(contributions: Floats) -> tuple[Ints, Ints]:
    """The notions that raise the risk, strongest first (n, 3), and the one that lowers it most (n,)."""
    order = np.argsort(-contributions, axis=1, kind="stable")[:, :RAISING]
    raises = np.take_along_axis(contributions, order, axis=1) > 0
    raising = np.full((len(contributions), RAISING), -1, dtype=np.int64)
    raising[:, : order.shape[1]] = np.where(raises, order, -1)
    least = contributions.argmin(axis=1)
    lowers = contributions[np.arange(len(contributions)), least] < 0
    return raising, np.where(lowers, least, -1).astype(np.int64)


def shapley(log_odds: dict[tuple[bool, ...], Floats], players: int) -> Floats:
    """Shapley values (n, players) of a game given by its value (n,) for each set of players that are present.

    Each player's mean gain over all orders of joining, so the values add up to the gain of all together.
    """
    everyone = len(next(iter(log_odds.values())))
    values = np.zeros((everyone, players))
    orders = list(permutations(range(players)))
    for order in orders:
        present = [False] * players
        for player in order:
            before = log_odds[tuple(present)]
            present[player] = True
            values[:, player] += log_odds[tuple(present)] - before
    return values / len(orders)


def purchase_reasons(
    fitted: Fit, history: History, horizon: float, recent_value: Floats | None = None
) -> Reasons:
    """Reasons behind a BG/NBD or MBG/NBD score of each customer; times in days.

    The score is a function of three notions, replaced one by one by the typical (median) customer's:

        gap         silence since the last purchase, in the customer's own rhythm
        frequency   that rhythm: the expected days between purchases
        purchases   how many purchases there have been; each one is a time the customer did not leave

    ``recent_value`` (n,) is the mean value of a purchase within the last horizon, NaN where there was none.
    It is told beside the others when it fell by a quarter or more; the model knows no value, so it adds 0.
    """
    own = _notions(fitted, history)
    typical = tuple(np.array([float(np.median(notion))]) for notion in own)
    game = _game(fitted, horizon, own, typical)
    contributions = shapley(game, 3)
    raising, lowering = strongest(contributions)
    return Reasons(
        (GAP, FREQUENCY, PURCHASES),
        contributions,
        raising,
        lowering,
        typical_log_odds=float(_log_odds(fitted, horizon, *typical)[0]),
        facts=_facts(history, own[1], typical, recent_value),
        renamed={GAP: (ONE_PURCHASE, (history.x == 0).astype(np.int64))},
        beside={VALUE_FALLING: _fell(history, recent_value)},
        unchangeable=UNCHANGEABLE,
    )


def rule_reasons(history: History, late: Bools, once: Bools) -> Reasons:
    """Reasons where no model speaks: who is ``late`` by their own rhythm, who bought ``once`` (both (n,)).

    They stand outside any score and carry no contribution.
    """
    n = len(history)
    since = history.days_since.astype(np.float64)
    none = np.full((n, RAISING), -1, dtype=np.int64)
    return Reasons(
        codes=(),
        contributions=np.zeros((n, 0)),
        raising=none,
        lowering=none[:, 0],
        typical_log_odds=float("nan"),
        facts={
            GAP: {"days_since": since, "usual_days": history.usual_gap, "limit_days": history.gap_limit},
            ONE_PURCHASE: {"days_since": since},
        },
        renamed={},
        beside={GAP: late.astype(np.int64), ONE_PURCHASE: once.astype(np.int64)},
        unchangeable=frozenset(),
    )


def _notions(fitted: Fit, history: History) -> tuple[Floats, Floats, Floats]:
    """Silence in own rhythms, the rhythm in days (the model's, known from x = 0 on), repeat purchases."""
    r, alpha = fitted.values[:2]
    rhythm = (alpha + history.t_x) / (r + history.x)
    return history.days_since / rhythm, rhythm, history.x.astype(np.float64)


def _game(
    fitted: Fit, horizon: float, own: tuple[Floats, ...], typical: tuple[Floats, ...]
) -> dict[tuple[bool, ...], Floats]:
    """The log-odds (n,) for each set of notions that are the customer's own, the others being typical."""
    game = {}
    for present in product((False, True), repeat=3):
        notions = (o if here else t for here, o, t in zip(present, own, typical, strict=True))
        game[present] = np.broadcast_to(_log_odds(fitted, horizon, *notions), own[0].shape)
    return game


def _log_odds(fitted: Fit, horizon: float, silence: Floats, rhythm: Floats, x: Floats) -> Floats:
    """``btyd.log_odds_no_purchase`` with alpha + t_x = rhythm * (r + x) and T - t_x = silence * rhythm."""
    r, _, a, b = fitted.values
    total = r + x
    if fitted.model is Model.MBG:
        dropout = np.log(a) - np.log(b + x)
    else:
        dropout = np.where(x > 0, np.log(a) - np.log(b + np.maximum(x, 1.0) - 1.0), -np.inf)
    gone = dropout + total * np.log1p(silence / total)
    quiet = -total * np.log1p(horizon / rhythm / (total + silence))
    return np.asarray(np.logaddexp(quiet, gone) - np.log(-np.expm1(quiet)))


def _facts(
    history: History, rhythm: Floats, typical: tuple[Floats, ...], recent_value: Floats | None
) -> dict[str, dict[str, Floats]]:
    n = len(history)
    typical_days, typical_purchases = (np.broadcast_to(value, (n,)) for value in typical[1:])
    facts = {
        GAP: {"days_since": history.days_since.astype(np.float64), "usual_days": history.usual_gap},
        FREQUENCY: {"expected_days": rhythm, "typical_days": typical_days},
        PURCHASES: {
            "purchases": history.purchase_days.astype(np.float64),
            "typical_purchases": typical_purchases + 1,
        },
    }
    if recent_value is not None:
        facts[VALUE_FALLING] = {"recent_value": recent_value, "usual_value": history.mean_value}
    return facts


def _fell(history: History, recent_value: Floats | None) -> Ints:
    if recent_value is None:
        return np.zeros(len(history), dtype=np.int64)
    known = np.isfinite(recent_value) & (history.x > 0) & (history.mean_value > 0)
    return (known & (np.nan_to_num(recent_value) <= _FALL_WORTH_TELLING * history.mean_value)).astype(
        np.int64
    )


def linear_reasons(
    design: Floats,
    coefficients: Floats,
    intercept: float,
    notion_of: Ints,
    codes: tuple[str, ...],
    facts: dict[str, dict[str, Floats]],
    unchangeable: frozenset[str] = frozenset(),
) -> Reasons:
    """Reasons behind a logistic score: coefficient times the column's distance from its mean, per notion.

    ``design`` (n, columns), ``coefficients`` (columns,), ``notion_of`` (columns,) indexes ``codes``. The
    typical customer is the mean of each column.
    """
    mean = design.mean(axis=0)
    member = (notion_of[:, None] == np.arange(len(codes))).astype(np.float64)
    contributions = (design - mean) @ (coefficients[:, None] * member)
    raising, lowering = strongest(contributions)
    typical = float(intercept + mean @ coefficients)
    return Reasons(codes, contributions, raising, lowering, typical, facts, {}, {}, unchangeable)
