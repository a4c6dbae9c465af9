"""Figures that upper apps hand down, counted anew for a few customers: they plug in from their ``figures.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.utils.module_loading import autodiscover_modules

Recount = Callable[[Sequence[UUID]], object]
_recounts: dict[str, Recount] = {}


def register(key: str, recount: Recount) -> Recount:
    """``recount(customer_ids)`` runs where rows went from one customer to another, in the same transaction."""
    return _recounts.setdefault(key, recount)


def discover() -> None:
    autodiscover_modules("figures")


def recount(customer_ids: Sequence[UUID]) -> None:
    for one in _recounts.values():
        one(customer_ids)
