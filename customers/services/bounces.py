"""Keeping what mail servers say could not be delivered, and a person's word that an address works."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from crm import audit
from crm.models import Delivery, Member
from customers.errors import NotMarked
from customers.inbound.bounces import Failure, Report
from customers.models import Contact, ContactCheck, Customer, MailBounce
from customers.models.bounces import BounceQuerySet
from customers.normalize import email_norm
from customers.selectors.bounces import bounced_text
from customers.services.contact_checks import let_go


@transaction.atomic
def take_report(report: Report, *, at: datetime | None = None) -> list[MailBounce]:
    """Keep what a report says of addresses our records have; taken twice it is the same.

    A failure belongs to the delivery the report names: then the address is the one we sent to, even where it was
    handed on to another. One that names none is kept, and marks nothing: anybody can have written it.
    """
    at = at or timezone.now()
    sent = Delivery.objects.filter(pk=report.delivery, kind="email").first() if report.delivery else None
    failures = report.failures
    if sent is not None:
        worst = sorted(failures, key=lambda one: not one.is_hard)[:1]
        failures = [Failure(sent.address, one.status, one.words) for one in worst]
    kept = [_keep(one, sent, report.id, at) for one in failures if one.address]
    return [one for one in kept if one is not None]


@transaction.atomic
def take_refusal(failure: Failure, *, delivery: Delivery, at: datetime | None = None) -> MailBounce | None:
    """Keep that a server would not take a recipient when we sent to it."""
    if not delivery.address:
        return None
    return _keep(failure, delivery, f"refused:{delivery.pk}", at or timezone.now())


def _keep(failure: Failure, delivery: Delivery | None, report: str, at: datetime) -> MailBounce | None:
    norm = email_norm(failure.address)
    if not _is_ours(norm):
        return None
    hard = failure.is_hard
    before = 0 if hard else MailBounce.objects.soft_since(norm, at - MailBounce.SOFT_WITHIN).count()
    bounce = MailBounce(
        email_norm=norm,
        kind=MailBounce.Kind.HARD if hard else MailBounce.Kind.SOFT,
        status=failure.status[:11],
        diagnostic=failure.words,
        at=at,
        delivery=delivery,
        external_id=hashlib.sha256(f"{report} {norm}".encode()).hexdigest(),
        marks=delivery is not None and (hard or before + 1 >= MailBounce.SOFT_MOST),
    )
    try:
        with transaction.atomic():
            bounce.save(force_insert=True)
    except IntegrityError as error:
        if "bounce_once" not in str(error):
            raise
        return MailBounce.objects.get(external_id=bounce.external_id)
    audit.record("address.bounced", bounce, actor=None)
    return bounce


def _is_ours(norm: str) -> bool:
    """Whether a customer or contact has the address: what comes back from others is not kept."""
    return bool(norm) and (
        Customer.objects.living().filter(email_norm=norm).exists()
        or Contact.objects.filter(email_norm=norm, customer__deleted_at=None).exists()
    )


@transaction.atomic
def clear_address(*, bounce: MailBounce, actor: Member | None, at: datetime | None = None) -> MailBounce:
    """The address works again: nothing that came back from it counts any more."""
    at = at or timezone.now()
    rows = _of_same_address(bounce).filter(cleared_at=None)
    if not rows.update(cleared_at=at, cleared_by=actor):
        raise NotMarked
    bounce.cleared_at, bounce.cleared_by = at, actor
    let_go(ContactCheck.objects.filter(bounce__in=_of_same_address(bounce).order_by()))
    audit.record("address.cleared", bounce, actor=actor)
    return bounce


@transaction.atomic
def mark_again(*, bounce: MailBounce, actor: Member | None) -> MailBounce:
    """Take back that an address works; only what was cleared together with this bounce."""
    if bounce.cleared_at is None:
        return bounce
    rows = _of_same_address(bounce).filter(cleared_at=bounce.cleared_at)
    rows.update(cleared_at=None, cleared_by=None)
    bounce.cleared_at = bounce.cleared_by = None
    audit.record("address.marked", bounce, actor=actor)
    return bounce


def _of_same_address(bounce: MailBounce) -> BounceQuerySet:
    # By the row, not by what the caller sees of the address: that may be a mask.
    same = MailBounce.objects.filter(pk=bounce.pk).exclude(email_norm="").values("email_norm")
    return MailBounce.objects.filter(email_norm__in=same)


def why_not(address: str) -> str:
    """Why nothing is mailed to this address; "" where nothing stands against it."""
    marks = MailBounce.objects.standing().filter(email_norm=email_norm(address))
    newest = marks.order_by("-at").first()
    return bounced_text(newest) if newest else ""
