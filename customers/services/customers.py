"""Making, changing, deleting, restoring and reviewing customers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from crm import audit
from crm.errors import Stale
from crm.models import Member
from crm.texts import clean
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
def review_customer(*, customer: Customer, accept: bool, actor: Member | None) -> Customer:
    """Accept or reject a record that came from outside."""
    verdict = Customer.Review.ACCEPTED if accept else Customer.Review.REJECTED
    waiting = Customer.objects.living().filter(pk=customer.pk, review=Customer.Review.WAITING)
    if not waiting.update(review=verdict, updated_at=timezone.now(), version=F("version") + 1):
        raise AlreadyReviewed
    customer.review = verdict
    audit.record("customer.accepted" if accept else "customer.rejected", customer, actor=actor)
    return customer


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - EDITABLE
    if unknown:
        raise TypeError(f"Not fields of a customer that can be set: {', '.join(sorted(unknown))}")
    return {name: clean(value) if isinstance(value, str) else value for name, value in fields.items()}


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
