import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.metrics import log_loss, roc_auc_score

from retention.churn import intervals, metrics
from retention.churn.intervals import Outcome

LEFT = np.array([1, 0, 1, 0, 0, 1, 0, 0, 0, 0], dtype=float)
SCORE = np.array([0.9, 0.8, 0.8, 0.4, 0.3, 0.3, 0.2, 0.2, 0.1, 0.1])


def test_figures_agree_with_scikit_learn():
    assert_allclose(metrics.auc(LEFT, SCORE), roc_auc_score(LEFT, SCORE))
    assert_allclose(metrics.log_loss(LEFT, SCORE), log_loss(LEFT, SCORE))
    assert_allclose(metrics.brier(LEFT, SCORE), np.mean((LEFT - SCORE) ** 2))


def test_ties_at_the_edge_share_the_room():
    assert metrics.precision_at(LEFT, SCORE, 2) == 0.75  # the first, and half of the tie
    assert metrics.lift(LEFT, SCORE) == pytest.approx(1 / 0.3)
    assert metrics.precision_at(LEFT, SCORE, 500) == 0.3
    assert metrics.value_captured(LEFT, SCORE, np.arange(10.0), 3) == pytest.approx(2 / 7)


def test_one_kind_of_outcome_has_no_auc():
    assert np.isnan(metrics.auc(np.ones(4), SCORE[:4])) and np.isnan(metrics.lift(np.zeros(4), SCORE[:4]))


def test_certain_and_wrong_is_bad_but_finite():
    assert 20 < metrics.log_loss(np.array([1.0]), np.array([0.0])) < 30


def test_calibration_finds_how_far_the_level_is_off():
    probability = np.repeat([0.1, 0.5], 500)
    left = np.concatenate([np.arange(500) < 100, np.arange(500) < 250]).astype(float)
    curve = metrics.calibration(left, probability)
    assert_allclose(curve.predicted, [0.1, 0.5])
    assert_allclose(curve.observed, [0.2, 0.5])
    assert_allclose(curve.error, 0.05)


def test_shuffled_labels_are_a_coin():
    rng = np.random.default_rng(1)
    score = rng.random(2000)
    left = (rng.random(2000) < score).astype(float)
    assert metrics.auc(left, score) > 0.8
    assert 0.47 < metrics.shuffled_auc(left, score) < 0.53


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=2, max_size=40), st.randoms())
def test_no_figure_depends_on_the_order(rows, random):
    shuffled = rows.copy()
    random.shuffle(shuffled)
    one, two = (_figures(order) for order in (rows, shuffled))
    assert_allclose(list(one.values()), list(two.values()), rtol=1e-9, atol=1e-12)


def _figures(rows):
    left, score = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return intervals.figures(Outcome(left, (score + 1) / 11, score, score, 5))


def outcome(n: int) -> Outcome:
    rng = np.random.default_rng(n)
    probability = np.round(rng.random(n), 3)
    left = (rng.random(n) < probability).astype(float)
    value = rng.gamma(1.0, 100.0, n)
    return Outcome(left, probability, probability * value, value, 50)


def test_intervals_hold_the_figure_and_shrink_with_the_root_of_n():
    small, large = intervals.intervals(outcome(1000)), intervals.intervals(outcome(64_000))
    assert set(small) == set(intervals.figures(outcome(1000)))
    for name in ("auc", "brier", "log_loss", "ece", "lift10", "value_captured"):
        assert small[name].low < small[name].high and large[name].low < large[name].high
    for name in ("auc", "brier", "log_loss"):
        assert small[name].low < small[name].value < small[name].high
        ratio = (small[name].high - small[name].low) / (large[name].high - large[name].low)
        assert 5 < ratio < 13


def test_intervals_are_the_same_every_time():
    assert intervals.intervals(outcome(300), seed=4) == intervals.intervals(outcome(300), seed=4)
    assert intervals.intervals(outcome(300), seed=4) != intervals.intervals(outcome(300), seed=5)


def test_a_resample_of_everyone_once_is_the_figure_itself():
    data = outcome(400)
    weighted = intervals._weighted(data, np.ones((1, 400)))
    for name, value in intervals.figures(data).items():
        assert_allclose(weighted[name], value, atol=1e-12)
