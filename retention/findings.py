"""What a back-test says, in sentences: codes with numbers in, the reader's language out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.formats import number_text, percent_text

Facts = Mapping[str, float]


@dataclass(frozen=True)
class Sentence:
    """``tone`` is good, warn or bad; empty where it is only told."""

    text: str
    tone: str = ""


def _auc(facts: Facts) -> Sentence:
    names = {name: percent_text(facts[name]) for name in ("auc", "low", "high")}
    text = _(
        "Of one who left and one who stayed, the score names the right one in %(auc)s of cases "
        "(between %(low)s and %(high)s; a coin has 50%%)."
    )
    return Sentence(text % names, "good" if facts["low"] > 0.5 else "warn")


def _against(win: str, lose: str) -> tuple[Callable[[Facts], Sentence], Callable[[Facts], Sentence]]:
    def names(facts: Facts) -> dict[str, str]:
        return {
            "auc": number_text(facts["auc"], digits=3),
            "baseline": number_text(facts["baseline"], digits=3),
        }

    return (lambda facts: Sentence(_(win) % names(facts), "good")), (
        lambda facts: Sentence(_(lose) % names(facts), "warn")
    )


def _level(text: str, tone: str) -> Callable[[Facts], Sentence]:
    def say(facts: Facts) -> Sentence:
        names = {"predicted": percent_text(facts["predicted"]), "actual": percent_text(facts["actual"])}
        return Sentence(_(text) % names, tone)

    return say


def _base(text: str, tone: str) -> Callable[[Facts], Sentence]:
    def say(facts: Facts) -> Sentence:
        names = {
            "loss": number_text(facts["log_loss"], digits=3),
            "base": number_text(facts["base"], digits=3),
        }
        return Sentence(_(text) % names, tone)

    return say


def _value(facts: Facts) -> Sentence:
    text = _(
        "Calling the 50 with the most value at risk would have reached %(share)s of the value of those who left."
    )
    return Sentence(text % {"share": percent_text(facts["share"])})


def _few(facts: Facts) -> Sentence:
    text = _(
        "Only %(origins)s of %(wanted)s past days could be tried: the history is short. Take it as a hint."
    )
    return Sentence(text % {name: number_text(facts[name]) for name in ("origins", "wanted")}, "warn")


def _rules(facts: Facts) -> Sentence:
    text = _("For these %(n)s customers rules spoke, not a model: there is no percentage to check.")
    return Sentence(text % {"n": number_text(facts["n"])}, "warn")


_beats_gap, _loses_gap = _against(
    gettext_noop(
        "It ranks better (%(auc)s) than simply counting the days since the last purchase (%(baseline)s)."
    ),
    gettext_noop(
        "Simply counting the days since the last purchase ranks as well or better (%(baseline)s) than it (%(auc)s)."
    ),
)
_beats_rfm, _loses_rfm = _against(
    gettext_noop("It ranks better (%(auc)s) than the sum of the RFM scores (%(baseline)s)."),
    gettext_noop(
        "The sum of the RFM scores ranks as well or better (%(baseline)s) than it (%(auc)s); "
        "for the order alone, RFM would do."
    ),
)
_SENTENCES: dict[str, Callable[[Facts], Sentence]] = {
    "auc": _auc,
    "beats_gap": _beats_gap,
    "loses_to_gap": _loses_gap,
    "beats_rfm": _beats_rfm,
    "loses_to_rfm": _loses_rfm,
    "overstates": _level(
        gettext_noop(
            "It overstates the risk: it said %(predicted)s would leave, %(actual)s did. The model knows no seasons; "
            "read the order of the customers first, the level second."
        ),
        "warn",
    ),
    "understates": _level(
        gettext_noop("It understates the risk: it said %(predicted)s would leave, %(actual)s did."), "bad"
    ),
    "level_is_right": _level(
        gettext_noop("The level is right: it said %(predicted)s would leave, %(actual)s did."), "good"
    ),
    "better_than_base_rate": _base(
        gettext_noop(
            "Its percentages are better than giving everybody the average (log-loss %(loss)s against %(base)s)."
        ),
        "good",
    ),
    "worse_than_base_rate": _base(
        gettext_noop(
            "Its percentages are worse than giving everybody the average (log-loss %(loss)s against %(base)s)."
        ),
        "bad",
    ),
    "value_captured": _value,
    "few_origins": _few,
    "rules_only": _rules,
}


def sentences(result: Mapping[str, Any]) -> list[Sentence]:
    """The findings of a report, in its order; a code of a newer version is passed over."""
    found = [finding for finding in result.get("findings", ()) if finding["code"] in _SENTENCES]
    return [_SENTENCES[finding["code"]](finding["facts"]) for finding in found]


def alarms(result: Mapping[str, Any]) -> list[str]:
    """What is too good to be true, by name."""
    columns = {
        "days_since": _("days since the last purchase"),
        "purchases": _("number of purchases"),
        "age_days": _("days since the first purchase"),
        "value": _("value of all purchases"),
        "mean_value": _("value of a purchase"),
        "probability": _("the score itself"),
    }
    text = _(
        "%(column)s alone tells leavers apart almost perfectly (AUC %(auc)s). Has something of the future slipped in?"
    )
    return [
        text
        % {
            "column": columns.get(alarm["column"], alarm["column"]),
            "auc": number_text(alarm["auc"], digits=2),
        }
        for alarm in result.get("alarms", ())
    ]


@dataclass(frozen=True)
class Figure:
    name: str
    value: str
    interval: str
    meaning: str


def figures(result: Mapping[str, Any]) -> list[Figure]:
    """The report's figures with their intervals and what they mean."""
    meanings = (
        (
            "auc",
            _("AUC"),
            _("The chance that one who left had a higher score than one who stayed. 0.5 is a coin."),
        ),
        (
            "log_loss",
            _("Log-loss"),
            _("How wrong the percentages are; certain and wrong costs most. Lower is better."),
        ),
        ("brier", _("Brier score"), _("The mean squared error of the percentages. Lower is better.")),
        (
            "ece",
            _("Calibration error"),
            _("How far the percentages are from the shares that left, on average."),
        ),
        (
            "lift10",
            _("Lift of the top tenth"),
            _("How many times denser the leavers are among the tenth at most risk."),
        ),
        ("precision", _("Hits among 50"), _("The share that left among the 50 at most risk.")),
        ("gap_auc", _("AUC of the silence"), _("The same without a model: days since the last purchase.")),
        ("rfm_auc", _("AUC of RFM"), _("The same without a model: the sum of the RFM scores.")),
    )
    return [
        Figure(name, number_text(result[key], digits=3), _interval(result, key), meaning)
        for key, name, meaning in meanings
        if result.get(key) is not None
    ]


def _interval(result: Mapping[str, Any], key: str) -> str:
    found = result.get("intervals", {}).get(key)
    if not found:
        return ""
    return f"{number_text(found['low'], digits=3)} – {number_text(found['high'], digits=3)}"
