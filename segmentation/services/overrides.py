"""Classes set by hand, with a reason and an end."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from crm.audit import services as audit
from crm.models import Member
from crm.webhooks import events
from customers.models import Customer
from customers.services import stats
from segmentation.errors import ClassNotInUse, OverrideInThePast, OverrideWithoutReason
from segmentation.members import reference_at
from segmentation.models import ClassChange, ClassMembership, CustomerClass
from segmentation.services.classify import classify


@transaction.atomic
def override_class(
    *,
    customer: Customer,
    customer_class: CustomerClass,
    reason: str,
    actor: Member,
    until: date | None = None,
    at: datetime | None = None,
) -> ClassMembership:
    """Put the customer into a class whatever its rule says, through the day ``until`` or until taken off."""
    at, reason = at or timezone.now(), reason.strip()
    if not reason:
        raise OverrideWithoutReason(errors={"reason": [str(OverrideWithoutReason.message)]})
    if not customer_class.active:
        raise ClassNotInUse
    if until is not None and until < reference_at(at).today:
        raise OverrideInThePast(errors={"until": [str(OverrideInThePast.message)]})
    before = ClassMembership.objects.select_for_update(of=("self",)).filter(customer=customer).first()
    moved = before is None or before.customer_class_id != customer_class.pk
    membership, _created = ClassMembership.objects.update_or_create(
        customer=customer,
        defaults={
            "customer_class": customer_class,
            "since": at if before is None or moved else before.since,
            "set_by": actor,
            "override_reason": reason,
            "override_until": until,
            "why": [],
        },
    )
    if before is None:
        stats.hand_down([customer.pk], class_code=[customer_class.code])
    elif moved:
        _note_move(customer, before, customer_class, at, actor)
    facts = {"to": customer_class.code, "reason": reason, "until": str(until or "")}
    audit.record("customer.class_overridden", customer, actor=actor, **facts)
    return membership


def _note_move(
    customer: Customer, before: ClassMembership, to: CustomerClass, at: datetime, actor: Member
) -> None:
    change = ClassChange.objects.create(
        customer=customer,
        from_class_id=before.customer_class_id,
        to_class=to,
        at=at,
        changed_by=actor,
    )
    stats.hand_down([customer.pk], class_code=[to.code])
    events.emit("class.changed", change)


@transaction.atomic
def clear_override(
    *, customer: Customer, actor: Member, at: datetime | None = None
) -> ClassMembership | None:
    """Let the rules decide again, at once; nothing happens where nothing was set by hand."""
    overridden = ClassMembership.objects.filter(customer=customer).exclude(override_reason="")
    if overridden.update(override_until=date.min):
        classify(at=at, customer_ids=[customer.pk])
        audit.record("customer.class_override_cleared", customer, actor=actor)
    return ClassMembership.objects.filter(customer=customer).first()
