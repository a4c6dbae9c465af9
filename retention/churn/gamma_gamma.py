"""Gamma-Gamma: what a customer's next purchase is worth, given the few we have seen.

Each purchase of a customer is gamma (shape ``p``) around a mean of their own, and the means differ between
customers (``q``, ``v``). A customer with few purchases is pulled towards the company's mean.

Source: Fader and Hardie (2013), "The Gamma-Gamma model of monetary value".
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from retention.churn.arrays import Floats, Numbers

_LOG_BOUND = float(np.log(1e4))
# Below q = 1 the mean over customers is infinite and no customer has an expected value.
_LEAST_Q = 1.05


@dataclass(frozen=True, slots=True)
class ValueFit:
    """A fitted Gamma-Gamma model. ``v`` is in the unit of money of the data; ``n`` customers were used."""

    p: float
    q: float
    v: float
    log_likelihood: float
    converged: bool
    n: int

    @property
    def mean(self) -> float:
        """Mean value of a purchase over all customers."""
        return self.p * self.v / (self.q - 1)


@dataclass(frozen=True, slots=True)
class Sample:
    """The customers of a fit: ``x`` and ``mean`` > 0, shape (m,), and how many have each distinct x."""

    x: Floats
    mean: Floats
    levels: Floats
    level_count: Floats

    @classmethod
    def of(cls, x: Floats, mean: Floats) -> "Sample":
        """Count the customers of each distinct x, since most terms of the likelihood know nothing else."""
        levels, count = np.unique(x, return_counts=True)
        return cls(x, mean, levels, count.astype(np.float64))


def negative_log_likelihood(log_params: Floats, sample: Sample) -> tuple[float, Floats]:
    """Minus the log-likelihood of the mean values, and its gradient by the logs of (p, q, v)."""
    p, q, v = np.exp(log_params)
    x, count, n = sample.levels, sample.level_count, len(sample.x)
    spent = sample.x * sample.mean
    total = v + spent
    log_total, log_share = np.log(total), np.log(spent / total)
    both, here = digamma(p * x + q), digamma(p * x)
    value = count @ (gammaln(p * x + q) - gammaln(p * x)) - n * gammaln(q)
    value += n * q * np.log(v) - q * log_total.sum() + p * (sample.x @ log_share) - np.log(sample.mean).sum()
    by_p = (count * x) @ (both - here) + sample.x @ log_share
    by_q = count @ both - n * digamma(q) + n * np.log(v) - log_total.sum()
    by_v = n * q / v - ((p * sample.x + q) / total).sum()
    return -float(value), -np.array([by_p, by_q, by_v]) * np.exp(log_params)


def fit(x: Numbers, mean: Floats) -> ValueFit:
    """Maximum likelihood over the customers with x > 0 purchases of positive mean value; others are left out.

    ``x`` and ``mean`` have shape (n,). By convention x counts repeat purchases and ``mean`` is their mean.
    Several starts compete on at most 20,000 customers, evenly spread; the best is polished on all. Refuses
    (ValueError) when fewer than three customers remain.
    """
    used = (x > 0) & (mean > 0)
    if np.count_nonzero(used) < 3:
        raise ValueError("too few repeat customers for a value model")
    scale = float(np.median(mean[used]))
    sample = Sample.of(x[used].astype(np.float64), mean[used] / scale)
    few = np.linspace(0, len(sample.x) - 1, min(len(sample.x), 20_000)).astype(np.int64)
    trial = Sample.of(sample.x[few], sample.mean[few])
    starts = np.log([[6.0, 3.5, 0.5], [1.5, 1.5, 0.5], [20.0, 10.0, 1.0]])
    best = min((_minimise(trial, start) for start in starts), key=lambda candidate: candidate[1])
    log_params, loss, converged = _minimise(sample, best[0])
    p, q, v = (float(value) for value in np.exp(log_params))
    n = len(sample.x)
    # A density of a mean value has the unit 1 / money.
    return ValueFit(p, q, v * scale, -loss - n * float(np.log(scale)), converged, n)


def _minimise(sample: Sample, start: Floats) -> tuple[Floats, float, bool]:
    n = len(sample.x)

    def mean_loss(log_params: Floats) -> tuple[float, Floats]:
        loss, gradient = negative_log_likelihood(log_params, sample)
        return loss / n, gradient / n

    bounds = [(-_LOG_BOUND, _LOG_BOUND), (float(np.log(_LEAST_Q)), _LOG_BOUND), (-_LOG_BOUND, _LOG_BOUND)]
    options = {"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7}
    result = minimize(mean_loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(result.x), float(result.fun) * n, bool(result.success)


def expected_value(fitted: ValueFit, x: Numbers, mean: Floats) -> Floats:
    """Expected mean value of future purchases, shape (n,): the company's mean where x = 0.

    A customer whose returns exceed their purchases counts as one with purchases of value 0.
    """
    spent = np.where(x > 0, np.maximum(np.nan_to_num(mean), 0.0) * x, 0.0)
    return np.asarray(fitted.p * (fitted.v + spent) / (fitted.p * x + fitted.q - 1))
