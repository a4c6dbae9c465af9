"""What an undo left alone, in words."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.models import Customer
from customers.models.custom import RecordType
from customers.selectors.custom import field_of_column

SHOWN = 100
MERGED = "customers.customer"  # customers hang on a customer by a merge alone
_RECORDS = {"customers.customer": RecordType.CUSTOMER.value, "customers.contact": RecordType.CONTACT.value}


def undone_words(undone: dict[str, Any]) -> dict[str, Any]:
    """The counts, and of the first records that stayed: address, type, name and what changed, in words."""
    left = [
        {
            "url": reverse("customers:record", args=[one["id"]]) if _is_customer(one) else "",
            "type": apps.get_model(one["model"])._meta.verbose_name,
            "name": one["name"] or one["id"],
            "words": _(", ").join(_words(one["model"], one["columns"])),
        }
        for one in undone.get("left", [])[:SHOWN]
    ]
    return undone | {"left": left}


def _is_customer(one: dict[str, Any]) -> bool:
    return bool(apps.get_model(one["model"]) is Customer)


def _words(label: str, columns: list[str]) -> list[str]:
    """What changed, a merge by its own name: to the one that was merged it is all that matters."""
    if "merged_into_id" in columns:
        return [_("merged into another customer")]
    return [
        _("another customer was merged into it") if column == label == MERGED else _word(label, column)
        for column in columns
    ]


def _word(label: str, column: str) -> str:
    """What a column is called; what came to hang on the record is told by its plural."""
    if "." in column and not column.startswith("custom."):
        return str(apps.get_model(column)._meta.verbose_name_plural)
    own = (
        field_of_column(_RECORDS[label], column)
        if column.startswith("custom.") and label in _RECORDS
        else None
    )
    if own is not None:
        return own.label
    try:
        field = apps.get_model(label)._meta.get_field(column.removesuffix("_id"))
    except FieldDoesNotExist:
        return _("lines") if column == "lines" else column
    return str(field.verbose_name) if isinstance(field, models.Field) else column
