"""What imports brought beside their rows, and what they did not take."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.formats import number_text
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


def errors_of(import_: Import) -> Path | None:
    """The file of what was not taken: line, column, value and reason. ``None`` where there is none any more."""
    path = Path(import_.errors_path) if import_.errors_path else None
    return path if path is not None and path.is_file() else None


def errors_name(import_: Import) -> str:
    """What that file is called when it is saved."""
    return f"{Path(import_.file_name).stem}-errors.csv"


def remarks_on(counts: Mapping[str, Any]) -> list[str]:
    """What the numbers alone do not say of a file that was read, in sentences."""
    found = []
    if counts.get("rows") == 0 and not counts.get("totals"):
        found.append(_("The file names its columns and has no rows below them."))
    if waiting := counts.get("waiting"):
        told = ngettext(
            "%(count)s customer of the file waits for review.",
            "%(count)s customers of the file wait for review.",
            waiting,
        )
        found.append(told % {"count": number_text(waiting)})
    return found
