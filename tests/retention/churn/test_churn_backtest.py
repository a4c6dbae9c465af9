import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from retention.churn.backtest import NobodyToScore, OutcomeNotKnown, backtest
from retention.churn.history import Purchases
from retention.churn.ladder import Level, Why
from retention.churn.report import alarms_of


@pytest.fixture(scope="module")
def report(company):
    return backtest(company, cut=800, horizon=90)


def test_three_origins_one_horizon_apart(report):
    assert [origin.cut for origin in report.origins] == [800, 710, 620]
    assert all(origin.level == Level.PURCHASES for origin in report.origins)
    assert report.newest is report.origins[0]


def test_the_score_of_a_company_like_the_model_is_right_and_beats_the_gap(report):
    newest = report.newest
    assert newest.auc > newest.gap_auc and newest.log_loss < newest.base_log_loss
    assert newest.ece < 0.03 and newest.lift10 > 1
    assert 0.47 < newest.shuffled_auc < 0.53
    assert "beats_gap" in {finding.code for finding in report.findings}
    assert "level_is_right" in {finding.code for finding in report.findings}


def test_the_report_is_json(report):
    plain = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert {
        "n",
        "churned",
        "auc",
        "log_loss",
        "brier",
        "ece",
        "lift10",
        "level",
        "gap_auc",
        "rfm_auc",
        "alarms",
    } <= set(plain)
    assert sum(point["customers"] for point in plain["calibration"]) == plain["n"]
    assert plain["intervals"]["auc"]["low"] < plain["auc"] < plain["intervals"]["auc"]["high"]


def test_what_happened_later_changes_nothing(company, report):
    early = company.day <= 890
    cut_off = Purchases(company.customer[early], company.day[early], company.amount[early])
    assert backtest(cut_off, cut=800, horizon=90, known_until=890) == report


def test_an_outcome_that_is_not_known_yet_is_refused(company):
    with pytest.raises(OutcomeNotKnown):
        backtest(company, cut=800, horizon=90, known_until=889)
    with pytest.raises(NobodyToScore):
        backtest(company, cut=-5, horizon=90)


def test_rules_have_baselines_but_no_figures(company):
    some = company.customer < 45
    few = Purchases(company.customer[some], company.day[some], company.amount[some])
    report = backtest(few, cut=800, horizon=60)
    assert (report.newest.level, report.newest.why) == (Level.RULES, Why.FEW_CUSTOMERS)
    assert report.newest.auc is None and report.newest.gap_auc is not None
    assert {"rules_only", "few_origins"} <= {finding.code for finding in report.findings}
    json.dumps(report.to_json(), allow_nan=False)


def test_a_leak_raises_an_alarm_that_names_the_column():
    """Whoever spent more than 100 comes back, whoever spent less does not: value gives the outcome away."""
    rng = np.random.default_rng(0)
    customer, day = np.tile(np.arange(300), 4), rng.integers(0, 200, 1200)
    amount = np.where(customer < 150, 100.0, 1.0)
    data = Purchases(
        np.concatenate([customer, np.arange(150)]),
        np.concatenate([day, np.full(150, 230)]),
        np.concatenate([amount, np.full(150, 100.0)]),
    )
    report = backtest(data, cut=200, horizon=30)
    assert {(alarm.code, alarm.column) for alarm in report.alarms} >= {("feature", "value")}


def test_a_score_too_good_to_be_true_raises_an_alarm(report):
    assert report.alarms == ()
    assert [alarm.code for alarm in alarms_of(replace(report.newest, auc=0.95))] == ["backtest"]


def test_online_retail(online_retail):
    report = backtest(online_retail, cut=date(2010, 9, 1).toordinal(), horizon=90)
    newest = report.newest
    assert (newest.n, newest.churned, newest.level) == (3324, 1389, Level.PURCHASES)
    assert newest.auc == pytest.approx(0.720, abs=0.001) and newest.auc > newest.gap_auc
    assert newest.brier == pytest.approx(0.222, abs=0.001) and newest.brier < newest.base_brier
    assert {"loses_to_rfm", "overstates", "few_origins"} <= {finding.code for finding in report.findings}
