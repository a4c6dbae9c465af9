"""Own fields that speak of a customer, when that customer is merged into another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from customers.models import Customer
from customers.models.custom import VALUES
from customers.services.custom_values import Merged
from customers.services.duplicates.journal import OWN, Journal, image


def point_at(journal: Journal, survivor: Customer, others: Sequence[Customer]) -> None:
    """Let what speaks of the ``others`` speak of ``survivor``; each record is a step of its own in the journal."""
    gone = [one.pk for one in others]
    tables: list[Any] = list(VALUES.values())
    for table in tables:
        model = table._meta.get_field("record").related_model
        told = (
            table._base_manager.filter(ref__in=gone)
            .order_by("record", "field")
            .values_list("record", "field__key")
        )
        for pk, key in list(told):
            before = image(model, pk, [OWN])
            model._base_manager.filter(pk=pk).update(custom=Merged({key: str(survivor.pk)}))
            journal.note(model, [pk], before, image(model, pk, [OWN]))
