"""Why a customer stands where it stands, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import formats
from crm.personal import MARK
from customers.models.stats import Stage
from segmentation.criteria import reasons
from segmentation.criteria.words import days_told
from segmentation.selectors.standing import Standing, Tried

STRATEGIES = {
    Stage.LEAD: gettext_lazy("Get in touch."),
    Stage.PROSPECT: gettext_lazy("Offer a trial."),
    Stage.NEW: gettext_lazy("Welcome and teach: the first weeks decide."),
    Stage.ACTIVE: gettext_lazy("Reward loyalty, listen, widen the business."),
    Stage.DORMANT: gettext_lazy("Wake up: ask what has changed."),
    Stage.LOST: gettext_lazy("Win back with a reason to return."),
}


def class_reasons(standing: Standing) -> list[dict[str, Any]]:
    """Each class that was tried, down to the one that holds, with its criteria and the customer's values.

    Whether a rule holds that asks about what is masked is told only of the class that everybody sees.
    """
    tried = []
    for rule in standing.rules:
        kept = any(one.get("field") == MARK for one in rule.why)
        holds = _is_in(rule, standing) if kept else rule.holds
        tried.append(
            {
                "name": rule.name,
                "holds": holds,
                "kept": kept and not holds,
                "reasons": _rows(rule, standing),
                "everyone": not rule.why,
            }
        )
        if holds:
            break
    return tried[::-1]


def _is_in(rule: Tried, standing: Standing) -> bool:
    membership = standing.membership
    return bool(membership and not membership.overridden and membership.customer_class.code == rule.code)


def _rows(rule: Tried, standing: Standing) -> list[dict[str, Any]]:
    """The alternative that holds, where one does; else all of them."""
    rows = reasons(rule.why, standing.reference)
    by_alternative: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        by_alternative.setdefault(row["alternative"], []).append(row)
    held = [rows for rows in by_alternative.values() if all(row["met"] for row in rows)]
    return held[0] if held else rows


def stage_reasons(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """The facts that decide the stage, each with its value."""
    if not facts or facts["since_last"] is None:
        contacted = _("yes") if facts and facts["contacted"] else _("no")
        return [{"text": _("Has bought"), "value": _("no")}, {"text": _("Was contacted"), "value": contacted}]
    rows = [
        {"text": _("Orders"), "value": formats.number_text(facts["orders"])},
        {"text": _("First purchase"), "value": _("%(days)s ago") % {"days": days_told(facts["since_first"])}},
        {"text": _("Last purchase"), "value": _("%(days)s ago") % {"days": days_told(facts["since_last"])}},
    ]
    if facts["rhythm"] is not None:
        every = _("every %(days)s") % {"days": days_told(round(facts["rhythm"]))}
        rows.append({"text": _("Usual interval"), "value": every})
    quiet = _("after %(days)s") % {"days": days_told(facts["quiet_after"])}
    lost = _("after %(days)s") % {"days": days_told(facts["lost_after"])}
    return [
        *rows,
        {"text": _("Counts as dormant"), "value": quiet},
        {"text": _("Counts as lost"), "value": lost},
    ]
