"""What the page on retention shows: value at risk over time, whom it is about, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from crm.formats import money_text, percent_text, tick_text
from crm.models import Member, Tenant
from customers.selectors.keyset import Page, page_of
from customers.selectors.lists import COUNTED, SORTS, Wish, rows_of
from retention import words
from retention.models import Score, ScoreRun, Warning

SIZE = 30
RUNS = 60
MOST_WARNINGS = 20


@dataclass(frozen=True)
class Course:
    """How the value at risk went over the runs, as a chart and a sentence."""

    spec: dict[str, Any]
    sentence: str


def newest_run() -> ScoreRun | None:
    return ScoreRun.objects.first()


def course(run: ScoreRun, tenant: Tenant) -> Course:
    """Up to ``RUNS`` runs with the newest one's horizon. One query."""
    runs = list(ScoreRun.objects.filter(horizon_days=run.horizon_days).order_by("-as_of")[:RUNS])[::-1]
    values = [one.explanation.get("value_at_risk") for one in runs]
    spec = {
        "kind": "line",
        "x": [tick_text(one.as_of) for one in runs],
        "days": [one.as_of.isoformat() for one in runs],
        "x_label": _("Day"),
        "series": [{"name": _("Value at risk"), "values": values}],
        "unit": "money",
        "currency": tenant.currency,
    }
    return Course(spec, _course_words(values, tenant))


def _course_words(values: list[Any], tenant: Tenant) -> str:
    now, before = values[-1] or 0, values[0] or 0
    names = {"now": money_text(now, tenant.currency, whole=True)}
    if len(values) < 2 or not before:
        return _("%(now)s are at risk.") % names
    change = abs(now / before - 1)
    if round(change, 2) == 0:
        return _("%(now)s are at risk, about as much as on the first of these days.") % names
    names["change"] = percent_text(change)
    if now > before:
        return _("%(now)s are at risk, %(change)s more than on the first of these days.") % names
    return _("%(now)s are at risk, %(change)s less than on the first of these days.") % names


@dataclass(frozen=True)
class AtRisk:
    """One page of the customers with value at risk; rows carry ``told``, their reasons in words."""

    page: Page
    count: int


def at_risk(
    member: Member, tenant: Tenant, run: ScoreRun | None, *, filters: dict[str, str], cursor: str
) -> AtRisk:
    """The most valuable at risk first, with their reasons in the newest run. Three queries."""
    wish = Wish(filters=filters, sort="at_risk")
    rows = rows_of(wish, member).filter(value_at_risk__gt=0).select_related("customer__owner")
    page = page_of(rows, SORTS["at_risk"][1], cursor=cursor, size=SIZE)
    ids = [row.customer_id for row in page.rows]
    found = dict(Score.objects.filter(run=run, customer__in=ids).values_list("customer_id", "reasons"))
    for row in page.rows:
        row.told = words.raising(found.get(row.customer_id, []), tenant.currency)
    return AtRisk(page, rows.order_by()[: COUNTED + 1].count())


def open_warnings(member: Member, tenant: Tenant) -> list[Warning]:
    """The open warnings a member may see, the most valuable first, each with its reasons as ``told``."""
    found = Warning.objects.open().visible_to(member).select_related("customer", "owner")
    warnings = list(found.order_by("-value_at_risk", "id")[:MOST_WARNINGS])
    for warning in warnings:
        warning.told = words.raising(warning.reasons, tenant.currency)
    return warnings


@dataclass(frozen=True)
class Standing:
    """One customer's newest score with its reasons and its course over the runs."""

    score: Score
    reasons: list[dict[str, Any]]
    level: str
    because: str
    points: list[float]
    warning: Warning | None


def standing_of(customer_id: UUID, tenant: Tenant) -> Standing | None:
    """What the newest run says of a customer. Two queries."""
    scores = list(
        Score.objects.filter(customer=customer_id)
        .select_related("run")
        .order_by("-run__as_of", "-run__created_at")[:RUNS]
    )
    if not scores:
        return None
    newest = scores[0]
    same = [s for s in scores if s.run.horizon_days == newest.run.horizon_days]
    return Standing(
        score=newest,
        reasons=words.reason_rows(newest.reasons, tenant.currency),
        level=words.level_name(newest.run.level),
        because=words.level_because(newest.run.explanation.get("why", "")),
        points=[s.probability for s in reversed(same) if s.probability is not None],
        warning=Warning.objects.open().filter(customer=customer_id).first(),
    )
