from datetime import date

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.stats import beta as beta_law

from retention.churn import btyd, metrics
from retention.churn.btyd import Model
from retention.churn.history import activity, history_of

CUT = date(1997, 9, 30).toordinal()
WEEKS = 39.0


@pytest.fixture(scope="module")
def weeks(cdnow):
    """CDNOW's calibration period in weeks, and who bought nothing in the 39 weeks after."""
    history = history_of(cdnow, CUT)
    bought, _ = activity(cdnow, history.customer, CUT, CUT + 273)
    return history.x, history.t_x / 7, history.T / 7, (bought == 0).astype(float)


@pytest.fixture(scope="module")
def fits(weeks):
    groups = btyd.group(*weeks[:3])
    return {model: btyd.fit(groups, model) for model in Model}


def test_bg_nbd_gives_the_published_figures_on_cdnow(fits):
    fit = fits[Model.BG]
    assert fit.n == 2357 and fit.converged and not fit.at_bound
    assert_allclose(fit.values, (0.2426, 4.4136, 0.7929, 2.4259), atol=1e-4)
    assert_allclose(fit.log_likelihood, -9582.43, atol=0.005)
    assert list(fit.params) == ["r", "alpha", "a", "b"]


@pytest.mark.parametrize(("model", "figure"), [(Model.MBG, -9582.14), (Model.PARETO, -9594.98)])
def test_the_other_models_reach_their_published_likelihood_on_cdnow(fits, model, figure):
    assert fits[model].converged
    assert_allclose(fits[model].log_likelihood, figure, atol=0.005)


def test_the_score_ranks_cdnow_without_a_label_where_p_alive_does_not(fits, weeks):
    x, t_x, age, left = weeks
    probability = btyd.p_no_purchase(fits[Model.BG], x, t_x, age, WEEKS)
    assert_allclose(metrics.auc(left, probability), 0.757, atol=0.001)
    assert_allclose(metrics.brier(left, probability), 0.161, atol=0.0005)
    assert_allclose(metrics.auc(left, -btyd.p_alive(fits[Model.BG], x, t_x, age)), 0.316, atol=0.0005)


def test_days_and_weeks_give_the_same_model(weeks):
    x, t_x, age, _ = weeks
    by_day = btyd.fit(btyd.group(x, t_x * 7, age * 7))
    by_week = btyd.fit(btyd.group(x, t_x, age))
    assert_allclose(by_day.params["alpha"], by_week.params["alpha"] * 7, rtol=1e-5)
    assert_allclose(by_day.log_likelihood, by_week.log_likelihood - x.sum() * np.log(7), rtol=1e-9)
    assert_allclose(
        btyd.p_no_purchase(by_day, x, t_x * 7, age * 7, 273),
        btyd.p_no_purchase(by_week, x, t_x, age, 39),
        atol=1e-5,
    )


SMALL = (np.array([0, 0, 1, 1, 4, 30]), np.array([0, 0, 9, 9, 30, 88.5]), np.array([20, 20, 70, 70, 31, 90]))
FITTED = {model: btyd.Fit(model, (0.6, 12.0, 0.8, 2.4), 0.0, True, False, 1) for model in Model}


def test_equal_histories_become_one_row():
    groups = btyd.group(*SMALL)
    assert groups.count.tolist() == [2, 2, 1, 1] and groups.customers == 6
    assert groups.levels.tolist() == [0, 1, 4, 30] and groups.level_count.tolist() == [2, 2, 1, 1]
    assert_allclose(groups.t_x[groups.inverse], SMALL[1])


@pytest.mark.parametrize(
    "impossible", [([], [], []), ([-1], [0], [1]), ([1], [3], [2]), ([0], [1], [2]), ([1], [-1], [2])]
)
def test_impossible_histories_are_refused(impossible):
    with pytest.raises(ValueError, match="not a purchase history"):
        btyd.group(*(np.array(column) for column in impossible))


