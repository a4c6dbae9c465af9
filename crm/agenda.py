"""What stands on "Today": each app plugs its sources in from its own ``agenda.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
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
    """

    key: str
    kind: Literal["follow_up", "ticket", "warning", "review", "feedback"]
    title: str
    reason: str
    due_at: datetime | None
    customer_id: UUID | None = None
    customer_name: str = ""
    class_code: str = ""
    value: int | None = None
    overdue: bool = False
    actions: list[Action] = field(default_factory=list)


Source = Callable[[Member, datetime], Iterable[Entry]]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """``source(member, at)`` gives what this member has to do, in one query."""
    _sources.append(source)
    return source


def discover() -> None:
    autodiscover_modules("agenda")


def entries_for(member: Member, at: datetime) -> list[Entry]:
    """Everything the member has to do; the dashboard orders and groups it."""
    return [entry for source in _sources for entry in source(member, at)]
