"""Maintenance plans and the reminder policy: who is owed what, and how people are reminded."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crm import audit
from crm.errors import Conflict, Stale
from crm.models import Member
from maintenance.models import MaintenancePlan, ReminderPolicy


class NameTaken(Conflict):
    code = "plan_name_taken"
    message = _("There is already a plan of this name.")


@transaction.atomic
def create_plan(*, actor: Member | None, **fields: Any) -> MaintenancePlan:
    """Begin a plan; its first follow-ups are made in the night to come."""
    plan = MaintenancePlan(**fields)
    _write(lambda: plan.save(force_insert=True))
    audit.record("maintenance_plan.created", plan, actor=actor)
    return plan


@transaction.atomic
def update_plan(
    *, plan: MaintenancePlan, actor: Member | None, version: int | None = None, **fields: Any
) -> MaintenancePlan:
    """Change a plan as it was read; follow-ups already made stay."""
    expected = plan.version if version is None else version
    read = MaintenancePlan.objects.filter(pk=plan.pk, version=expected)
    if not _write(lambda: read.update(**fields, version=F("version") + 1)):
        raise Stale
    plan.refresh_from_db()
    audit.record("maintenance_plan.changed", plan, actor=actor)
    return plan


@transaction.atomic
def delete_plan(*, plan: MaintenancePlan, actor: Member | None) -> None:
    """Remove a plan; the follow-ups it made stay with their owners."""
    audit.record("maintenance_plan.deleted", plan, actor=actor, name=plan.name)
    plan.delete()


@transaction.atomic
def save_policy(*, actor: Member | None, **fields: Any) -> ReminderPolicy:
    """Set when people are reminded, for the whole company."""
    policy, _created = ReminderPolicy.objects.update_or_create(defaults=fields)
    audit.record("reminder_policy.changed", policy, actor=actor)
    return policy


def _write(change: Any) -> Any:
    try:
        with transaction.atomic():
            return change()
    except IntegrityError as error:
        if "plan_name_unique" not in str(error):
            raise
        raise NameTaken(errors={"name": [str(NameTaken.message)]}) from error
