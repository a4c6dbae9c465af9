from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose

from retention.churn import btyd, ladder, reasons
from retention.churn.history import Purchases, history_of

HORIZON = 60.0


@pytest.fixture(scope="module", params=[btyd.Model.MBG, btyd.Model.BG])
def explained(request, company):
    history = history_of(company, 800)
    fit = btyd.fit(btyd.group(history.x, history.t_x, history.T), request.param)
    return fit, history, reasons.purchase_reasons(fit, history, HORIZON)


def test_contributions_add_up_to_the_score(explained):
    fit, history, found = explained
    log_odds = btyd.log_odds_no_purchase(fit, history.x, history.t_x, history.T, HORIZON)
    assert_allclose(found.contributions.sum(axis=1) + found.typical_log_odds, log_odds, rtol=0, atol=1e-9)


def test_three_raise_and_one_lowers_in_order_of_strength(explained):
    _, history, found = explained
    for row in range(0, len(history), 97):
        told = found.of(row)
        raising = [reason.contribution for reason in told if reason.contribution > 0]
        lowering = [reason.contribution for reason in told if reason.contribution < 0]
        assert raising == sorted(raising, reverse=True)
        assert sorted(raising) == sorted(found.contributions[row][found.contributions[row] > 0])
        assert len(lowering) == int((found.contributions[row] < 0).any())


def test_longer_silence_raises_the_gap_alone():
    """Two customers with one rhythm: the more silent one has a larger gap reason and the same facts else."""
    rng = np.random.default_rng(2)
    customer = np.concatenate([np.zeros(11), np.ones(11), 2 + rng.integers(0, 200, 800)]).astype(np.int64)
    day = np.concatenate([np.arange(0, 110, 10) + 80, np.arange(0, 110, 10), rng.integers(0, 190, 800)])
    history = history_of(Purchases(customer, day, np.ones(len(day))), 200)
    fit = btyd.Fit(btyd.Model.MBG, (0.8, 25.0, 0.9, 4.0), 0.0, True, False, 202)
    found = reasons.purchase_reasons(fit, history, HORIZON)
    recent, silent = (_gap_of(found.of(row)) for row in (0, 1))
    assert recent.facts == {"days_since": 20.0, "usual_days": 10.0}
    assert silent.facts == {"days_since": 100.0, "usual_days": 10.0} and silent.actionable
    assert silent.contribution > recent.contribution + 3


def _gap_of(told):
    return next(reason for reason in told if reason.code == reasons.GAP)


def test_one_time_buyers_have_a_reason_of_their_own(explained):
    _, history, found = explained
    row = int(np.flatnonzero((history.x == 0) & (found.raising[:, 0] == 0))[0])
    first = found.of(row)[0]
    assert first.code == reasons.ONE_PURCHASE
    assert first.facts == {"days_since": float(history.days_since[row])}


def test_a_fall_in_value_is_told_beside_the_score_and_adds_nothing(company):
    history = history_of(company, 800)
    fit = btyd.fit(btyd.group(history.x, history.t_x, history.T))
    recent = np.where(np.arange(len(history)) % 2, 0.5, 1.0) * history.mean_value
    found = reasons.purchase_reasons(fit, history, HORIZON, recent)
    plain = reasons.purchase_reasons(fit, history, HORIZON)
    assert_allclose(found.contributions, plain.contributions)
    beside = [[r for r in found.of(row) if not r.in_score] for row in range(len(history))]
    told = [row for row, told in enumerate(beside) if told]
    assert told and all(row % 2 and history.x[row] > 0 for row in told)
    assert {reason.contribution for row in told for reason in beside[row]} == {0.0}


def test_the_columns_tell_the_same_as_each_customer(company):
    history = history_of(company, 800)
    fit = btyd.fit(btyd.group(history.x, history.t_x, history.T))
    found = reasons.purchase_reasons(fit, history, HORIZON, 0.5 * history.mean_value)
    names, told, contributions = found.columns()
    for row in range(0, len(history), 41):
        raising = [
            (names[i], c) for i, c in zip(told[row, :3], contributions[row, :3], strict=True) if i >= 0
        ]
        lowering = [(names[told[row, 3]], contributions[row, 3])] if told[row, 3] >= 0 else []
        assert [(reason.code, reason.contribution) for reason in found.of(row)] == raising + lowering
    assert "value_falling" in {names[i] for i in np.unique(told[told >= 0])}


def test_rules_have_reasons_without_contributions(company):
    history = history_of(company, 800)
    rule = ladder.rules(history, 60)
    found = reasons.rule_reasons(history, rule == ladder.Rule.LATE, rule == ladder.Rule.ONE_PURCHASE)
    late, once, active = (int(np.flatnonzero(rule == which)[0]) for which in (2, 1, 0))
    assert [(r.code, r.contribution, r.in_score) for r in found.of(late)] == [(reasons.GAP, 0.0, False)]
    assert found.of(late)[0].facts["days_since"] > found.of(late)[0].facts["limit_days"]
    assert [r.code for r in found.of(once)] == [reasons.ONE_PURCHASE] and found.of(active) == []


def test_shapley_values_of_a_known_game():
    """v = left + 2 * right + 3 * (left and right): the joint gain is shared equally."""
    game = {(a, b): np.array([a + 2.0 * b + 3.0 * (a and b)]) for a, b in product((False, True), repeat=2)}
    assert_allclose(reasons.shapley(game, 2), [[2.5, 3.5]])


def test_linear_contributions_are_grouped_and_add_up():
    rng = np.random.default_rng(0)
    design, weights = rng.normal(size=(50, 4)), np.array([1.0, -2.0, 0.5, 0.0])
    found = reasons.linear_reasons(
        design, weights, 0.3, np.array([0, 0, 1, 2]), ("use", "price", "region"), {}
    )
    assert_allclose(
        found.contributions.sum(axis=1) + found.typical_log_odds, design @ weights + 0.3, atol=1e-12
    )
    assert_allclose(found.contributions[:, 1], 0.5 * (design[:, 2] - design[:, 2].mean()))
    assert 2 not in found.raising
