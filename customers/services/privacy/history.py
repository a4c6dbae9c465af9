"""What the history says of a person: found by records, by ids, by identifiers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import Q

from crm.audit.erasing import FACT, Erasing
from crm.models import AuditEntry
from crm.tenancy.context import current_tenant_id
from crm.tenancy.fields import TenantModel
from customers import questions
from customers.models import Contact, Customer
from customers.selectors.person import Model, in_json, patterns, references_to, tenant_models
from customers.services.privacy.blanking import batches
from customers.services.privacy.copies import Traces

Mention = tuple[UUID, str, UUID]
_MENTIONS = """
    SELECT id, subject_type, subject_id FROM crm_auditentry
    WHERE tenant_id = %(tenant)s::uuid
      AND lower(concat(before::text, after::text)) LIKE ANY (lower(%(patterns)s::text[]::text)::text[])
"""


def empty_history(erasing: Erasing, *, own: set[UUID], roots: set[UUID], traces: Traces) -> None:
    """Empty every entry about the person's rows, and of others the columns that name the person."""
    mentions = _mentions([*traces.identifiers, *map(str, roots)])
    labels = {model._meta.label_lower for model in record_models()}
    gone = _gone(pk for _entry, label, pk in mentions if label in labels and pk not in own)
    for some in batches(own | gone):
        entries = AuditEntry.objects.filter(subject_id__in=some).exclude(after__has_key=FACT)
        erasing.empty(list(entries.values_list("pk", flat=True)))
    labels -= {model._meta.label_lower for model in questions.tables()}
    elsewhere = [entry for entry, label, pk in mentions if label not in labels and pk not in own]
    empty_wholes(
        erasing, [entry for entry, label, pk in mentions if label in labels and pk not in own], traces.exact
    )
    for some in batches(elsewhere):
        for entry in AuditEntry.objects.filter(pk__in=some).exclude(after__has_key=FACT):
            if named := _naming(entry, traces):
                erasing.empty([entry.pk], named)


def empty_wholes(erasing: Erasing, entries: Iterable[UUID], exact: str) -> None:
    """A line stands in the history of the whole it is a part of, under its own table's name: lines that name an
    address or number lose their values there."""
    tables = [model._meta.label_lower for model in tenant_models()]
    has_lines = Q(before__has_any_keys=tables) | Q(after__has_any_keys=tables)
    for some in batches(entries) if exact else ():
        for entry in AuditEntry.objects.filter(has_lines, pk__in=some).exclude(after__has_key=FACT):
            images: list[dict[str, Any]] = [entry.before or {}, entry.after or {}]
            named = {
                name for image in images for name in image if name in tables and _is_in(image[name], exact)
            }
            if named:
                erasing.empty([entry.pk], sorted(named))


def _is_in(value: Any, exact: str) -> bool:
    return re.search(in_json(exact), str(value), re.IGNORECASE) is not None


def entries_of_wholes(parts: Mapping[Model, Collection[UUID]]) -> list[UUID]:
    """The entries of the rows to which these rows belong."""
    found: list[UUID] = []
    for model, ids in parts.items():
        keys = [one.attname for one in model._meta.local_fields if isinstance(one, models.ForeignKey)]
        rows = model._base_manager.filter(pk__in=ids).values_list(*keys)
        wholes = {pk for row in rows for pk in row if pk is not None}
        found += AuditEntry.objects.filter(subject_id__in=wholes).order_by().values_list("pk", flat=True)
    return found


def record_models() -> set[Model]:
    """Customers, contacts and all that hangs on them, however far."""
    found: set[Model] = set()
    waiting: list[Model] = [Customer, Contact]
    while waiting:
        model = waiting.pop()
        if model not in found:
            found.add(model)
            waiting += [ref.model for ref in references_to(model) if issubclass(ref.model, TenantModel)]
    return found


def _mentions(texts: list[str]) -> list[Mention]:
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"tenant": str(current_tenant_id()), "patterns": patterns(texts)}
        cursor.execute(_MENTIONS, given)
        return list(cursor.fetchall())


def _gone(subjects: Iterable[UUID]) -> set[UUID]:
    """Those of the records that no longer stand anywhere: what still stands, and is not the person's, is another's."""
    left = {pk for pk in subjects if pk is not None}
    for model in record_models():
        if not left or model._meta.pk.name != "id":
            continue
        left -= set(model._base_manager.filter(pk__in=left).values_list("pk", flat=True))
    return left


def _naming(entry: AuditEntry, traces: Traces) -> list[str]:
    images: list[dict[str, Any]] = [entry.before or {}, entry.after or {}]
    return sorted({name for image in images for name, value in image.items() if traces.are_in(str(value))})
