"""Maintenance plans and the reminder policy: who is owed what, and how people are reminded."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crm import audit
from crm.errors import Conflict, NotFound, Stale
from crm.models import AuditEntry, Member
from crm.tenancy.context import current
from customers.errors import AlreadyUndone
from customers.models import FollowUp
from maintenance.models import MaintenancePlan, PlannedFollowUp, ReminderPolicy


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
    """Remove a plan, until ``restore_plan``; the follow-ups it made stay with their owners."""
    audit.record("maintenance_plan.deleted", plan, actor=actor, name=plan.name)
    plan.delete()


@transaction.atomic
def restore_plan(*, request_id: UUID, actor: Member | None) -> MaintenancePlan:
    """Bring back the plan a request deleted, and what it remembers of the follow-ups it made.

    Without that memory it would make those of the current period a second time. Built on the history's
    before-images; follow-ups that are gone meanwhile are forgotten.
    """
    (plan,) = _deleted(MaintenancePlan, request_id) or [None]
    if plan is None:
        raise NotFound
    if MaintenancePlan.objects.filter(pk=plan.pk).exists():
        raise AlreadyUndone
    _write(lambda: plan.save(force_insert=True))
    made = _deleted(PlannedFollowUp, request_id)
    alive = set(
        FollowUp.objects.filter(pk__in=[one.follow_up_id for one in made]).values_list("pk", flat=True)
    )
    PlannedFollowUp.objects.bulk_create([one for one in made if one.follow_up_id in alive], batch_size=2_000)
    audit.record("maintenance_plan.restored", plan, actor=actor, name=plan.name)
    return plan


def request_id() -> UUID:
    """The id under which the history keeps what this transaction changes."""
    return current().request_id


def _deleted(model: Any, request_id: UUID) -> list[Any]:
    """The rows of a model that one request deleted, as they were."""
    images = AuditEntry.objects.filter(
        request_id=request_id, subject_type=model._meta.label_lower, kind=AuditEntry.Kind.DELETE
    ).values_list("subject_id", "before")
    fields = {field.attname: field for field in model._meta.local_fields}
    return [
        model(
            pk=pk,
            **{
                name: fields[name].to_python(value)
                for name, value in (before or {}).items()
                if name in fields
            },
        )
        for pk, before in images
    ]


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
