"""What stands on "Today": each app plugs its sources in from its own ``agenda.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.utils.module_loading import autodiscover_modules

from crm.models import Member


@dataclass(frozen=True)
class Action:
    """One click: ``post`` acts at once, ``sheet`` opens a form beside the page, ``link`` leaves it."""

    label: str
    url: str
    way: Literal["post", "sheet", "link"] = "link"
    icon: str = ""


@dataclass(frozen=True)
class Entry:
    """One thing to do: for whom, what, why, by when, and what it is worth in minor units.

    ``key`` is unique on the page and the id of the row's element. The first action is the main one.
    A source gives the class's code; its words are filled in for all entries at once.
    """

    key: str
    kind: Literal["follow_up", "ticket", "warning", "review", "feedback", "start"]
    title: str
    reason: str
    due_at: datetime | None
    customer_id: UUID | None = None
    customer_name: str = ""
    class_code: str = ""
    class_name: str = ""
    class_rank: int = 3
    value: int | None = None
    overdue: bool = False
    actions: list[Action] = field(default_factory=list)


Source = Callable[[Member, datetime], Iterable[Entry]]
ClassWords = Callable[[], Mapping[str, tuple[str, int]]]
_sources: list[Source] = []
_class_words: list[ClassWords] = []


def register(source: Source) -> Source:
    """``source(member, at)`` gives what this member has to do, in one query."""
    _sources.append(source)
    return source


def discover() -> None:
    autodiscover_modules("agenda")


def name_classes_by(words: ClassWords) -> None:
    """``words()`` gives the name and rank of each class by its code, in one query."""
    _class_words.append(words)


def entries_for(member: Member, at: datetime) -> list[Entry]:
    """Everything the member has to do; the dashboard orders and groups it."""
    entries = [entry for source in _sources for entry in source(member, at)]
    words = {code: word for source in _class_words for code, word in source().items()} if entries else {}
    return [_named(entry, words) for entry in entries]


def _named(entry: Entry, words: Mapping[str, tuple[str, int]]) -> Entry:
    name, rank = words.get(entry.class_code, (entry.class_code, 3))
    return replace(entry, class_name=name, class_rank=rank)