@pytest.mark.parametrize("model", Model)
@pytest.mark.parametrize("point", [(0.3, 4.0, 0.8, 2.5), (2.0, 0.5, 0.05, 30.0), (0.05, 90.0, 8.0, 0.4)])
def test_gradients_agree_with_finite_differences(model, point):
    groups, at = btyd.group(*SMALL), np.log(np.array(point))
    _, gradient = btyd.negative_log_likelihood(model, at, groups)
    numeric = approx_fprime(at, lambda p: btyd.negative_log_likelihood(model, p, groups)[0], 1e-6)
    assert_allclose(gradient, numeric, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("model", [Model.BG, Model.MBG])
def test_the_score_is_the_formula(model):
    x, t_x, age = SMALL
    r, alpha, *_ = FITTED[model].values
    active = btyd.p_alive(FITTED[model], x, t_x, age)
    formula = 1 - active * (1 - ((alpha + age) / (alpha + age + 30)) ** (r + x))
    assert_allclose(btyd.p_no_purchase(FITTED[model], x, t_x, age, 30), formula, atol=1e-12)


def test_one_time_buyers_are_alive_for_bg_nbd_but_not_for_mbg_nbd():
    x, t_x, age = SMALL
    assert btyd.p_alive(FITTED[Model.BG], x, t_x, age)[0] == 1
    assert_allclose(btyd.p_alive(FITTED[Model.MBG], x, t_x, age)[0], 1 / (1 + 0.8 / 2.4 * (32 / 12) ** 0.6))


@pytest.mark.parametrize("model", Model)
def test_long_silence_of_a_frequent_buyer_is_certain_and_finite(model):
    x, t_x, age = np.array([900]), np.array([900.0]), np.array([9000.0])
    probability = btyd.p_no_purchase(FITTED[model], x, t_x, age, 90)
    assert 1 - 1e-6 < probability[0] <= 1
    assert np.isfinite(btyd.expected_purchases(FITTED[model], x, t_x, age, 90)).all()


@pytest.mark.parametrize(("x", "age", "a"), [(0, 0.0, 0.8), (3, 40.0, 1.0), (250, 260.0, 5.0)])
def test_expected_purchases_are_the_mean_over_the_dropout_chance(x, age, a):
    fit = btyd.Fit(Model.MBG, (0.6, 12.0, a, 2.4), 0.0, True, False, 1)
    t_x = np.array([age if x else 0.0])

    def gain(p: float) -> float:
        return beta_law.pdf(p, a, 2.4 + x + 1) * -np.expm1(-(0.6 + x) * np.log1p(p * 90 / (12 + age))) / p

    mean = sum(quad(gain, low, high, limit=200)[0] for low, high in ((0, 0.01), (0.01, 0.1), (0.1, 1)))
    row = (np.array([x]), t_x, np.array([age]))
    expected = btyd.expected_purchases(fit, *row, 90)
    assert_allclose(expected, mean * btyd.p_alive(fit, *row), rtol=1e-5)


def test_the_gap_limit_is_where_ninety_of_a_hundred_active_customers_have_bought():
    fit, x, t_x = FITTED[Model.MBG], np.array([5]), np.array([60.0])
    limit = btyd.gap_limit(fit, x, t_x)
    assert_allclose(((12 + 60) / (12 + 60 + limit)) ** 5.6, 0.1)


def test_usual_purchases_do_not_know_the_silence():
    x, t_x, _ = SMALL
    expected = 30 * (0.6 + x) / (12 + t_x)
    assert_allclose(btyd.usual_purchases(FITTED[Model.MBG], x, t_x, 30), expected)


def test_a_simulated_company_is_recovered(fine_company):
    history = history_of(fine_company, 900_000)
    fit = btyd.fit(btyd.group(history.x, history.t_x / 1000, history.T / 1000))
    assert fit.converged and not fit.at_bound
    r, alpha, a, b = fit.values
    assert_allclose((r, alpha, a / (a + b)), (0.8, 60.0, 0.5 / 6.5), rtol=0.05)
