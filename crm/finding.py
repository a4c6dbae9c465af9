"""A socket: what Ctrl/⌘K finds. An app plugs its own kinds of records in from its ``finders.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from crm.api.lookups import as_array
from crm.models import Member
from crm.people.roles import ALL_CAPABILITIES, Visibility
from crm.tenancy.prepared import Prepared

MOST = 5
# Of what a member sees so many are looked through: no index of texts could be asked under the policies.
LATEST = 500
# Hits are found company-wide, then narrowed: some are of deleted customers, and whoever sees less looks deeper.
DEEP = 4
DEEPER = 25


@dataclass(frozen=True)
class Hit:
    title: str
    subtitle: str
    url: str
    icon: str


@dataclass(frozen=True)
class Finder:
    """Finds records of one kind for members who hold ``capability``: one query, by an index or among the latest.

    ``find(words, member)`` gives hits, the likeliest first, of what the member may see; only so many as are shown are
    taken. ``all_url(words)`` is the list that shows all of them, where there is one.
    """

    key: str
    label: str | Promise
    capability: str
    order: int
    find: Callable[[str, Member], Iterable[Hit]]
    all_url: Callable[[str], str] | None = None


@dataclass(frozen=True)
class Found:
    """The hits of one kind; ``all_url`` where there are more."""

    label: str
    items: Sequence[Hit]
    all_url: str = ""


_finders: dict[str, Finder] = {}


def register(finder: Finder) -> Finder:
    if finder.capability not in ALL_CAPABILITIES:
        raise LookupError(f"No such capability: {finder.capability}")
    if _finders.setdefault(finder.key, finder) != finder:
        raise ValueError(f"finder {finder.key!r} is registered twice")
    return finder


def discover() -> None:
    autodiscover_modules("finders")


def found_by(words: str, member: Member) -> list[Found]:
    """What every finder finds for the member, kind by kind; a fixed number of queries."""
    if not words:
        return []
    finders = sorted(_finders.values(), key=lambda finder: finder.order)
    asked = [_asked(finder, words, member) for finder in finders if member.can(finder.capability)]
    return [found for found in asked if found.items]


def _asked(finder: Finder, words: str, member: Member) -> Found:
    hits = list(islice(finder.find(words, member), MOST + 1))
    more = len(hits) > MOST and finder.all_url is not None
    return Found(str(finder.label), hits[:MOST], finder.all_url(words) if more and finder.all_url else "")


def around(text: str, words: str, *, longest: int = 80) -> str:
    """So much of a long text as one line shows, with the words in it."""
    line = " ".join(text.split())
    place = line.lower().find(words.lower())
    start = max(0, place - longest // 3) if place + len(words) > longest else 0
    return ("…" if start else "") + line[start : start + longest]


def among_latest(rows: Any, words: str, *columns: str, order: Sequence[str]) -> Any:
    """Of the first of ``rows`` in that order those with the words in any of the columns, no more than are shown."""
    within = Q()
    for column in columns:
        within |= Q(**{f"{column}__holds": words})
    latest = rows.order_by(*order).values("pk")[:LATEST]
    return rows.model.objects.filter(within, pk__in=latest).order_by(*order)[: MOST + 1]


class Seen:
    """Of what a member may see, what is found by the words, or by an id: a query whose SQL is kept, for each reach of
    sight.

    ``make(words, member)`` builds it of stand-ins, as for ``Prepared``.
    """

    def __init__(self, make: Callable[[Any, Member], Any]) -> None:
        self._all = Prepared(lambda words: make(words, Member(visibility=Visibility.ALL)))
        self._team = Prepared(
            lambda words, member, team: make(
                words, Member(pk=member, team_id=team, visibility=Visibility.TEAM)
            ),
            spare=["member"],
        )
        self._own = Prepared(lambda words, member: make(words, Member(pk=member, visibility=Visibility.OWN)))

    def __call__(self, words: UUID | str, member: Member) -> list[Any]:
        if member.visibility == Visibility.ALL:
            return self._all(words)
        if member.visibility == Visibility.TEAM and member.team_id:
            return self._team(words, member.pk, member.team_id)
        return self._own(words, member.pk)


class Texts:
    """Rows whose texts hold the words, the latest first: over all of a company's, as far as a member sees them.

    ``function`` finds them (``search_within`` made it); ``rows(member)`` are those the member sees, in the same
    ``order``; ``drawn`` is what is told of each, its id first. Whoever does not see all is first told of the latest
    they see: what is found company-wide need not hold theirs.
    """

    def __init__(
        self,
        function: str,
        rows: Callable[[Member], Any],
        *columns: str,
        order: Sequence[str],
        drawn: Sequence[str],
    ) -> None:
        self._function = function
        self._latest = Seen(
            lambda words, member: among_latest(rows(member), words, *columns, order=order).values_list(*drawn)
        )
        self._chosen = Seen(
            lambda ids, member: (
                rows(member).filter(pk__among=ids).order_by(*order).values_list(*drawn)[: MOST + 1]
            )
        )

    def __call__(self, words: str, member: Member) -> list[Any]:
        sees_all = member.visibility == Visibility.ALL
        latest = [] if sees_all else self._latest(words, member)
        if len(latest) > MOST:
            return latest
        ids = texts_with(self._function, words, most=(MOST + 1) * (DEEP if sees_all else DEEPER))
        older = self._chosen(as_array(ids), member) if ids else []
        return list(dict.fromkeys([*latest, *older]))[: MOST + 1]


def texts_with(function: str, words: str, *, most: int) -> list[UUID]:
    """Ids of the company's rows whose texts hold the words, by a function of ``search_within``; of many, the latest."""
    with connection.cursor() as cursor:
        cursor.callproc(function, [words, most])
        return [row[0] for row in cursor.fetchall()]
