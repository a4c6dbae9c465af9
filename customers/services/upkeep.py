"""Keeping contact data right: somebody's word that it is, and the owner asked to see to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import audit
from crm.models import AuditEntry, Member
from crm.planner import many_rows
from crm.tenancy.context import current_tenant_id
from customers.errors import CustomerGone
from customers.models import (
    Confirmation,
    Contact,
    ContactCheck,
    Customer,
    FollowUp,
    MailBounce,
    UpkeepPolicy,
)
from customers.models.bounces import BounceQuerySet
from customers.selectors.bounces import bounced_of
from customers.selectors.upkeep import policy
from customers.services.contact_checks import ask_again, let_go
from customers.services.follow_ups import schedule_follow_up

REACHED_BY = frozenset({"email", "phone", "website", "address", "postcode", "city", "region"})


@transaction.atomic
def set_policy(
    *, months: int, quality: int, actor: Member | None, follow_ups: str | None = None
) -> UpkeepPolicy:
    """After how many months contact data is stale, below which quality a record is incomplete, and for which of it
    owners are asked by night; ``None`` leaves that as it is.
    """
    rules = policy()
    rules.months, rules.quality = months, quality
    rules.follow_ups = follow_ups or rules.follow_ups
    rules.save()
    audit.record("upkeep_policy.saved", rules, actor=actor)
    return rules


@transaction.atomic
def confirm(*, customer: Customer, actor: Member | None, at: datetime | None = None) -> Confirmation:
    """Somebody says that a customer's contact data is right: what came back from its addresses counts no more."""
    if customer.deleted_at is not None:
        raise CustomerGone
    at = at or timezone.now()
    confirmation = Confirmation.objects.create(customer=customer, at=at, by=actor)
    _of_addresses(customer).filter(cleared_at=None).update(cleared_at=at, cleared_by=actor)
    let_go(ContactCheck.objects.filter(customer=customer), at=at)
    audit.record("customer.confirmed", customer, actor=actor)
    return confirmation


@transaction.atomic
def take_back(*, confirmation: Confirmation, actor: Member | None) -> None:
    """As if the word had not been said: what it cleared is marked again, what it closed is open again."""
    customer = confirmation.customer
    cleared = _of_addresses(customer).filter(cleared_at=confirmation.at)
    cleared.update(cleared_at=None, cleared_by=None)
    Confirmation.objects.filter(pk=confirmation.pk).delete()
    ask_again(ContactCheck.objects.filter(customer=customer), dropped_at=confirmation.at)
    audit.record("customer.unconfirmed", customer, actor=actor)


def note_change(customer_id: UUID, fields: Iterable[str], *, actor: Member | None) -> None:
    """Whoever changed how a customer is reached knew what is right; other fields say nothing about that."""
    if REACHED_BY.intersection(fields):
        Confirmation.objects.create(customer_id=customer_id, by=actor, changed=True)
        let_go(ContactCheck.objects.filter(customer=customer_id))


def note_changes(ids: Sequence[UUID], fields: Iterable[str], *, actor: Member | None) -> None:
    """As ``note_change``, for many in one statement; what a night asked is let go by the next."""
    if not ids or not REACHED_BY.intersection(fields):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_confirmation (tenant_id, id, customer_id, at, by_id, changed) "
            "SELECT %s::uuid, uuid7(), c.id, %s, %s::uuid, true FROM unnest(%s::uuid[]) c (id)",
            [str(current_tenant_id()), timezone.now(), str(actor.pk) if actor else None, [*map(str, ids)]],
        )


def forget_changes(request_id: UUID, ids: Sequence[UUID] | None = None) -> None:
    """What one request or job changed was taken back, of these customers or of all: it confirms nothing any more."""
    noted = AuditEntry.objects.filter(
        request_id=request_id,
        subject_type=Confirmation._meta.label_lower,
        subject_id=OuterRef("pk"),
        kind=AuditEntry.Kind.INSERT,
    )
    words = Confirmation.objects.filter(Exists(noted.order_by()), changed=True).order_by()
    with many_rows():
        (words if ids is None else words.filter(customer__in=ids)).delete()


def said_in(request_id: UUID, *, by: Member) -> QuerySet[Confirmation]:
    """What a member said in one request, and has not taken back."""
    said = AuditEntry.objects.filter(
        request_id=request_id, subject_type=Confirmation._meta.label_lower, kind=AuditEntry.Kind.INSERT
    )
    words = Confirmation.objects.filter(pk__in=said.order_by().values("subject_id"), by=by, changed=False)
    return words.select_related("customer")


def _of_addresses(customer: Customer) -> BounceQuerySet:
    """What came back from the customer's own address and its contacts'."""
    own = Customer.objects.filter(pk=customer.pk).exclude(email_norm="").order_by().values("email_norm")
    people = Contact.objects.filter(customer=customer).exclude(email_norm="").order_by().values("email_norm")
    return MailBounce.objects.filter(email_norm__in=own.union(people))


@transaction.atomic
def ask_owner(*, customer: Customer, due_at: datetime, actor: Member) -> FollowUp:
    """Make the upkeep of a customer a promise of its owner, else of the actor; one at a time."""
    open_one = FollowUp.objects.filter(
        customer=customer, closed_at=None, origin=FollowUp.Origin.UPKEEP
    ).first()
    if open_one is not None:
        return open_one
    bounced = bounced_of([customer.pk]).get(customer.pk, [])
    subject = _("Ask for the new e-mail address") if bounced else _("Check the contact data")
    return schedule_follow_up(
        customer=customer,
        owner=customer.owner or actor,
        subject=subject,
        reason=_("E-mail %(why)s") % {"why": bounced[0].text} if bounced else "",
        due_at=due_at,
        actor=actor,
        origin=FollowUp.Origin.UPKEEP,
    )
