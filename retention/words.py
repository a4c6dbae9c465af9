"""What a score, its reasons and its level say, in the reader's language.

A reason stands in the database as a code with its numbers, so that every reader gets it in their own words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.formats import money_text, number_text, percent_text
from retention.churn.history import HORIZON_SHARE
from retention.churn.ladder import Why
from retention.models import ScoreRun

Facts = Mapping[str, float]
# A horizon so near to the one suggested is as good.
_ABOUT = 0.2


def _days(value: float) -> str:
    days = max(1, round(value))
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": number_text(days)}


def _gap(facts: Facts, currency: str) -> str:
    since = _days(facts["days_since"]) if facts["days_since"] >= 1 else ""
    names = {"since": since, "usual": _days(facts.get("usual_days", 0))}
    if not since:
        return _("last order today, usually every %(usual)s") % names
    return _("last order %(since)s ago, usually every %(usual)s") % names


def _one_purchase(facts: Facts, currency: str) -> str:
    if facts["days_since"] < 1:
        return _("one order only, today")
    return _("one order only, %(since)s ago") % {"since": _days(facts["days_since"])}


def _frequency(facts: Facts, currency: str) -> str:
    names = {"days": _days(facts["expected_days"]), "typical": _days(facts["typical_days"])}
    return _("an order about every %(days)s, the typical customer every %(typical)s") % names


def _purchases(facts: Facts, currency: str) -> str:
    orders = round(facts["purchases"])
    text = ngettext("%(n)s order so far", "%(n)s orders so far", orders) % {"n": number_text(orders)}
    return _("%(orders)s, the typical customer %(typical)s") % {
        "orders": text,
        "typical": number_text(round(facts["typical_purchases"])),
    }


def _value_falling(facts: Facts, currency: str) -> str:
    names = {
        "recent": money_text(round(facts["recent_value"]), currency, whole=True),
        "usual": money_text(round(facts["usual_value"]), currency, whole=True),
    }
    return _("recent orders worth %(recent)s each, usually %(usual)s") % names


def _never_bought(facts: Facts, currency: str) -> str:
    return _("never bought")


_TEXTS: dict[str, Callable[[Facts, str], str]] = {
    "gap": _gap,
    "one_purchase": _one_purchase,
    "frequency": _frequency,
    "purchases": _purchases,
    "value_falling": _value_falling,
    "never_bought": _never_bought,
}


def sentence_of(reason: Mapping[str, Any], currency: str) -> str:
    """One reason in words: "last order 94 days ago, usually every 31 days"."""
    return _TEXTS[reason["code"]](reason["facts"], currency)


def raising(reasons: Iterable[Mapping[str, Any]], currency: str) -> list[str]:
    """Up to three reasons that raise the risk, strongest first."""
    return [sentence_of(reason, currency) for reason in reasons if reason["raises"]][:3]


def reason_rows(reasons: Iterable[Mapping[str, Any]], currency: str) -> list[dict[str, Any]]:
    """Reasons as ``ui/reason_list.html`` draws them."""
    return [
        {"text": sentence_of(reason, currency), "detail": _detail(reason)}
        for reason in sorted(reasons, key=lambda reason: not reason["raises"])
    ]


def _detail(reason: Mapping[str, Any]) -> str:
    if reason["code"] == "never_bought":
        return ""
    if not reason["raises"]:
        return _("lowers the risk")
    if not reason["contribution"] and reason["code"] == "value_falling":
        return _("worth knowing; the figure does not contain it")
    return "" if reason["actionable"] else _("nothing that can be changed")


def level_name(level: int) -> str:
    """The step of the ladder a score stands on."""
    return {
        0: _("Rules, no percentage"),
        1: _("From the purchase history"),
        2: _("Learnt from who left"),
        3: _("Learnt from who left, boosted"),
    }[level]


def horizon_hint(run: ScoreRun) -> str:
    """Which horizon the gaps between purchases speak for; nothing where it is about the run's own, or unknown."""
    days = run.explanation.get("suggested_horizon")
    if not days or abs(days - run.horizon_days) <= _ABOUT * run.horizon_days:
        return ""
    names = {"share": percent_text(HORIZON_SHARE), "days": _days(days)}
    return (
        _("%(share)s of all gaps between purchases stay under %(days)s: such a horizon would suit.") % names
    )


def level_because(why: str) -> str:
    """Why the company stands on its step."""
    texts = {
        Why.FEW_CUSTOMERS: _("fewer than 50 customers have bought: too few for a model"),
        Why.FEW_PURCHASES: _("fewer than two purchases a head: too few for a model"),
        Why.FIT_FAILED: _("no model fits the purchases"),
        Why.WORSE_THAN_BASE_RATE: _("tried on the past, the model did worse than the average chance"),
        Why.CHECKED: _("tried on the past, the model did better than the average chance"),
        Why.UNCHECKED: _("there is not yet enough past to try the model on"),
    }
    return texts.get(Why(why), "") if why else ""
