"""What a new company starts with: each app plugs its own in from its ``defaults.py``.

Called once inside the new company's context, in the order of the lifecycle.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.module_loading import autodiscover_modules

from crm.models import Member

Starter = Callable[[Member], None]
_starters: list[tuple[int, Starter]] = []


def register(starter: Starter, *, order: int) -> Starter:
    """``starter(admin)`` makes the rows; classes 10, segments 20, plans 30, forms and surveys 40."""
    _starters.append((order, starter))
    return starter


def discover() -> None:
    autodiscover_modules("defaults")


def furnish(admin: Member) -> None:
    """Give the company of the open context its defaults, in the language that is active."""
    for _order, starter in sorted(_starters, key=lambda pair: pair[0]):
        starter(admin)
