"""What imports brought beside their rows."""

from __future__ import annotations

from crm.models import AuditEntry
from customers.imports.fields import PREFIX
from customers.models import CustomField, Import


def fields_made_by(import_: Import) -> list[CustomField]:
    """The custom fields that columns of the file became and that are still there."""
    keys = {name.removeprefix(PREFIX) for name in import_.mapping.values() if name.startswith(PREFIX)}
    fields = list(CustomField.objects.filter(key__in=keys)) if keys and import_.request_id else []
    made = AuditEntry.objects.filter(
        subject_id__in=[field.pk for field in fields],
        kind=AuditEntry.Kind.INSERT,
        request_id=import_.request_id,
    )
    known = set(made.values_list("subject_id", flat=True)) if fields else set()
    return [field for field in fields if field.pk in known]
