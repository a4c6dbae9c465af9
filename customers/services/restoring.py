"""Putting a field back to what an entry of the history says stood there, through the service that changes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction

from crm import audit
from crm.models import AuditEntry, Member
from customers.errors import ChangedSince, NotRestorable, WentAway
from customers.models import Contact, Contract, Customer
from customers.selectors.images import image_of
from customers.services import contacts, contracts, customers

CUSTOM = "custom."
Record = Customer | Contact | Contract


@dataclass(frozen=True)
class Way:
    """How one kind of record is changed, and which of its fields can be."""

    change: Callable[..., Any]
    argument: str
    fields: frozenset[str]


WAYS: dict[type[models.Model], Way] = {
    Customer: Way(customers.update_customer, "customer", customers.EDITABLE),
    Contact: Way(contacts.update_contact, "contact", contacts.EDITABLE),
    Contract: Way(contracts.update_contract, "contract", contracts.EDITABLE - {"customer"}),
}


def restorable(model: type[models.Model], column: str) -> bool:
    """Whether a column of the history stands for a field that the ordinary service changes."""
    return column.startswith(CUSTOM) or _name(model, column) in WAYS[model].fields


def value_in(entry: AuditEntry, column: str) -> Any:
    """What the entry offers: what stood there before its change, or what the record was made with."""
    image = entry.after if entry.kind == AuditEntry.Kind.INSERT else entry.before
    if image is None or column not in image:
        raise NotRestorable
    return image[column]


def changed_since(entry: AuditEntry, column: str, now: Any) -> bool:
    """Whether the field no longer holds what the entry's change made of it."""
    left = (entry.after or {}).get(column)
    return entry.kind == AuditEntry.Kind.UPDATE and (left or None) != (now or None)


@transaction.atomic
def restore_value(
    *,
    record: Record,
    entry: AuditEntry,
    column: str,
    actor: Member | None,
    version: int | None = None,
    anyway: bool = False,
) -> Any:
    """Give a field of ``record`` the value of ``entry``; what was changed since is only overwritten ``anyway``.

    Checked and told like any other change: by the service of the record, with ``version`` as it was read.
    """
    way = WAYS[type(record)]
    of_it = (entry.subject_type, entry.subject_id) == (record._meta.label_lower, record.pk)
    if not of_it or entry.kind == AuditEntry.Kind.DEED or not restorable(type(record), column):
        raise NotRestorable
    value = value_in(entry, column)
    now = image_of(record).get(column)
    if changed_since(entry, column, now) and not anyway:
        raise ChangedSince(more={"now": now, "was": value})
    given = (
        {"custom": {column.removeprefix(CUSTOM): value}}
        if column.startswith(CUSTOM)
        else {_name(type(record), column): _typed(type(record), column, value)}
    )
    changed = way.change(**{way.argument: record}, actor=actor, version=version, **given)
    audit.record("record.value_restored", record, actor=actor, field=column, entry=str(entry.pk))
    return changed


def _name(model: type[models.Model], column: str) -> str:
    name = column.removesuffix("_id")
    return name if name in WAYS[model].fields else column


def _typed(model: type[models.Model], column: str, value: Any) -> Any:
    """The value as the service takes it; a record that is no more cannot be referred to again."""
    try:
        known: Any = model._meta.get_field(_name(model, column))
    except FieldDoesNotExist as error:
        raise NotRestorable from error
    if value is None:
        return None if known.null else known.get_default()
    if isinstance(known, models.ForeignKey):
        found = known.related_model._base_manager.filter(pk=value).first()
        if found is None or not getattr(found, "active", True):
            raise WentAway
        return found
    return known.to_python(value)
