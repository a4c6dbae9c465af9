import numpy as np
from numpy.testing import assert_allclose

from segmentation import value


def test_expected_value_is_purchases_times_mean_value_and_never_negative():
    assert_allclose(value.expected_value(np.array([2.0, 0.5]), np.array([30.0, -1.0])), [60.0, 0.0])


def test_tiers_are_the_top_5_20_and_50_percent():
    worth = np.arange(1, 101)
    assert np.bincount(value.tiers(worth)).tolist() == [5, 15, 30, 50]
    assert value.tiers(worth)[-1] == 0 and value.TIERS[0][0] == "top"


def test_equal_values_share_a_tier_and_no_value_is_the_last():
    assert len(set(value.tiers(np.full(9, 3.0)))) == 1
    assert value.tiers(np.array([0.0, 0.0, -1.0])).tolist() == [3, 3, 3]
    assert value.tiers(np.empty(0)).tolist() == []


def test_the_backtest_of_a_perfect_and_of_an_idle_forecast():
    actual = np.concatenate([np.full(10, 90.0), np.full(90, 1.0)])
    perfect = value.backtest(actual, actual)
    assert (perfect.total_error, perfect.rank_correlation) == (0.0, 1.0)
    assert_allclose(perfect.top_capture, 900 / 990)
    idle = value.backtest(np.full(100, 5.0), actual)
    assert_allclose((idle.top_capture, idle.total_error), (0.1, 500 / 990 - 1))
    assert np.isnan(idle.rank_correlation)
