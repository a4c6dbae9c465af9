import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from retention.churn import ladder
from retention.churn.history import Purchases, history_of
from retention.churn.ladder import Level, Rule, Why


def test_history_enough_gives_a_probability_for_everyone(company):
    scores = ladder.score(company, cut=800, horizon=60)
    assert (scores.level, scores.why) == (Level.PURCHASES, Why.CHECKED)
    assert len(scores.probability) == len(scores.history) > 2500
    assert ((scores.probability > 0) & (scores.probability <= 1)).all()
    assert scores.check is not None and scores.check.cut == 740
    assert scores.check.log_loss < scores.check.base_log_loss


def test_events_after_the_cut_change_no_score(company):
    rng = np.random.default_rng(3)
    later = Purchases(
        np.concatenate([company.customer, rng.integers(0, 9000, 5000)]),
        np.concatenate([company.day, rng.integers(801, 2000, 5000)]),
        np.concatenate([company.amount, rng.normal(0, 1e6, 5000)]),
    )
    was, now = (ladder.score(data, cut=800, horizon=60) for data in (company, later))
    assert_array_equal(now.history.customer, was.history.customer)
    assert_allclose(now.probability, was.probability, rtol=0, atol=1e-12)
    assert_allclose(now.expected_purchases, was.expected_purchases, rtol=0, atol=1e-12)
    assert now.check == was.check


def test_few_customers_get_rules_and_no_probability(company):
    some = company.customer < 40
    few = Purchases(company.customer[some], company.day[some], company.amount[some])
    scores = ladder.score(few, cut=800, horizon=60)
    assert (scores.level, scores.why, scores.fit) == (Level.RULES, Why.FEW_CUSTOMERS, None)
    assert np.isnan(scores.probability).all() and np.isnan(scores.expected_purchases).all()
    assert np.isfinite(scores.urgency).all()


def test_under_two_purchases_a_head_get_rules():
    once = Purchases(np.arange(200), np.arange(200), np.ones(200))
    assert ladder.score(once, cut=300, horizon=60).why is Why.FEW_PURCHASES


def test_a_model_worse_than_the_base_rate_falls_back_and_says_so(company):
    """Everybody who bought before day 500 comes back on day 530: the model cannot know, and is dropped."""
    everyone = np.arange(2000)
    early = company.day <= 500
    data = Purchases(
        np.concatenate([company.customer[early], everyone]),
        np.concatenate([company.day[early], np.full(2000, 530)]),
        np.concatenate([company.amount[early], np.ones(2000)]),
    )
    scores = ladder.score(data, cut=560, horizon=60)
    assert (scores.level, scores.why) == (Level.RULES, Why.WORSE_THAN_BASE_RATE)
    assert scores.check is not None and scores.check.log_loss > scores.check.base_log_loss
    assert np.isnan(scores.probability).all()


def test_rules_tell_the_late_from_the_one_time_buyer():
    data = Purchases(
        np.array([0] * 11 + [1, 1, 2, 3]),
        np.array([*range(0, 110, 10), 0, 50, 0, 140]),
        np.ones(15),
    )
    history = history_of(data, 150)
    assert ladder.rules(history, 60).tolist() == [Rule.LATE, Rule.ACTIVE, Rule.ONE_PURCHASE, Rule.ACTIVE]


def test_a_horizon_below_one_day_is_refused(company):
    with pytest.raises(ValueError, match="horizon"):
        ladder.score(company, cut=800, horizon=0)
