"""A demo company's plan for its year, tied to its own figures."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from crm import kpis
from crm.demo import Scene, register
from crm.people.roles import Role
from planning import services

# Key of a figure, what it should be by then, and after which share of the year.
OBJECTIVES = (
    ("satisfaction", 80, "short", 0.5),
    ("churn", 0.2, "mid", 0.75),
    ("retention", 0.85, "long", 1.0),
    ("repurchase", 0.4, "long", 1.0),
)


def make_plan(scene: Scene) -> dict[str, int]:
    """One plan for the calendar year of ``scene.at`` with an objective for each known figure."""
    lead = next((member for member in scene.members if member.role == Role.LEAD), scene.members[0])
    year = scene.at.astimezone(scene.tenant.zone).year
    begins, ends = date(year, 1, 1), date(year, 12, 31)
    with translation.override(scene.locale):
        name, background = _("Keep our customers %(year)s") % {"year": year}, _background()
    plan = services.create_plan(
        actor=lead, name=name, background=background, starts_on=begins, ends_on=ends, owner=lead
    )
    known = [one for one in OBJECTIVES if kpis.get(one[0])]
    for kpi, target, term, share in known:
        due = begins + timedelta(days=round(share * (ends - begins).days))
        services.save_objective(
            plan=plan, objective=None, actor=lead, kpi=kpi, target=target, term=term, due_on=due, owner=lead
        )
    return {"plans": 1, "objectives": len(known)}


def _background() -> str:
    return _("Winning a customer costs more than keeping one. This year we look after those we have.")


register("planning", make_plan, order=90)
