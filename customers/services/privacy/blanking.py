"""Rows that stay without the person: their texts go, their figures do not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F
from django.utils.translation import gettext as _

from customers.selectors.person import Model, texts_of

AT_ONCE = 2_000


def blank(model: Model, ids: Collection[UUID], **more: Any) -> int:
    """Empty the texts of these rows; what cannot be empty says that it was erased. ``more`` is set along."""
    values: dict[str, Any] = {column.attname: nothing(column) for column in texts_of(model)}
    if any(column.name == "version" for column in model._meta.local_fields):
        values["version"] = F("version") + 1
    count = 0
    for some in batches(ids):
        count += model._base_manager.filter(pk__in=some).update(**{**values, **more})
    return count


def remove(model: Model, ids: Collection[UUID]) -> int:
    """Delete these rows; what hangs on them goes with them in the database."""
    count = 0
    for some in batches(ids):
        rows = model._base_manager.filter(pk__in=some)
        count += rows._raw_delete(rows.db)
    return count


def nothing(column: models.Field) -> Any:
    if isinstance(column, models.JSONField):
        return None if column.null else column.get_default()
    if column.null:
        return None
    optional = column.blank or not column.editable
    return "" if optional else erased_word()[: column.max_length]


def erased_word() -> str:
    return _("Erased")


def batches(ids: Iterable[UUID]) -> Iterable[list[UUID]]:
    chosen = list(ids)
    return (chosen[at : at + AT_ONCE] for at in range(0, len(chosen), AT_ONCE))
