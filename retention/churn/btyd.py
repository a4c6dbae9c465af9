"""Buy-till-you-die models: who is still a customer when nobody says goodbye.

A customer is three numbers, in one unit of time (days, weeks):

    x    repeat purchases: purchase days after the first
    t_x  time from the first purchase to the last (0 when x = 0)
    T    time from the first purchase to the moment of scoring

While active a customer buys at a rate of their own (gamma over customers: ``r``, ``alpha``). Under BG/NBD
they may drop out after each repeat purchase, under MBG/NBD after the first purchase too (chance of their own,
beta over customers: ``a``, ``b``); under Pareto/NBD they may drop out at any time (gamma: ``s``, ``beta``).

Sources: Fader, Hardie and Lee (2005), "Counting your customers the easy way"; Batislam, Denizel and
Filiztekin (2007), "Empirical validation and comparison of models for customer base analysis"; Fader and
Hardie (2013), "Overcoming the BG/NBD model's #NUM! error problem"; Schmittlein, Morrison and Colombo (1987).
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import minimize
from scipy.special import digamma, expit, gammaln

from retention.churn import pareto
from retention.churn.arrays import Floats, Ints, Numbers

# Bounds of each parameter once time is measured in mean ages: wide enough for any shop, and finite, because
# the likelihood of a homogeneous company is flat towards infinity.
_LOG_BOUND = float(np.log(1e4))
# Rows on which the several starts compete; the winner is then polished on all rows.
_ROWS_FOR_STARTS = 20_000
_JACOBI_NODES = 24
_STARTS = ((0.3, 0.15, 0.8, 2.5), (1.0, 0.5, 1.0, 5.0), (0.6, 0.1, 0.1, 1.0), (2.0, 2.0, 0.5, 0.5))


class Model(StrEnum):
    """The three models, and the names of their parameters."""

    BG = "BG/NBD"
    MBG = "MBG/NBD"
    PARETO = "Pareto/NBD"

    @property
    def parameters(self) -> tuple[str, str, str, str]:
        """Names of the four fitted values, in order."""
        return ("r", "alpha", "s", "beta") if self is Model.PARETO else ("r", "alpha", "a", "b")


@dataclass(frozen=True, slots=True)
class Groups:
    """Distinct (x, t_x, T) rows, sorted, with how many customers share each.

    ``inverse`` maps each customer to their row, so what is computed per row is spread by ``rows[inverse]``.
    ``levels`` and ``level_count`` are the distinct x and how many customers have each.
    """

    x: Floats
    t_x: Floats
    T: Floats
    count: Floats
    inverse: Ints
    levels: Floats
    level_count: Floats

    @property
    def customers(self) -> int:
        """How many customers stand behind the rows."""
        return int(self.count.sum())


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model. ``values`` are in the unit of time of the data; ``n`` is the number of customers."""

    model: Model
    values: tuple[float, float, float, float]
    log_likelihood: float
    converged: bool
    at_bound: bool
    n: int

    @property
    def params(self) -> dict[str, float]:
        """Fitted values by name."""
        return dict(zip(self.model.parameters, self.values, strict=True))


def group(x: Numbers, t_x: Numbers, T: Numbers) -> Groups:
    """Group equal rows of three arrays of shape (n,). The order of the customers does not matter.

    Refuses (ValueError) what cannot be a history: x < 0, t_x < 0, t_x > T, t_x > 0 without a repeat purchase.
    """
    if len(x) == 0 or np.any(x < 0) or np.any(t_x < 0) or np.any(t_x > T) or np.any((x == 0) & (t_x > 0)):
        raise ValueError("not a purchase history: need n > 0, x >= 0, 0 <= t_x <= T, and t_x = 0 where x = 0")
    (xs, x_code), (ts, t_code), (ages, age_code) = (np.unique(v, return_inverse=True) for v in (x, t_x, T))
    key = (x_code.astype(np.int64) * len(ts) + t_code) * len(ages) + age_code
    keys, inverse, count = np.unique(key, return_inverse=True, return_counts=True)
    rest, age_of = np.divmod(keys, len(ages))
    x_of, t_of = np.divmod(rest, len(ts))
    return Groups(
        x=xs[x_of].astype(np.float64),
        t_x=ts[t_of].astype(np.float64),
        T=ages[age_of].astype(np.float64),
        count=count.astype(np.float64),
        inverse=inverse.astype(np.int64),
        levels=xs.astype(np.float64),
        level_count=np.bincount(x_of, weights=count, minlength=len(xs)).astype(np.float64),
    )


