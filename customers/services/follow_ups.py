"""Promises to customers: making, keeping, moving, skipping and handing them over.

The next open one and the last contact stand in the customer's row of figures, kept true here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Min, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from crm import audit
from crm.errors import Stale
from crm.models import Member, WakeUp
from crm.tenancy.context import current_tenant_id
from crm.texts import clean
from customers.errors import FollowUpClosed
from customers.models import Customer, CustomerStats, FollowUp, Interaction
from customers.services.many.passing import FOLLOW_UPS, One, tell_given
from customers.services.touchpoints import write_down


@dataclass(frozen=True)
class NextStep:
    """What comes after a contact: the follow-up to make. Without an owner, it is the actor's."""

    subject: str
    due_at: datetime
    channel: str = "phone"
    owner: Member | None = None


@transaction.atomic
def schedule_follow_up(
    *,
    customer: Customer,
    owner: Member,
    subject: str,
    due_at: datetime,
    actor: Member | None,
    channel: str = "phone",
    reason: str = "",
    origin: str = FollowUp.Origin.PERSON,
) -> FollowUp:
    """Promise a contact by a moment in time."""
    follow_up = FollowUp.objects.create(
        customer=customer,
        owner=owner,
        subject=clean(subject),
        due_at=due_at,
        first_due_at=due_at,
        channel=channel,
        reason=clean(reason),
        origin=origin,
        created_by=actor,
    )
    refresh_next_step([customer.pk])
    audit.record("follow_up.scheduled", follow_up, actor=actor, customer=str(customer.pk))
    return follow_up


@transaction.atomic
def complete_follow_up(
    *,
    follow_up: FollowUp,
    actor: Member,
    result: str = "",
    kind: str = Interaction.Kind.CALL,
    next_step: NextStep | None = None,
) -> FollowUp:
    """Keep a promise: the contact it was goes onto the timeline. Whoever comes second gets ``FollowUpClosed``."""
    _close(follow_up, FollowUp.Outcome.DONE, actor, result)
    follow_up.interaction = write_down(
        customer=follow_up.customer,
        actor=actor,
        kind=kind,
        text=result or follow_up.subject,
        channel=follow_up.channel,
    )
    FollowUp.objects.filter(pk=follow_up.pk).update(interaction=follow_up.interaction)
    if next_step is not None:
        promise(next_step, customer=follow_up.customer, actor=actor)
    refresh_next_step([follow_up.customer_id])
    audit.record("follow_up.completed", follow_up, actor=actor, customer=str(follow_up.customer_id))
    return follow_up


@transaction.atomic
def skip_follow_up(*, follow_up: FollowUp, because: str, actor: Member) -> FollowUp:
    """Let a promise go, with the reason."""
    _close(follow_up, FollowUp.Outcome.SKIPPED, actor, because)
    refresh_next_step([follow_up.customer_id])
    audit.record("follow_up.skipped", follow_up, actor=actor, customer=str(follow_up.customer_id))
    return follow_up


@transaction.atomic
def withdraw_follow_up(*, follow_up: FollowUp, actor: Member) -> None:
    """Take a promise back that was just made, as if it never was."""
    if not FollowUp.objects.filter(pk=follow_up.pk, closed_at=None).exists():
        raise FollowUpClosed
    audit.record("follow_up.withdrawn", follow_up, actor=actor, customer=str(follow_up.customer_id))
    FollowUp.objects.filter(pk=follow_up.pk).delete()
    refresh_next_step([follow_up.customer_id])


@transaction.atomic
def move_follow_up(
    *, follow_up: FollowUp, due_at: datetime, because: str, actor: Member, version: int | None = None
) -> FollowUp:
    """Promise another moment; a promise that was escalated starts anew.

    With ``version``, ``Stale`` when somebody saved it since it was read.
    """
    columns = {"due_at": due_at, "moved_because": clean(because)[:200], "escalated_at": None}
    _change(follow_up, expected=version, **columns)
    WakeUp.objects.create(tenant_id=current_tenant_id(), at=due_at)
    refresh_next_step([follow_up.customer_id])
    audit.record("follow_up.moved", follow_up, actor=actor, customer=str(follow_up.customer_id))
    return follow_up


@transaction.atomic
def reassign_follow_up(
    *, follow_up: FollowUp, owner: Member, actor: Member, version: int | None = None
) -> FollowUp:
    """Hand a promise over to another member, who is told.

    With ``version``, ``Stale`` when somebody saved it since it was read.
    """
    had = follow_up.owner_id
    _change(follow_up, expected=version, owner=owner)
    audit.record("follow_up.reassigned", follow_up, actor=actor, customer=str(follow_up.customer_id))
    if owner.pk != had:
        url = reverse("customers:record", args=[follow_up.customer_id])
        tell_given(
            FOLLOW_UPS, owner=owner, actor=actor, one=One(follow_up.subject, follow_up.customer.name, url)
        )
    return follow_up


def promise(step: NextStep, *, customer: Customer, actor: Member | None) -> FollowUp:
    """Make the next step a follow-up: its owner's, else the actor's, else the customer's owner's."""
    owner = step.owner or actor or customer.owner
    if owner is None:
        raise ValueError("A next step without owner, actor or customer's owner")
    return schedule_follow_up(
        customer=customer,
        owner=owner,
        subject=step.subject,
        due_at=step.due_at,
        channel=step.channel,
        actor=actor,
    )


def refresh_next_step(customer_ids: Iterable[UUID]) -> None:
    """Write down when each of these customers is next to be contacted, in one statement."""
    # Grouped, not the first by date: where many were promised a moment ago, the planner would walk
    # everybody's open promises from the earliest on to find each customer's.
    promised = FollowUp.objects.filter(customer=OuterRef("customer")).order_by().values("customer")
    earliest = promised.annotate(earliest=Min("due_at", filter=Q(closed_at=None))).values("earliest")
    CustomerStats.objects.filter(customer__in=list(customer_ids)).update(next_follow_up_at=Subquery(earliest))


def _close(follow_up: FollowUp, outcome: str, actor: Member, result: str) -> None:
    _change(follow_up, closed_at=timezone.now(), outcome=outcome, closed_by=actor, result=clean(result))


def _change(follow_up: FollowUp, *, expected: int | None = None, **columns: object) -> None:
    still_open = FollowUp.objects.filter(pk=follow_up.pk, closed_at=None)
    as_read = still_open if expected is None else still_open.filter(version=expected)
    if not as_read.update(**columns, version=F("version") + 1):
        raise Stale if still_open.exists() else FollowUpClosed
    for name, value in columns.items():
        setattr(follow_up, name, value)
    follow_up.version += 1
