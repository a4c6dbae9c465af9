"""The types of events there are: a socket, each app plugs its own in from its ``webhooks.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules, import_string


@dataclass(frozen=True)
class EventType:
    """``<thing>.<past participle>``, and what is sent of it: ``serializer`` is the API's own, by its path.

    The event is emitted by the deeds that ``audit.record`` names ``deeds`` (the type's own name, unless
    given); with none, a service emits it. ``facts`` of the deed go with it.
    """

    name: str
    text: str | Promise
    serializer: str
    deeds: tuple[str, ...] | None = None
    facts: tuple[str, ...] = ()

    @property
    def serializer_class(self) -> Any:
        return import_string(self.serializer)

    @property
    def model(self) -> Any:
        """What the event is about."""
        return self.serializer_class.Meta.model

    @property
    def group(self) -> str:
        """The thing: what stands before the dot."""
        return self.name.partition(".")[0]


_types: dict[str, EventType] = {}
_by_deed: dict[str, EventType] = {}


def register(*types: EventType) -> None:
    for event_type in types:
        if _types.setdefault(event_type.name, event_type) != event_type:
            raise ValueError(f"event type {event_type.name!r} is registered twice")
        for deed in (event_type.name,) if event_type.deeds is None else event_type.deeds:
            _by_deed[deed] = event_type


def discover() -> None:
    """Load the ``webhooks.py`` of every app."""
    autodiscover_modules("webhooks")


def get(name: str) -> EventType | None:
    return _types.get(name)


def of_deed(deed: str) -> EventType | None:
    return _by_deed.get(deed)


def all_types() -> list[EventType]:
    return sorted(_types.values(), key=lambda event_type: event_type.name)
