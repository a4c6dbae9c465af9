"""A back-test as a page reads it: what we predicted, what happened, how sure we are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from crm.formats import date_text, number_text, percent_text
from crm.models import Tenant
from customers.models import Purchase
from retention import findings, words
from retention.models import Backtest


@dataclass(frozen=True)
class Story:
    """``rows`` are the origins, newest first; ``curve`` is None where rules spoke."""

    backtest: Backtest
    predicted: str
    happened: str
    level: str
    because: str
    sentences: list[findings.Sentence]
    alarms: list[str]
    figures: list[findings.Figure]
    curve: dict[str, Any] | None
    rows: list[dict[str, Any]]


def story_of(backtest: Backtest) -> Story:
    """The kept report in words."""
    result = backtest.result
    ends = backtest.cut_on + timedelta(days=backtest.horizon_days)
    return Story(
        backtest=backtest,
        predicted=_predicted(backtest),
        happened=_("Until %(day)s, %(left)s of %(n)s bought nothing: %(share)s.")
        % {
            "day": date_text(ends),
            "left": number_text(result["churned"]),
            "n": number_text(result["n"]),
            "share": percent_text(result["churned"] / result["n"]),
        },
        level=words.level_name(result["level"]),
        because=words.level_because(result["why"]),
        sentences=findings.sentences(result),
        alarms=findings.alarms(result),
        figures=findings.figures(result),
        curve=_curve(result),
        rows=[_row(origin) for origin in result["origins"]],
    )


def _predicted(backtest: Backtest) -> str:
    result = backtest.result
    names = {
        "day": date_text(backtest.cut_on),
        "n": number_text(result["n"]),
        "days": number_text(backtest.horizon_days),
    }
    if result.get("mean_probability") is None:
        text = _(
            "From what was known at the end of %(day)s, rules sorted %(n)s customers by how overdue they were."
        )
        return text % names
    names["share"] = percent_text(result["mean_probability"])
    return (
        _(
            "From what was known at the end of %(day)s, the score expected %(share)s of %(n)s customers to buy "
            "nothing in the next %(days)s days."
        )
        % names
    )


def _curve(result: dict[str, Any]) -> dict[str, Any] | None:
    points = result.get("calibration") or []
    if not points:
        return None
    return {
        "kind": "line",
        "x": [percent_text(point["predicted"]) for point in points],
        "x_label": _("Predicted, in tenths of the customers"),
        "y_label": _("Left"),
        "unit": "percent",
        "series": [
            {"name": _("Left"), "values": [point["observed"] for point in points]},
            {"name": _("Predicted"), "values": [point["predicted"] for point in points]},
        ],
    }


def _row(origin: dict[str, Any]) -> dict[str, Any]:
    return {
        "cut": date.fromisoformat(origin["cut"]),
        "n": origin["n"],
        "share": origin["churned"] / origin["n"] if origin["n"] else None,
        "predicted": origin["mean_probability"],
        "auc": origin["auc"],
        "gap_auc": origin["gap_auc"],
        "rfm_auc": origin["rfm_auc"],
        "level": words.level_name(origin["level"]),
    }


def latest_cut(tenant: Tenant, horizon: int) -> date | None:
    """The newest day whose outcome is known: one horizon before the newest purchase."""
    newest = Purchase.objects.order_by("-purchased_at").values_list("purchased_at", flat=True).first()
    return tenant.today(newest) - timedelta(days=horizon) if newest else None