def negative_log_likelihood(model: Model, log_params: Floats, groups: Groups) -> tuple[float, Floats]:
    """Minus the log-likelihood of the grouped customers, and its gradient by the logs of the parameters."""
    if model is Model.PARETO:
        return pareto.negative_log_likelihood(log_params, groups.x, groups.t_x, groups.T, groups.count)
    r, alpha, a, b = np.exp(log_params)
    shift = 1.0 if model is Model.MBG else 0.0
    value, gradient = _terms_of_x(r, alpha, a, b, groups.levels, groups.level_count, shift)
    active_for, bought_until, total = np.log(alpha + groups.T), np.log(alpha + groups.t_x), r + groups.x
    alive = -total * active_for
    dropped = _log_dropout(a, b, groups.x, shift) - total * bought_until
    either = np.logaddexp(alive, dropped)
    gone = groups.count * np.exp(dropped - either)
    here = groups.count - gone
    gradient += np.array(
        [
            -here @ active_for - gone @ bought_until,
            -here @ (total / (alpha + groups.T)) - gone @ (total / (alpha + groups.t_x)),
            gone.sum() / a,
            -gone @ (1.0 / np.maximum(b + groups.x - 1.0 + shift, np.finfo(float).tiny)),
        ]
    )
    return -float(value + groups.count @ either), -gradient * np.exp(log_params)


def _log_dropout(a: float, b: float, x: Floats, shift: float) -> Floats:
    """ln of the odds of having dropped out at the last purchase; -inf for BG/NBD's one-time buyers."""
    if shift:
        return np.asarray(np.log(a) - np.log(b + x))
    later = np.log(a) - np.log(b + np.maximum(x, 1.0) - 1.0)
    return np.where(x > 0, later, -np.inf)


def _terms_of_x(
    r: float, alpha: float, a: float, b: float, x: Floats, count: Floats, shift: float
) -> tuple[float, Floats]:
    """The part of the log-likelihood that knows only x, per distinct x, and its gradient (r, alpha, a, b)."""
    end = x + shift
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    value += gammaln(a + b) - gammaln(b) + gammaln(b + end) - gammaln(a + b + end)
    by_a = digamma(a + b) - digamma(a + b + end)
    gradient = np.array(
        [
            count @ (digamma(r + x) - digamma(r) + np.log(alpha)),
            count.sum() * r / alpha,
            count @ by_a,
            count @ (by_a + digamma(b + end) - digamma(b)),
        ]
    )
    return float(count @ value), gradient


def fit(groups: Groups, model: Model = Model.MBG) -> Fit:
    """Maximum likelihood from several starts by L-BFGS-B over bounded log-parameters.

    Time is scaled by the mean age while fitting, so that days and weeks give the same fit. The starts compete
    on at most 20,000 rows spread evenly over the sorted groups; the best is polished on all. Deterministic.
    """
    scale = max(float(groups.count @ groups.T / groups.count.sum()), 1e-9)
    scaled = _rescaled(groups, scale)
    trial = _thinned(scaled)
    starts = [_minimise(model, trial, np.log(np.array(start)), loose=True) for start in _STARTS]
    best = min(starts, key=lambda candidate: candidate[1])
    log_params, value, converged = _minimise(model, scaled, best[0], loose=False)
    at_bound = bool(np.any(np.abs(log_params) > _LOG_BOUND - 1e-6))
    unit = np.array([1.0, scale, 1.0, scale if model is Model.PARETO else 1.0])
    r, alpha, third, fourth = (float(p) for p in np.exp(log_params) * unit)
    # A density of x purchase moments has the unit 1 / time^x.
    log_likelihood = -value - float(groups.count @ groups.x) * float(np.log(scale))
    return Fit(model, (r, alpha, third, fourth), log_likelihood, converged, at_bound, groups.customers)


