"""What can be exported: each app plugs its lists in from its ``exports.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from crm.models import Member, Tenant

# A value of a cell: text, number, decimal, day, moment, yes or no, or nothing.
Value = Any


@dataclass(frozen=True)
class Column:
    """``read`` gives a record's value. Members without the capability ``needs`` do not get the column.

    ``of`` names the column of the list that it belongs to, where that has another key.
    """

    key: str
    label: str | Promise
    read: Callable[[Any], Value]
    needs: str = ""
    of: str = ""


@dataclass(frozen=True)
class Ask:
    """What a member wants: the list's address as ``query``, the chosen records or all that match, and the columns
    shown; with ``whole`` every field there is, under the names that an import knows."""

    member: Member
    tenant: Tenant
    query: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    ids: tuple[UUID, ...] = ()
    whole: bool = False

    @property
    def zone(self) -> tzinfo:
        return self.tenant.zone


@dataclass(frozen=True)
class Listing:
    """A list for files.

    ``ids`` gives those of all records the member may see and asked for, in the list's order, as a query set of
    single values; ``load`` fetches some of them, in any order, each known by its attribute ``key``. ``whole`` tells
    whether a file with every field can be brought in again; ``shown`` whether the list has columns of its own.
    ``of`` names the list from whose page it is offered, ``back`` that page's address.
    """

    name: str
    title: str | Promise
    needs: str
    columns: Callable[[Ask], Sequence[Column]]
    ids: Callable[[Ask], QuerySet[Any]]
    load: Callable[[Ask, Sequence[UUID]], Iterable[Any]]
    of: str = ""
    back: str = "today"
    key: str = "pk"
    shown: bool = True
    whole: bool = False
    several: Callable[[Any], Iterable[Any]] | None = None


def as_shown(columns: Sequence[Column], ask: Ask, listed: Sequence[str]) -> list[Column]:
    """The columns shown, in their order, then those that the list, whose columns are ``listed``, does not have.

    Where nothing is said of what is shown, all of them as they stand.
    """
    shown = [key for key in dict.fromkeys(ask.columns) if key in listed]
    if not shown:
        return [*columns]
    place = {key: number for number, key in enumerate(shown)}
    found = [column for column in columns if (column.of or column.key) in place]
    found.sort(key=lambda column: place[column.of or column.key])
    return found + [column for column in columns if (column.of or column.key) not in listed]


def to_the_second(path: str) -> Callable[[Any], Value]:
    """Reads a moment that is only told, not brought in again."""
    read = attrgetter(path)

    def told(record: Any) -> Value:
        at = read(record)
        return at.replace(microsecond=0) if at else None

    return told


_listings: dict[str, Listing] = {}


def register(listing: Listing) -> Listing:
    if _listings.setdefault(listing.name, listing) != listing:
        raise ValueError(f"list {listing.name!r} is registered twice")
    return listing


def listing_of(name: str) -> Listing | None:
    return _listings.get(name)


def all_listings() -> list[Listing]:
    return list(_listings.values())


def offered_with(name: str) -> list[Listing]:
    """The list itself, then what hangs on its records."""
    return [one for one in _listings.values() if name in (one.name, one.of)]


def discover() -> None:
    autodiscover_modules("exports")
