import numpy as np
from numpy.testing import assert_allclose

from retention.churn.warnings import Closing, Policy, Trigger, closing, opening, triggers, value_at_risk

POLICY = Policy()
NAN = float("nan")


def test_a_rise_or_a_crossing_opens_and_a_high_risk_alone_does_not():
    found = triggers(
        probability=np.array([0.60, 0.95, 0.60, 0.90, 0.60, 0.95]),
        probability_before=np.array([0.40, 0.95, 0.55, 0.40, NAN, NAN]),
        days_since=np.array([20, 300, 50, 50, 50, 300]),
        gap_limit=np.array([30.0, 30, 40, 40, NAN, 30]),
        policy=POLICY,
    )
    assert found.tolist() == [
        Trigger.RISE,
        Trigger.NONE,
        Trigger.GAP,
        Trigger.BOTH,
        Trigger.NONE,
        Trigger.NONE,
    ]


def test_a_rise_just_below_the_edge_does_not_open():
    odds = np.exp(np.array([0.69, 0.71]))
    found = triggers(odds / (1 + odds), np.array([0.5, 0.5]), np.zeros(2), np.full(2, NAN), POLICY)
    assert found.tolist() == [Trigger.NONE, Trigger.RISE]


def test_rules_have_no_rise_but_still_a_crossing():
    found = triggers(np.full(2, NAN), np.full(2, NAN), np.array([31, 29]), np.array([30.0, 30.0]), POLICY)
    assert found.tolist() == [Trigger.GAP, Trigger.NONE]


def test_value_at_risk_is_never_negative_and_stands_alone_without_a_probability():
    at_risk = value_at_risk(np.array([0.5, 0.5, NAN]), np.array([100.0, -3.0, 80.0]))
    assert_allclose(at_risk, [50.0, 0.0, 80.0])


def test_each_owner_gets_the_most_valuable_within_capacity():
    n = 8
    opens = opening(
        trigger=np.array([1, 1, 1, 0, 2, 1, 1, 1]),
        at_risk=np.array([5.0, 9.0, 7.0, 99.0, 1.0, 8.0, 3.0, 4.0]),
        owner=np.array([0, 0, 0, 0, 1, 1, -1, 1]),
        has_open=np.array([False] * 5 + [True] + [False] * 2),
        days_since_closed=np.full(n, NAN),
        capacity=2,
        policy=POLICY,
    )
    assert np.flatnonzero(opens).tolist() == [1, 2, 6, 7]


def test_after_closing_the_customer_is_left_alone_for_a_while():
    closed = np.array([27.0, 28.0, NAN])
    opens = opening(
        np.ones(3, dtype=int),
        np.ones(3),
        np.zeros(3, dtype=int),
        np.zeros(3, dtype=bool),
        closed,
        capacity=9,
        policy=POLICY,
    )
    assert opens.tolist() == [False, True, True]


def test_nobody_to_warn_is_fine():
    nothing = np.empty(0)
    opens = opening(
        nothing.astype(int),
        nothing,
        nothing.astype(int),
        nothing.astype(bool),
        nothing,
        capacity=5,
        policy=POLICY,
    )
    assert opens.tolist() == []


def test_a_warning_closes_on_return_or_a_clear_fall_and_not_on_a_wobble():
    found = closing(
        probability=np.array([0.6, 0.58, 0.5, NAN]),
        probability_at_opening=np.array([0.6, 0.6, 0.6, NAN]),
        days_since=np.array([3, 40, 40, 40]),
        days_open=np.array([10, 10, 10, 10]),
        policy=POLICY,
    )
    assert found.tolist() == [Closing.RETURNED, Closing.NONE, Closing.EASED, Closing.NONE]