def _rescaled(groups: Groups, scale: float) -> Groups:
    return replace(groups, t_x=groups.t_x / scale, T=groups.T / scale)


def _thinned(groups: Groups) -> Groups:
    """At most ``_ROWS_FOR_STARTS`` of the rows, evenly spread over the sorted ones."""
    if len(groups.x) <= _ROWS_FOR_STARTS:
        return groups
    rows = np.linspace(0, len(groups.x) - 1, _ROWS_FOR_STARTS).astype(np.int64)
    x, count = groups.x[rows], groups.count[rows]
    levels, code = np.unique(x, return_inverse=True)
    level_count = np.bincount(code, weights=count).astype(np.float64)
    return Groups(x, groups.t_x[rows], groups.T[rows], count, groups.inverse[:0], levels, level_count)


def _minimise(model: Model, groups: Groups, start: Floats, *, loose: bool) -> tuple[Floats, float, bool]:
    customers = groups.count.sum()

    def mean_loss(log_params: Floats) -> tuple[float, Floats]:
        value, gradient = negative_log_likelihood(model, log_params, groups)
        return value / customers, gradient / customers

    options = {"maxiter": 500, "ftol": 1e-8 if loose else 1e-13, "gtol": 1e-4 if loose else 1e-7}
    bounds = [(-_LOG_BOUND, _LOG_BOUND)] * 4
    result = minimize(mean_loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    # The line search may stop on rounding noise at the optimum: a flat gradient is convergence all the same.
    inside = np.abs(result.x) < _LOG_BOUND - 1e-6
    flat = bool(np.max(np.abs(result.jac[inside]), initial=0.0) < 1e-4)
    return np.asarray(result.x), float(result.fun * customers), bool(result.success) or flat


def terms(fitted: Fit, x: Numbers, t_x: Numbers, T: Numbers, horizon: float) -> tuple[Floats, Floats, Floats]:
    """The three logs that a BG/NBD or MBG/NBD score is made of, each of shape (n,).

    1. dropout: ln of the odds of having left right after the last purchase, before any silence is heard;
    2. silence: ln of how much the silence since then speaks for having left, at the customer's own rate;
    3. quiet: ln of the chance that an active customer of this rate buys nothing in ``horizon``.
    """
    if fitted.model is Model.PARETO:
        raise ValueError("Pareto/NBD has no such terms")
    r, alpha, a, b = fitted.values
    total = r + np.asarray(x, dtype=np.float64)
    dropout = _log_dropout(a, b, np.asarray(x, dtype=np.float64), 1.0 if fitted.model is Model.MBG else 0.0)
    silence: Floats = total * np.log((alpha + T) / (alpha + t_x))
    quiet: Floats = -total * np.log1p(horizon / (alpha + T))
    return dropout, silence, quiet


def p_alive(fitted: Fit, x: Numbers, t_x: Numbers, T: Numbers) -> Floats:
    """Chance that the customer has not dropped out. No churn score: BG/NBD gives every one-time buyer 1."""
    if fitted.model is Model.PARETO:
        return pareto.p_alive(fitted.values, x, t_x, T)
    dropout, silence, _ = terms(fitted, x, t_x, T, 0.0)
    return np.asarray(expit(-dropout - silence))


def log_odds_no_purchase(fitted: Fit, x: Numbers, t_x: Numbers, T: Numbers, horizon: float) -> Floats:
    """ln of the odds of no purchase in ``horizon``: ln(e^quiet + e^(dropout + silence)) - ln(1 - e^quiet).

    The odds of ``1 - P(alive) * [1 - ((alpha+T) / (alpha+T+H))^(r+x)]``, without cancellation at either end.
    """
    dropout, silence, quiet = terms(fitted, x, t_x, T, horizon)
    return np.asarray(np.logaddexp(quiet, dropout + silence) - np.log(-np.expm1(quiet)))


def p_no_purchase(fitted: Fit, x: Numbers, t_x: Numbers, T: Numbers, horizon: float) -> Floats:
    """The churn score: chance of no purchase in the next ``horizon`` (> 0, same unit as T), shape (n,)."""
    if fitted.model is Model.PARETO:
        return pareto.p_no_purchase(fitted.values, x, t_x, T, horizon)
    return np.asarray(expit(log_odds_no_purchase(fitted, x, t_x, T, horizon)))


def expected_purchases(fitted: Fit, x: Numbers, t_x: Numbers, T: Numbers, horizon: float) -> Floats:
    """Purchases expected within the next ``horizon``, shape (n,).

    P(alive) times the mean of (1 - (1 + p H / (alpha+T))^-(r+x)) / p over the dropout chance p, which is
    beta(a, b + x) under BG/NBD and beta(a, b + x + 1) under MBG/NBD. The mean is a Gauss-Jacobi sum: the
    closed form needs a hypergeometric function, and SciPy's is wrong by orders of magnitude for some
    frequent buyers.
    """
    if fitted.model is Model.PARETO:
        return pareto.expected_purchases(fitted.values, x, t_x, T, horizon)
    r, alpha, a, b = fitted.values
    reach = horizon / (alpha + np.asarray(T, dtype=np.float64))
    shift = 1.0 if fitted.model is Model.MBG else 0.0
    expected = np.empty(len(x))
    order = np.argsort(x, kind="stable")
    levels, starts = np.unique(x[order], return_index=True)
    for level, rows in zip(levels, np.split(order, starts[1:]), strict=True):
        expected[rows] = _mean_over_dropout(r + level, reach[rows], a, b + level + shift)
    return expected * p_alive(fitted, x, t_x, T)


def usual_purchases(fitted: Fit, x: Numbers, t_x: Numbers, horizon: float) -> Floats:
    """Purchases within ``horizon`` at the customer's own rhythm up to the last purchase, shape (n,).

    What leaving would cost, so it is what a value at risk is made of: the silence since then does not lower it.
    """
    r, alpha = fitted.values[:2]
    return np.asarray(horizon * (r + x) / (alpha + t_x))


def _mean_over_dropout(total: float, reach: Floats, a: float, b: float) -> Floats:
    nodes, weights = _beta_quadrature(a, b)
    mean = np.zeros(len(reach))
    for p, weight in zip(nodes, weights, strict=True):
        mean -= weight / p * np.expm1(-total * np.log1p(p * reach))
    return mean


def _beta_quadrature(a: float, b: float) -> tuple[Floats, Floats]:
    """Nodes in (0, 1) and weights that sum to 1 for means over a beta(a, b): Golub and Welsch (1969)."""
    left, right, k = b - 1.0, a - 1.0, np.arange(1.0, _JACOBI_NODES)
    both = 2 * k + left + right
    diagonal = np.empty(_JACOBI_NODES)
    diagonal[0] = (right - left) / (left + right + 2)
    diagonal[1:] = (right - left) * (right + left) / (both * (both + 2))
    squares = np.empty(_JACOBI_NODES - 1)
    squares[0] = 4 * (1 + left) * (1 + right) / ((2 + left + right) ** 2 * (3 + left + right))
    j, of = k[1:], both[1:]
    squares[1:] = 4 * j * (j + left) * (j + right) * (j + left + right) / (of**2 * (of + 1) * (of - 1))
    points, vectors = eigh_tridiagonal(diagonal, np.sqrt(squares))
    # A node can round to 0 when a is tiny; its integrand has a finite limit there.
    return np.maximum((1 + points) / 2, 1e-12), vectors[0] ** 2


def gap_limit(fitted: Fit, x: Numbers, t_x: Numbers, share: float = 0.9) -> Floats:
    """The silence that an active customer of this history stays under with chance ``share``, shape (n,).

    After x repeat purchases in t_x the rate is gamma(r + x, alpha + t_x), so the next gap is Lomax.
    """
    r, alpha = fitted.values[:2]
    with np.errstate(over="ignore"):
        return np.asarray((alpha + t_x) * np.expm1(-np.log1p(-share) / (r + x)))
