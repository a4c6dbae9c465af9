"""Making, changing, deleting, restoring and handing over customers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from crm import audit
from crm.errors import Stale
from crm.models import AuditEntry, Member
from crm.tenancy.context import current
from crm.webhooks import events
from customers.errors import (
    AlreadyReviewed,
    CustomerGone,
    CustomerLives,
    ExternalIdTaken,
    MergedAway,
    Nameless,
)
from customers.models import Customer, CustomerStats
from customers.models.custom import RecordType
from customers.normalize import email_norm, name_norm, phone_norm, pinyin_of
from customers.services.custom_values import Merged, check_values, first_values
from customers.services.handed import tell_owner
from customers.services.upkeep import note_change

EDITABLE = frozenset(
    {
        *("kind", "external_id", "name", "email", "phone", "website", "industry", "size", "region", "city"),
        *(
            "address",
            "postcode",
            "birthday",
            "gender",
            "language",
            "source",
            "owner",
            "review",
            "notes",
            "created_at",
        ),
    }
)


@transaction.atomic
def create_customer(*, actor: Member | None, **fields: Any) -> Customer:
    """Add a customer with its row of figures, in stage *lead*.

    ``custom`` maps keys of custom fields to values; where it is given, the required ones are required.
    """
    custom = first_values(RecordType.CUSTOMER, fields.pop("custom", None), actor=actor)
    customer = Customer(**_checked(fields), custom=custom)
    if not customer.name:
        raise Nameless
    _normalize(customer, {"name", "email", "phone"})
    with _one_external_id():
        customer.save(force_insert=True)
    CustomerStats.objects.create(customer=customer)
    audit.record("customer.created", customer, actor=actor)
    return customer


@transaction.atomic
def update_customer(
    *,
    customer: Customer,
    actor: Member | None,
    version: int | None = None,
    confirms: bool = True,
    **fields: Any,
) -> Customer:
    """Change some fields; with ``version``, ``Stale`` when someone saved the record since it was read.

    ``custom`` names the custom fields to change; the others stay, ``None`` takes a value out. Whoever changes how a
    customer is reached ``confirms`` it, and a new owner is told, unless the values are taken from another record.
    """
    given = fields.pop("custom", None) or {}
    changed = {name: value for name, value in _checked(fields).items() if getattr(customer, name) != value}
    if values := check_values(RecordType.CUSTOMER, given, actor=actor, before=customer.custom):
        changed["custom"] = Merged(values)
    if version is not None and not Customer.objects.filter(pk=customer.pk, version=version).exists():
        raise Stale
    if not changed:
        return customer
    for name, value in changed.items():
        setattr(customer, name, value)
    if not customer.name:
        raise Nameless
    columns = {**changed, **_normalize(customer, set(changed))}
    rows = Customer.objects.filter(pk=customer.pk, **({"version": version} if version is not None else {}))
    with _one_external_id():
        if not rows.update(**columns, version=F("version") + 1, updated_at=timezone.now()):
            raise Stale
    if confirms:
        note_change(customer.pk, changed, actor=actor)
        tell_owner(owner=changed.get("owner"), actor=actor, count=1, customer=customer)
    audit.record("customer.updated", customer, actor=actor, fields=sorted(changed))
    customer.refresh_from_db(fields=["version", "updated_at", "custom", "quality"])
    return customer


@transaction.atomic
def delete_customer(*, customer: Customer, actor: Member | None) -> Customer:
    """Take a customer out of every list; its history, purchases and follow-ups wait for ``restore_customer``."""
    at = timezone.now()
    alive = Customer.objects.living().filter(pk=customer.pk)
    if not alive.update(deleted_at=at, updated_at=at, version=F("version") + 1):
        raise CustomerGone
    customer.deleted_at = at
    audit.record("customer.deleted", customer, actor=actor)
    return customer


@transaction.atomic
def restore_customer(*, customer: Customer, actor: Member | None) -> Customer:
    """Bring a deleted customer back as it was."""
    if customer.merged_into_id is not None:
        raise MergedAway(more={"merged_into": str(customer.merged_into_id)})
    dead = Customer.objects.deleted().filter(pk=customer.pk)
    if not dead.update(deleted_at=None, updated_at=timezone.now(), version=F("version") + 1):
        raise CustomerLives
    customer.deleted_at = None
    audit.record("customer.restored", customer, actor=actor)
    return customer


@transaction.atomic
def assign_owner(*, customers: Any, owner: Member | None, actor: Member | None, tells: bool = True) -> int:
    """Hand a set of customers over, in one statement; gives how many changed hands. The new owner is told, unless
    whoever hands them over in parts ``tells`` of all at their end.
    """
    moving = Customer.objects.living().filter(pk__in=customers.values("pk").order_by())
    moving = moving.exclude(owner=owner) if owner else moving.exclude(owner=None)
    told = list(moving.values_list("pk", flat=True)) if events.wanting("customer.updated") else []
    count = moving.update(owner=owner, updated_at=timezone.now(), version=F("version") + 1)
    if count:
        audit.record("customers.assigned", owner, actor=actor, customers=count)
        if tells:
            tell_owner(owner=owner, actor=actor, count=count)
        events.emit_many("customer.updated", told)
    return count


@transaction.atomic
def undo_assignment(*, request_id: UUID, actor: Member | None, within: Any) -> int:
    """Give the customers of one hand-over back to whom they had; those handed on since stay.

    ``within`` bounds it to the customers the actor may change. Built on the history's before-images.
    """
    return give_back(handed_over(request_id), actor=actor, within=within)


def handed_over(request_id: UUID) -> QuerySet[AuditEntry]:
    """The history of one hand-over, customer by customer."""
    return AuditEntry.objects.filter(
        request_id=request_id,
        subject_type="customers.customer",
        kind=AuditEntry.Kind.UPDATE,
        after__has_key="owner_id",
    )


@transaction.atomic
def give_back(moves: Iterable[AuditEntry], *, actor: Member | None, within: Any) -> int:
    """Undo these moves, but not of who was handed on since; gives how many went back."""
    groups: dict[tuple[Any, Any], list[Any]] = {}
    undone = ""
    for move in moves:
        before, after, undone = move.before or {}, move.after or {}, str(move.request_id)
        groups.setdefault((before.get("owner_id"), after["owner_id"]), []).append(move.subject_id)
    count = 0
    for (before_id, after_id), ids in groups.items():
        rows = Customer.objects.filter(
            pk__in=within.filter(pk__in=ids).values("pk").order_by(), owner_id=after_id
        )
        told = list(rows.values_list("pk", flat=True)) if events.wanting("customer.updated") else []
        count += rows.update(owner_id=before_id, updated_at=timezone.now(), version=F("version") + 1)
        events.emit_many("customer.updated", told)
    if count:
        audit.record("customers.assignment_undone", None, actor=actor, customers=count, undone=undone)
    return count


@transaction.atomic
def review_customer(*, customer: Customer, accept: bool, actor: Member | None) -> Customer:
    """Accept or reject a record that came from outside."""
    verdict = Customer.Review.ACCEPTED if accept else Customer.Review.REJECTED
    waiting = Customer.objects.living().filter(pk=customer.pk, review=Customer.Review.WAITING)
    if not waiting.update(review=verdict, updated_at=timezone.now(), version=F("version") + 1):
        raise AlreadyReviewed
    customer.review = verdict
    audit.record("customer.accepted" if accept else "customer.rejected", customer, actor=actor)
    return customer


def request_id() -> UUID:
    """The id under which the history keeps what this transaction changes."""
    return current().request_id


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - EDITABLE
    if unknown:
        raise TypeError(f"Not fields of a customer that can be set: {', '.join(sorted(unknown))}")
    return {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}


def _normalize(customer: Customer, changed: Iterable[str]) -> dict[str, str]:
    """Set what searching needs from the fields that changed, and give it as columns."""
    columns: dict[str, str] = {}
    if "name" in changed:
        columns["name_norm"] = name_norm(customer.name)
        columns["pinyin"], columns["initials"] = pinyin_of(customer.name)
    if "email" in changed:
        columns["email_norm"] = email_norm(customer.email)
    if "phone" in changed:
        columns["phone_norm"] = phone_norm(customer.phone)
    for name, value in columns.items():
        setattr(customer, name, value)
    return columns


@contextmanager
def _one_external_id() -> Iterator[None]:
    """Say in words that an external id is taken; other broken constraints are bugs."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "customer_external_id_unique" not in str(error):
            raise
        raise ExternalIdTaken(errors={"external_id": [str(ExternalIdTaken.message)]}) from error
