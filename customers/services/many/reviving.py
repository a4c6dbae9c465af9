"""Bringing back people who were taken out, with what went with them, as the history says they were."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import CASCADE

from crm.models import AuditEntry
from crm.tenancy.context import current_tenant_id
from customers.models import Contact, Customer, Merge
from customers.services.contacts import normalize
from customers.services.duplicates.journal import follow

# Read as they stand there: whoever is shown masks must not write them back.
_IMAGES = """
SELECT e.subject_id, e.before::text FROM crm_auditentry e
WHERE e.tenant_id = %(tenant)s::uuid AND e.id = ANY (%(entries)s::uuid[])
"""
_CAME_ALONG = """
INSERT INTO {table}
SELECT old.* FROM crm_auditentry e CROSS JOIN LATERAL jsonb_populate_record(
    NULL::{table}, e.before || jsonb_build_object('id', e.subject_id, 'tenant_id', e.tenant_id)) old
WHERE e.tenant_id = %(tenant)s::uuid AND e.request_id = ANY (%(requests)s::uuid[]) AND e.kind = 'delete'
  AND e.subject_type = %(label)s AND e.before ->> '{column}' = ANY (%(ids)s)
ON CONFLICT DO NOTHING
"""
_SPOKE_OF = """
UPDATE {table} r SET {column} = (e.before ->> '{column}')::uuid FROM crm_auditentry e
WHERE e.tenant_id = %(tenant)s::uuid AND e.request_id = ANY (%(requests)s::uuid[]) AND e.kind = 'update'
  AND e.subject_type = %(label)s AND e.before ->> '{column}' = ANY (%(ids)s)
  AND r.tenant_id = %(tenant)s::uuid AND r.id = e.subject_id AND r.{column} IS NULL
"""


def revive(entries: Sequence[AuditEntry]) -> set[UUID]:
    """Who lives again by these entries of deletions: not who was erased since, nor whose customer is gone.

    Where the customer was merged into another meanwhile they go along to that one, and back if the merge is undone.
    """
    found = _read(_IMAGES, entries=[str(entry.pk) for entry in entries])
    images = {pk: json.loads(image or "{}") for pk, image in found}
    people = _with_a_place([_as_it_was(pk, image) for pk, image in images.items() if image.get("name")])
    Contact.objects.bulk_create(people, batch_size=2_000)
    given: dict[str, Any] = {
        "ids": [str(one.pk) for one in people],
        "requests": sorted({str(entry.request_id) for entry in entries}),
    }
    for relation in _pointing_here():
        model: Any = relation.related_model
        # What is not in the history hangs on the custom values, and a trigger makes it of them.
        if people and getattr(model, "audited", True):
            sql = _CAME_ALONG if relation.on_delete is CASCADE else _SPOKE_OF
            names = {"table": model._meta.db_table, "column": relation.field.attname}
            _write(sql.format(**names), label=model._meta.label_lower, **given)
    _go_along({one.customer_id for one in people})
    return {one.pk for one in people}


def _as_it_was(pk: UUID, image: dict[str, Any]) -> Contact:
    """A person of an image; the version goes on, so that nobody's copy passes for the newest."""
    fields: dict[str, Any] = {field.attname: field for field in Contact._meta.local_fields}
    known = {name: fields[name].to_python(value) for name, value in image.items() if name in fields}
    custom = {
        name.removeprefix("custom."): value for name, value in image.items() if name.startswith("custom.")
    }
    person = Contact(pk=pk, **{**known, "custom": custom, "version": image.get("version", 0) + 1})
    normalize(person)
    return person


def _with_a_place(people: list[Contact]) -> list[Contact]:
    """Those who are not there while their customer is; whoever is the first contact by now stays it."""
    customers = {one.customer_id for one in people}
    living = set(Customer.objects.filter(pk__in=customers).order_by().values_list("pk", flat=True))
    there = set(Contact.objects.filter(pk__in=[one.pk for one in people]).values_list("pk", flat=True))
    led = Contact.objects.filter(customer__in=customers, primary=True).order_by()
    first = set(led.values_list("customer", flat=True)) | _led_before(customers)
    people = [one for one in people if one.customer_id in living and one.pk not in there]
    for one in people:
        one.primary = one.primary and one.customer_id not in first
    return people


def _merges_away(customers: set[UUID]) -> dict[UUID, Merge]:
    """By customer that another took in, the merge that did it."""
    away = Customer.objects.filter(pk__in=customers).exclude(merged_into=None).order_by()
    gone = set(away.values_list("pk", flat=True))
    if not gone:
        return {}
    merges = Merge.objects.filter(undone_at=None, merged__has_any_keys=[str(pk) for pk in gone])
    return {UUID(pk): merge for merge in merges for pk in merge.merged if UUID(pk) in gone}


def _led_before(customers: set[UUID]) -> set[UUID]:
    """Those that were merged away with a first contact: it comes back to them with the merge undone."""
    led = set()
    for pk, merge in _merges_away(customers).items():
        steps = merge.steps.filter(model=Contact._meta.label_lower, before__customer_id=str(pk))
        ids = [row for step in steps for row in step.rows]
        moved_as_first = any(step.before.get("primary") for step in steps)
        if moved_as_first or Contact.objects.filter(pk__in=ids, primary=True).exists():
            led.add(pk)
    return led


def _go_along(customers: set[UUID]) -> None:
    """What came back to customers that were merged away follows them, merge by merge."""
    while merges := _merges_away(customers):
        for pk, merge in merges.items():
            follow(merge, pk)
        customers = {merge.survivor_id for merge in merges.values()}


def _pointing_here() -> list[Any]:
    """The relations of other records to people, also those that have no name here."""
    return [one for one in Contact._meta.get_fields(include_hidden=True) if one.one_to_many]


def _read(sql: str, **given: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"tenant": str(current_tenant_id()), **given})
        return cursor.fetchall()


def _write(sql: str, **given: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"tenant": str(current_tenant_id()), **given})
