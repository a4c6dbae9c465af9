"""What members are told of: a socket, each app declares its kinds in its ``notices.py``."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from crm.models import Member
from crm.models.notifications import ByMail

__all__ = ["ByMail", "Kind", "all_kinds", "discover", "get", "kinds_for", "of_note", "register"]


@dataclass(frozen=True)
class Kind:
    """A kind of note, and how it comes to who has chosen nothing.

    Who holds no ``capability`` is never told, and not asked. One that may not be ``silenced`` always stands in the
    app, and comes by e-mail at once or in the digest. ``on_agenda`` names the part of the agenda (``"ticket:overdue"``)
    that tells the digest's reader the same as it stands that day: its notes do not wait for the digest.
    """

    key: str
    label: str | Promise
    email: str = ByMail.NOW
    in_app: bool = True
    capability: str = ""
    silenced: bool = True
    on_agenda: str = ""
    order: int = 50


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    for kind in kinds:
        if _kinds.setdefault(kind.key, kind) != kind:
            raise ValueError(f"kind of note {kind.key!r} is declared twice")


def discover() -> None:
    """Load the ``notices.py`` of every app."""
    autodiscover_modules("notices")


def get(key: str) -> Kind:
    """A kind by its key; one that nobody declared is a bug: nobody could choose it."""
    if key not in _kinds:
        raise LookupError(f"No such kind of note: {key}")
    return _kinds[key]


def of_note(key: str) -> Kind:
    """The kind of a note that was written earlier; ``note`` where it is declared no longer."""
    return _kinds.get(key) or get("note")


def all_kinds() -> list[Kind]:
    return sorted(_kinds.values(), key=lambda kind: (kind.order, kind.key))


def kinds_for(member: Member) -> list[Kind]:
    """What a member can be told of, in order."""
    return [kind for kind in all_kinds() if not kind.capability or member.can(kind.capability)]
