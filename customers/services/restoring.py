"""Putting a field back to what an entry of the history says stood there, through the service that changes it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction

from crm import audit
from crm.models import AuditEntry, Member
from customers.errors import ChangedSince, NotRestorable, WentAway
from customers.past import CUSTOM, Past, past_of
from customers.selectors.images import image_of


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
    record: models.Model,
    entry: AuditEntry,
    column: str,
    actor: Member | None,
    version: int | None = None,
    anyway: bool = False,
) -> Any:
    """Give a field of ``record`` the value of ``entry``; what was changed since is only overwritten ``anyway``.

    Checked and told like any other change: by the service of the record, with ``version`` as it was read.
    """
    past = past_of(type(record))
    of_it = (entry.subject_type, entry.subject_id) == (record._meta.label_lower, record.pk)
    if not of_it or entry.kind == AuditEntry.Kind.DEED or not past.restorable(column):
        raise NotRestorable
    value = value_in(entry, column)
    now = image_of(record).get(column)
    if changed_since(entry, column, now) and not anyway:
        raise ChangedSince(more={"now": now, "was": value})
    given = (
        {"custom": {column.removeprefix(CUSTOM): value}}
        if column.startswith(CUSTOM)
        else {past.name(column): _typed(past, column, value)}
    )
    changed = past.change(**{past.argument: record}, actor=actor, version=version, **given)
    audit.record("record.value_restored", record, actor=actor, field=column, entry=str(entry.pk))
    return changed


def _typed(past: Past, column: str, value: Any) -> Any:
    """The value as the service takes it; a record that is no more cannot be referred to again."""
    try:
        known: Any = past.model._meta.get_field(past.name(column))
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
