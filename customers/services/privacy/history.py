"""What the history says of a person: found by records, by ids, by identifiers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from crm.audit.erasing import FACT, Erasing
from crm.models import AuditEntry
from crm.tenancy.context import current_tenant_id
from crm.tenancy.fields import TenantModel
from customers import questions
from customers.models import Contact, Customer
from customers.selectors.person import Model, patterns, references_to
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
    for some in batches(elsewhere):
        for entry in AuditEntry.objects.filter(pk__in=some).exclude(after__has_key=FACT):
            if named := _naming(entry, traces):
                erasing.empty([entry.pk], named)


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
