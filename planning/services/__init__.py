"""Plans and objectives: every write."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from crm import audit, kpis
from crm.errors import DomainError, Stale
from crm.models import Member
from planning.models import Objective, Plan


def _check_days(starts_on: Any, ends_on: Any) -> None:
    if ends_on < starts_on:
        raise DomainError(
            _("A plan ends after it starts."), errors={"ends_on": [_("Choose a day on or after the start.")]}
        )


@transaction.atomic
def create_plan(*, actor: Member, **fields: Any) -> Plan:
    """Open a plan for a period."""
    _check_days(fields["starts_on"], fields["ends_on"])
    plan = Plan.objects.create(**fields)
    audit.record("plan.created", plan, actor=actor)
    return plan


@transaction.atomic
def change_plan(*, plan: Plan, actor: Member, version: int | None = None, **fields: Any) -> Plan:
    """Change a plan; with ``version``, only if nobody else did since."""
    _check_days(fields.get("starts_on", plan.starts_on), fields.get("ends_on", plan.ends_on))
    found = Plan.objects.filter(pk=plan.pk)
    if version is not None:
        found = found.filter(version=version)
    if not found.update(version=F("version") + 1, **fields):
        raise Stale
    plan.refresh_from_db()
    audit.record("plan.changed", plan, actor=actor)
    return plan


@transaction.atomic
def delete_plan(*, plan: Plan, actor: Member) -> None:
    """Remove a plan with its objectives; the history keeps both."""
    audit.record("plan.deleted", plan, actor=actor, name=plan.name)
    plan.delete()


@transaction.atomic
def save_objective(*, plan: Plan, objective: Objective | None, actor: Member, **fields: Any) -> Objective:
    """Set a target for one KPI by a day within the plan."""
    if kpis.get(fields["kpi"]) is None:
        raise DomainError(_("There is no such KPI."), errors={"kpi": [_("Choose one of the list.")]})
    objective = objective or Objective(plan=plan)
    for name, value in fields.items():
        setattr(objective, name, value)
    objective.save()
    audit.record("objective.saved", objective, actor=actor)
    return objective


@transaction.atomic
def delete_objective(*, objective: Objective, actor: Member) -> None:
    audit.record("objective.deleted", objective, actor=actor, kpi=objective.kpi)
    objective.delete()
