import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit, logit

from retention.churn import labelled, reasons
from retention.churn.ladder import Level, Why

NUMBERS = ("tenure", "MonthlyCharges", "TotalCharges")


@pytest.fixture(scope="module")
def subscribers(telco):
    numbers = {name: np.array([float(row[name].strip() or "nan") for row in telco]) for name in NUMBERS}
    choices = {
        name: np.array([row[name] for row in telco])
        for name in telco[0]
        if name not in (*NUMBERS, "customerID", "Churn")
    }
    return labelled.design(numbers, choices), np.array([int(row["Churn"] == "Yes") for row in telco])


def test_telco_is_best_served_by_the_logistic_regression(subscribers):
    design, left = subscribers
    choice = labelled.choose(design.matrix, left)
    assert (choice.level, choice.why) == (Level.LOGISTIC, Why.LOGISTIC_WINS)
    logistic, boosting = choice.tried
    assert logistic.auc == pytest.approx(0.849, abs=0.002)
    assert logistic.log_loss == pytest.approx(0.411, abs=0.002)
    assert boosting.log_loss > logistic.log_loss


def test_resetting_the_top_three_lowers_the_risk_far_more_than_any_three(subscribers):
    design, left = subscribers
    model = labelled.logistic()
    model.fit(design.matrix, left)
    weights, intercept = labelled.linear_weights(model)
    found = reasons.linear_reasons(design.matrix, weights, intercept, design.notion_of, design.notions, {})
    log_odds = found.contributions.sum(axis=1) + found.typical_log_odds
    assert_allclose(log_odds, logit(model.predict_proba(design.matrix)[:, 1]), atol=1e-9)
    risky = log_odds > 0
    rng = np.random.default_rng(0)
    random = np.argsort(rng.random(found.contributions.shape), axis=1)[:, :3]
    top = np.where(found.raising >= 0, found.raising, random)
    drops = [_drop(found.contributions, pick, log_odds)[risky].mean() for pick in (top, random)]
    assert drops[0] > 0.30 and drops[1] < 0.12


def _drop(contributions, pick, log_odds):
    return expit(log_odds) - expit(log_odds - np.take_along_axis(contributions, pick, axis=1).sum(axis=1))


def test_shuffled_labels_switch_nothing_on(subscribers):
    design, left = subscribers
    shuffled = np.random.default_rng(8).permutation(left)
    choice = labelled.choose(design.matrix, shuffled)
    assert (choice.level, choice.model) == (Level.RULES, None)
    assert choice.why is Why.WORSE_THAN_BASE_RATE
    assert all(0.47 < rung.auc < 0.53 for rung in choice.tried)


def test_few_leavers_learn_nothing():
    rng = np.random.default_rng(0)
    choice = labelled.choose(rng.normal(size=(500, 2)), (np.arange(500) < 24).astype(np.int64))
    assert (choice.level, choice.why, choice.tried) == (Level.RULES, Why.FEW_LEAVERS, ())


def test_from_25_leavers_on_the_logistic_regression_is_tried_alone():
    rng = np.random.default_rng(1)
    left = (np.arange(500) < 60).astype(np.int64)
    choice = labelled.choose(rng.normal(size=(500, 2)) + left[:, None], left)
    assert choice.level is Level.LOGISTIC and [rung.level for rung in choice.tried] == [Level.LOGISTIC]


def test_boosting_is_switched_on_where_it_wins():
    """Left when exactly one of two signs is positive: no line can tell, a tree can."""
    rng = np.random.default_rng(2)
    matrix = rng.normal(size=(3000, 2))
    left = ((matrix[:, 0] > 0) ^ (matrix[:, 1] > 0)).astype(np.int64)
    choice = labelled.choose(matrix, left)
    assert (choice.level, choice.why) == (Level.BOOSTING, Why.BOOSTING_WINS)


def test_the_design_logs_dummies_and_tells_what_is_missing():
    design = labelled.design(
        {"age": np.array([1.0, 3.0, np.nan]), "trend": np.array([-1.0, 0.0, 1.0])},
        {"plan": np.array(["a", "b", "c"])},
    )
    assert design.names == ("age", "age (log)", "age (missing)", "trend", "plan=b", "plan=c")
    assert design.notions == ("age", "trend", "plan") and design.notion_of.tolist() == [0, 0, 0, 1, 2, 2]
    assert_allclose(design.matrix[:, 0], [1.0, 3.0, 2.0])
    assert design.matrix[:, 2].tolist() == [0, 0, 1]
