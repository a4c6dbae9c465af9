import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from retention.churn.history import History, Purchases, activity, history_of, suggested_horizon


def purchases(*rows: tuple[int, int, float]) -> Purchases:
    customer, day, amount = (np.array(column) for column in zip(*rows, strict=True))
    return Purchases(customer, day, amount)


MIXED = purchases(
    (3, 110, 40.0),
    (1, 100, 10.0),
    (1, 100, 5.0),
    (1, 130, 20.0),
    (1, 135, -8.0),
    (3, 150, 99.0),
    (1, 120, 30.0),
)


def test_purchases_of_one_day_are_one_and_returns_lower_value_only():
    history = history_of(MIXED, 140)
    assert history.customer.tolist() == [1, 3]
    assert history.x.tolist() == [2, 0] and history.t_x.tolist() == [30, 0] and history.T.tolist() == [40, 30]
    assert history.days_since.tolist() == [10, 30]
    assert history.value.tolist() == [57.0, 40.0]
    assert_allclose(history.repeat_value, [(57 - 15) / 2, np.nan])
    assert_allclose(history.mean_value, [19.0, 40.0])
    assert_allclose(history.usual_gap, [15.0, np.nan])


def test_nothing_after_the_cut_is_read():
    before = history_of(MIXED.until(140), 140)
    assert_same(history_of(MIXED, 140), before)


def test_the_order_of_the_purchases_does_not_matter(company):
    shuffled = np.random.default_rng(5).permutation(len(company.day))
    other = Purchases(*(column[shuffled] for column in (company.customer, company.day, company.amount)))
    assert_same(history_of(other, 700), history_of(company, 700))


def test_it_agrees_with_counting_customer_by_customer(company):
    history = history_of(company, 700)
    for row in (0, 17, 400, len(history) - 1):
        own = (company.customer == history.customer[row]) & (company.day <= 700)
        days = np.unique(company.day[own])
        assert history.x[row] == len(days) - 1
        assert (history.first[row], history.last[row]) == (days[0], days[-1])
        assert_allclose(history.value[row], company.amount[own].sum())
        first_day = company.amount[own & (company.day == days[0])].sum()
        if len(days) > 1:
            assert_allclose(history.repeat_value[row], (history.value[row] - first_day) / (len(days) - 1))


def test_the_own_gap_limit_is_read_from_many_gaps_and_cautious_with_few(company):
    history = history_of(company, 899)
    few, many = int(np.flatnonzero(history.x == 1)[0]), int(np.flatnonzero(history.x >= 10)[0])
    assert_allclose(history.gap_limit[few], 9 * history.t_x[few])
    days = np.unique(company.day[company.customer == history.customer[many]])
    assert_allclose(history.gap_limit[many], np.quantile(np.diff(days), 0.9))
    assert np.isnan(history.gap_limit[history.x == 0]).all()


def test_activity_counts_days_and_value_inside_the_window_only():
    days, value = activity(MIXED, np.array([1, 3, 7]), after=100, until=135)
    assert days.tolist() == [2, 1, 0] and value.tolist() == [42.0, 40.0, 0.0]


def test_before_the_first_purchase_there_is_nobody():
    assert len(history_of(MIXED, 99)) == 0


def test_the_horizon_covers_most_gaps_known_at_the_cut():
    assert suggested_horizon(MIXED, 140) == 19  # gaps 20 and 10
    assert suggested_horizon(MIXED, 110) is None


def assert_same(left: History, right: History) -> None:
    for name in ("customer", "first", "last", "purchase_days", "value", "repeat_value", "gap_limit"):
        if name in ("value", "repeat_value"):
            assert_allclose(getattr(left, name), getattr(right, name), rtol=1e-12)
        else:
            assert_array_equal(getattr(left, name), getattr(right, name))
