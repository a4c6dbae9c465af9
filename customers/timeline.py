"""A customer's timeline: upper apps show their own things on it from their ``timeline.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.module_loading import autodiscover_modules

from customers.models import Customer


@dataclass(frozen=True)
class Entry:
    """One thing that happened. ``kind`` is what the filter chips use (note, call, purchase, ticket …)."""

    key: str
    kind: str
    at: datetime
    title: str
    text: str = ""
    author: str = ""
    icon: str = ""
    url: str = ""
    tone: str = ""
    outcome: str = ""


Source = Callable[[Customer, datetime | None, int], Iterable[Entry]]
_sources: dict[str, Source] = {}


def register(kind: str, source: Source) -> Source:
    """``source(customer, before, limit)`` gives the newest entries before a moment, in one query."""
    _sources[kind] = source
    return source


def discover() -> None:
    autodiscover_modules("timeline")


def entries_of(
    customer: Customer, *, before: datetime | None = None, limit: int = 30, kind: str = ""
) -> list[Entry]:
    """The newest entries over all sources, newest first."""
    sources = [_sources[kind]] if kind in _sources else _sources.values() if not kind else []
    found = [entry for source in sources for entry in source(customer, before, limit)]
    return sorted(found, key=lambda entry: (entry.at, entry.key), reverse=True)[:limit]


def page_of(
    customer: Customer, *, before: datetime | None = None, most: int, kind: str = ""
) -> tuple[list[Entry], datetime | None]:
    """Some ``most`` of the newest entries, and the moment before which the others lie, if there are any.

    What happened at one moment stands on one page: a file brings many things of one day.
    """
    while True:
        found = entries_of(customer, before=before, limit=most + 1, kind=kind)
        if len(found) <= most:
            return found, None
        whole = [entry for entry in found if entry.at > found[-1].at]
        if whole:
            return whole, whole[-1].at
        most *= 2


def kinds() -> list[str]:
    """The kinds the sources give, for the filter of the timeline."""
    return list(_sources)
