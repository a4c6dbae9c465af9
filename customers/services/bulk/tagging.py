"""Adding and taking off tags: choices of fields that hold several, the others of a record stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from crm.tenancy.context import current_tenant_id
from customers.models import CustomField
from customers.models.custom import FieldKind, RecordType
from customers.selectors.custom import fields_of
from customers.services.custom_values import WrongValues

Chosen = Mapping[str, Sequence[str]]

# In the order of the field's choices, so that the same tags are the same value; what must hold one keeps its last.
_TAG = """
UPDATE {table} c
SET custom = jsonb_strip_nulls(c.custom || jsonb_build_object(%(key)s::text, fresh.tags)),
    version = c.version + 1{touched}
FROM (
    SELECT c.id, (
        SELECT jsonb_agg(o.value ORDER BY o.place) FROM unnest(%(order)s::text[]) WITH ORDINALITY o (value, place)
        WHERE o.value = ANY (%(add)s::text[]) OR (
            coalesce(c.custom -> %(key)s::text, '[]') @> to_jsonb(o.value) AND o.value <> ALL (%(remove)s::text[]))
    ) AS tags
    FROM {table} c WHERE c.tenant_id = %(tenant)s::uuid AND c.id = ANY (%(ids)s::uuid[])
) fresh
WHERE c.tenant_id = %(tenant)s::uuid AND c.id = fresh.id AND c.custom -> %(key)s::text IS DISTINCT FROM fresh.tags
  AND NOT (%(required)s AND fresh.tags IS NULL)
RETURNING c.id
"""
_TABLES = {
    RecordType.CUSTOMER: {"table": "customers_customer", "touched": ", updated_at = now()"},
    RecordType.CONTACT: {"table": "customers_contact", "touched": ""},
}


def tag_fields(record: str = RecordType.CUSTOMER) -> list[CustomField]:
    """The fields of a type of record that hold several choices."""
    return [field for field in fields_of(record) if field.type == FieldKind.MULTI_CHOICE]


def checked(given: Mapping[str, Any], record: str = RecordType.CUSTOMER) -> dict[str, dict[str, list[str]]]:
    """``add`` and ``remove`` with every field and choice known; refuses others by name, and nothing at all."""
    known = {field.key: field.labels for field in tag_fields(record)}
    errors: dict[str, list[str]] = {}
    for way in ("add", "remove"):
        for key, values in (given.get(way) or {}).items():
            if key not in known:
                errors[way] = [_("There is no such field.")]
            elif unknown := [value for value in values if value not in known[key]]:
                errors[way] = [_("There is no such choice: %(value)s") % {"value": unknown[0]}]
    if errors:
        raise WrongValues(errors=errors)
    told = {
        way: {key: list(v) for key, v in (given.get(way) or {}).items() if v} for way in ("add", "remove")
    }
    if not told["add"] and not told["remove"]:
        raise WrongValues(_("Say which tags to add or to take off."))
    return told


def tag(ids: Sequence[UUID], *, add: Chosen, remove: Chosen, record: str = RecordType.CUSTOMER) -> list[UUID]:
    """Do it to these records, in one statement for each field; gives those that changed."""
    changed: dict[UUID, None] = {}
    for field in tag_fields(record):
        if field.key not in add and field.key not in remove:
            continue
        given: dict[str, Any] = {
            "tenant": str(current_tenant_id()),
            "ids": [*map(str, ids)],
            "key": field.key,
            "order": list(field.labels),
            "add": list(add.get(field.key, ())),
            "remove": list(remove.get(field.key, ())),
            "required": field.required,
        }
        with connection.cursor() as cursor:
            cursor.execute(_TAG.format(**_TABLES[RecordType(record)]), given)
            changed |= dict.fromkeys(pk for (pk,) in cursor.fetchall())
    return list(changed)


def united(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The tags of several records together, in the order of the choices; fields nobody fills are left out."""
    found: dict[str, Any] = {}
    for field in tag_fields():
        held = {one for custom in values for one in custom.get(field.key) or ()}
        if held:
            found[field.key] = [value for value in field.labels if value in held]
    return found
