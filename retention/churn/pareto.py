"""Pareto/NBD: a customer may drop out at any time, not only when buying. A cross-check of the default.

Every integral over the unknown moment of dropping out is a Gauss-Legendre sum in logs, which needs no
hypergeometric function and cannot overflow. Parameters are (r, alpha, s, beta).

Sources: Schmittlein, Morrison and Colombo (1987), "Counting your customers"; Fader and Hardie (2005), "A note
on deriving the Pareto/NBD model".
"""

import numpy as np
from scipy.special import digamma, gammaln, logsumexp

from retention.churn.arrays import Floats, Numbers

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
Values = tuple[float, float, float, float]


def negative_log_likelihood(
    log_params: Floats, x: Floats, t_x: Floats, T: Floats, count: Floats
) -> tuple[float, Floats]:
    """Minus the log-likelihood of rows (m,) of ``count`` customers each; its gradient by log-parameters."""
    r, alpha, s, beta = (float(p) for p in np.exp(log_params))
    alive, moments, gone = _dropout_terms((r, alpha, s, beta), x, t_x, T)
    either = np.logaddexp(alive, logsumexp(gone, axis=0))
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + either
    here, left = np.exp(alive - either), np.exp(gone - either)
    total, gone_share = r + x, left.sum(axis=0)
    by_r = digamma(total) - digamma(r) + np.log(alpha) - here * np.log(alpha + T)
    by_r -= (left * np.log(alpha + moments)).sum(axis=0)
    by_alpha = r / alpha - total * (here / (alpha + T) + (left / (alpha + moments)).sum(axis=0))
    by_s = (
        np.log(beta) + gone_share / s - here * np.log(beta + T) - (left * np.log(beta + moments)).sum(axis=0)
    )
    by_beta = s / beta - s * here / (beta + T) - (s + 1) * (left / (beta + moments)).sum(axis=0)
    gradient = np.array([count @ by_r, count @ by_alpha, count @ by_s, count @ by_beta])
    return -float(count @ value), -gradient * np.exp(log_params)


def _dropout_terms(values: Values, x: Floats, t_x: Floats, T: Floats) -> tuple[Floats, Floats, Floats]:
    """ln of (still active), the moments of dropping out (48, m), ln of each one's share of the likelihood."""
    r, alpha, s, beta = values
    alive = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
    near = min(alpha, beta)
    moments, log_step = _spread(near, t_x, T)
    gone = np.log(s) - (r + x) * np.log(alpha + moments) - (s + 1) * np.log(beta + moments) + log_step
    return alive, moments, gone


def _spread(near: float, start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Gauss-Legendre moments from ``start`` to ``end``, even in ln(near + moment); ln of their weights."""
    length = np.log1p((end - start) / (near + start))
    at = 0.5 * (1 + _NODES[:, None]) * length
    with np.errstate(divide="ignore"):
        log_step = np.log(0.5 * _WEIGHTS[:, None] * length) + np.log(near + start) + at
    return start + (near + start) * np.expm1(at), log_step


def p_alive(values: Values, x: Numbers, t_x: Numbers, T: Numbers) -> Floats:
    """Chance that the customer is still active, shape (n,)."""
    alive, _, gone = _dropout_terms(values, *(np.asarray(v, dtype=np.float64) for v in (x, t_x, T)))
    return np.asarray(np.exp(alive - np.logaddexp(alive, logsumexp(gone, axis=0))))


def p_no_purchase(values: Values, x: Numbers, t_x: Numbers, T: Numbers, horizon: float) -> Floats:
    """Chance of no purchase in the next ``horizon``: an active one may also drop out before buying."""
    r, alpha, s, beta = values
    age = np.asarray(T, dtype=np.float64)
    total = r + x
    moments, log_step = _spread(min(alpha, beta), age, age + horizon)
    buys = np.log(total) - (total + 1) * np.log(alpha + moments) + total * np.log(alpha + age)
    stays = s * np.log((beta + age) / (beta + moments))
    return np.asarray(1.0 - p_alive(values, x, t_x, T) * np.exp(logsumexp(buys + stays + log_step, axis=0)))


def expected_purchases(values: Values, x: Numbers, t_x: Numbers, T: Numbers, horizon: float) -> Floats:
    """Purchases expected within the next ``horizon``: rate times mean time still active, shape (n,)."""
    r, alpha, s, beta = values
    ratio = np.log1p(horizon / (beta + np.asarray(T, dtype=np.float64)))
    # (1 - e^(-(s-1) ratio)) / (s - 1), whose limit at s = 1 is the ratio itself.
    active = ratio if abs(s - 1) < 1e-9 else -np.expm1(-(s - 1) * ratio) / (s - 1)
    return np.asarray((r + x) / (alpha + T) * (beta + T) * active * p_alive(values, x, t_x, T))
