"""Words and signs of Today and Insight."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from crm import formats

register = template.Library()

ICONS = {
    "follow_up": "phone",
    "ticket": "message-exclamation",
    "warning": "trending-down",
    "review": "user-check",
    "feedback": "message-2",
    "start": "flag",
}


@register.filter
def agenda_icon(kind: str) -> str:
    return ICONS.get(kind, "point")


@register.filter
def figure(found: Any, tenant: Any) -> str:
    """A KPI's value in its unit: ``83%``, ``£8,520``, ``5.2 h``; a dash where nothing could be measured."""
    if found.value is None:
        return "–"
    return value_text(found.value.number, found.kpi.unit, tenant.currency)


def value_text(number: float, unit: str, currency: str) -> str:
    if unit == "share":
        return formats.percent_text(number, digits=0 if number in (0, 1) else 1)
    if unit == "money":
        return formats.money_text(round(number), currency, whole=True)
    if unit == "hours":
        return _("%(number)s h") % {"number": formats.number_text(number, digits=1)}
    return formats.number_text(number, digits=0 if float(number).is_integer() else 1)


@register.filter
def figure_change(found: Any) -> str:
    """How much it moved: points for shares and scores, per cent for the rest."""
    change = found.change
    if change is None:
        return ""
    if found.kpi.unit == "score":
        return formats.number_text(abs(change), digits=1)
    return formats.percent_text(abs(change), digits=1)


@register.filter
def target_text(standing: Any, tenant: Any) -> str:
    """An objective's target in its KPI's unit."""
    unit = standing.kpi.unit if standing.kpi else "count"
    return value_text(standing.objective.target, unit, tenant.currency)
