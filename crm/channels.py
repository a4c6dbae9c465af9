"""Ways a delivery reaches the world: each app plugs its own in from its ``channels.py``.

The kernel's own are ``email`` (``crm.mailing``) and ``notification`` (``crm.services.notifications``).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import autodiscover_modules

from crm.models import Delivery

Sender = Callable[[Any], None]
Connect = Callable[[], AbstractContextManager[Sender]]


class Untaken(Exception):
    """It was not taken, for a reason told in words; another try may succeed."""


class Refused(Untaken):
    """The receiver will never take this: a second try is pointless."""


class Unreachable(Untaken):
    """Nobody answers on the other side: what else goes there can wait as well."""


@dataclass(frozen=True)
class Channel:
    """How deliveries of one kind are sent.

    ``prepare`` runs in the company's transaction and gives what must be sent; ``connect`` gives, outside
    any transaction, a sender for as many as follow. Without ``connect`` the effect of ``prepare`` inside
    the database is all there is: it happens exactly once.

    ``note`` is told of every try that left, in the transaction that settles it: the delivery, what
    ``prepare`` gave, and the error if there was one. ``tries`` stands for the usual number.
    """

    kind: str
    prepare: Callable[[Delivery], Any]
    connect: Connect | None = None
    note: Callable[[Delivery, Any, str], None] | None = None
    tries: int | None = None


_channels: dict[str, Channel] = {}


def register(channel: Channel) -> Channel:
    if _channels.setdefault(channel.kind, channel) != channel:
        raise ValueError(f"channel {channel.kind!r} is registered twice")
    return channel


def discover() -> None:
    autodiscover_modules("channels")


def get(kind: str) -> Channel | None:
    return _channels.get(kind)


def inside_kinds() -> list[str]:
    """The kinds whose whole effect is inside the database."""
    return [kind for kind, channel in _channels.items() if channel.connect is None]
