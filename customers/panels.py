"""Cards on the customer's record: upper apps plug theirs in from their ``panels.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from crm.models import Member
from customers.models import Customer


@dataclass(frozen=True)
class Panel:
    """``context(customer, member)`` fills ``template``; ``None`` leaves the card out.

    ``place`` is ``head`` (badges beside the name), ``context`` (right column) or ``tab``.
    """

    key: str
    label: str | Promise
    template: str
    context: Callable[[Customer, Member], dict[str, Any] | None]
    capability: str
    order: int = 100
    place: str = "context"


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> Panel:
    if _panels.setdefault(panel.key, panel) != panel:
        raise ValueError(f"panel {panel.key!r} is registered twice")
    return panel


def discover() -> None:
    autodiscover_modules("panels")


def panels_for(customer: Customer, member: Member, place: str) -> list[tuple[Panel, dict[str, Any]]]:
    """The cards this member may see on this record, each with its context."""
    found = []
    for panel in sorted(_panels.values(), key=lambda panel: (panel.order, panel.key)):
        if panel.place == place and member.can(panel.capability):
            context = panel.context(customer, member)
            if context is not None:
                found.append((panel, context))
    return found
