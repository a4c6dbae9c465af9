from datetime import date

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import approx_fprime

from retention.churn import gamma_gamma
from retention.churn.gamma_gamma import Sample, ValueFit
from retention.churn.history import history_of


def test_cdnow_gives_the_published_figures(cdnow):
    history = history_of(cdnow, date(1997, 9, 30).toordinal())
    fit = gamma_gamma.fit(history.x, history.repeat_value)
    assert fit.n == 946 and fit.converged
    assert_allclose((fit.p, fit.q, fit.v), (6.250, 3.744, 15.444), atol=0.0006)


def test_the_unit_of_money_does_not_matter(cdnow):
    history = history_of(cdnow, date(1997, 9, 30).toordinal())
    pounds = gamma_gamma.fit(history.x, history.repeat_value)
    pence = gamma_gamma.fit(history.x, history.repeat_value * 100)
    assert_allclose((pence.p, pence.q, pence.v), (pounds.p, pounds.q, pounds.v * 100), rtol=1e-4)
    assert_allclose(pence.log_likelihood, pounds.log_likelihood - pounds.n * np.log(100), rtol=1e-9)


def test_the_gradient_agrees_with_finite_differences():
    sample, at = Sample.of(np.array([1.0, 2, 2, 9]), np.array([3.0, 8, 40, 12])), np.log([4.0, 2.5, 9.0])
    _, gradient = gamma_gamma.negative_log_likelihood(at, sample)
    numeric = approx_fprime(at, lambda p: gamma_gamma.negative_log_likelihood(p, sample)[0], 1e-6)
    assert_allclose(gradient, numeric, rtol=1e-5)


def test_few_purchases_are_pulled_towards_the_mean():
    fit = ValueFit(p=6.0, q=4.0, v=15.0, log_likelihood=0.0, converged=True, n=10)
    value = gamma_gamma.expected_value(fit, np.array([0, 1, 50, 3]), np.array([np.nan, 90.0, 90.0, -4.0]))
    assert_allclose(value, [30.0, 6 * (15 + 90) / 9, 6 * (15 + 4500) / 303, 6 * 15 / 21])
    assert fit.mean == 30.0


def test_too_few_repeat_customers_are_refused():
    with pytest.raises(ValueError, match="too few"):
        gamma_gamma.fit(np.array([0, 1, 2]), np.array([np.nan, 5.0, -1.0]))
