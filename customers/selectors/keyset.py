"""Pages of a sorted set by position: nothing is skipped or repeated while rows come and go.

Rows without a value come last, in either direction, and every part of a page is one range of an
index: first the rest of the rows with the cursor's own value, then those beyond it, both as one range where an index
goes the same way by value and id, then those without.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import CharField, F, Field, Func, Model, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan


@dataclass(frozen=True)
class Sort:
    """An order by ``path``, with the id at ``tie`` to make it total; the tie's direction is the index's.

    Where the value stands in a row of its own, ``blank`` is what such a row would have, ``blank_tie`` the id of
    a row without, and ``column`` the value's field.
    """

    path: str
    descending: bool = False
    nullable: bool = False
    tie: str = "customer_id"
    tie_descending: bool = False
    blank: str = ""
    blank_tie: str = ""
    column: Field[Any, Any] | None = None

    @property
    def one_way(self) -> bool:
        """Whether value and tie are columns of one row and go the same way: one range holds all beyond a row."""
        beside = self.path.rpartition("__")[0] == self.tie.rpartition("__")[0]
        return beside and self.descending == self.tie_descending

    def reversed(self) -> Sort:
        return replace(self, descending=not self.descending, tie_descending=not self.tie_descending)


class _Exact(DjangoJSONEncoder):
    """Moments to the microsecond: a shortened one would pass over its neighbours."""

    def default(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime) else super().default(value)


@dataclass(frozen=True)
class Cursor:
    value: Any
    pk: UUID
    backward: bool = False

    def encode(self) -> str:
        text = json.dumps([self.value, str(self.pk), int(self.backward)], cls=_Exact)
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    previous: str = ""
    next: str = ""


def page_of(rows: QuerySet[Any], sort: Sort, *, cursor: str, size: int) -> Page:
    """One page; a cursor nobody gave out is the first page."""
    start = read_cursor(cursor, sort, rows.model)
    return paged(parts_of(rows, sort, start), sort, start, size=size)


def paged(parts: Iterable[Any], sort: Sort, start: Cursor | None, *, size: int) -> Page:
    """The page of these parts from ``start`` on: each a query set, or as many of its rows as a page could hold."""
    backward = bool(start and start.backward)
    found: list[Any] = []
    for part in parts:
        found += part[: size + 1 - len(found)]
        if len(found) > size:
            break
    more, found = len(found) > size, found[:size]
    if backward:
        found.reverse()
    return Page(
        found,
        previous=_at(found, 0, sort, True) if (more if backward else start) else "",
        next=_at(found, -1, sort, False) if (True if backward else more) else "",
    )


def compared(sort: Sort, start: Cursor | None) -> list[frozenset[str]]:
    """What of the cursor each of its parts compares with."""
    value, tie, nothing = frozenset({"value"}), frozenset({"tie"}), frozenset[str]()
    if start is None:
        return [nothing] * (1 + sort.nullable)
    if start.value is None:
        return [tie] + [nothing] * start.backward
    valued = [value | tie] if sort.one_way else [value | tie, value]
    return valued + [nothing] * (sort.nullable and not start.backward)


def parts_of(rows: QuerySet[Any], sort: Sort, start: Cursor | None) -> Iterator[QuerySet[Any]]:
    """The ranges of an index that a page takes its rows from, one after the other; as many as ``compared`` tells of."""
    backward = bool(start and start.backward)
    value_down, tie_down = sort.descending ^ backward, sort.tie_descending ^ backward
    order = ["-" * value_down + sort.path, "-" * tie_down + sort.tie]
    has_value, blank_tie = f"{sort.blank or sort.path}__isnull", sort.blank_tie or sort.tie
    # Where a value has a row of its own, that row also holds one: said so, its partial index can be walked.
    there = {has_value: False, f"{sort.path}__isnull": False}
    valued = rows.filter(**there) if sort.nullable else rows
    blank = rows.filter(**{has_value: True}).order_by("-" * tie_down + blank_tie) if sort.nullable else None
    beyond = "lt" if tie_down else "gt"
    if start is not None and start.value is None:
        assert blank is not None
        yield blank.filter(**{f"{blank_tie}__{beyond}": start.pk})
        if backward:
            yield valued.order_by(*order)
        return
    if start is not None and sort.one_way:
        valued = valued.filter(_beyond(sort, start, down=value_down))
    elif start is not None:
        same = {sort.path: start.value, f"{sort.tie}__{beyond}": start.pk}
        yield rows.filter(**same).order_by(order[1])
        valued = valued.filter(**{f"{sort.path}__{'lt' if value_down else 'gt'}": start.value})
    yield valued.order_by(*order)
    if blank is not None and not backward:
        yield blank


class _Row(Func):
    """Two columns or two values, compared as one."""

    template = "(%(expressions)s)"
    output_field = CharField()


def _beyond(sort: Sort, start: Cursor, *, down: bool) -> Any:
    place = _Row(Value(start.value), Value(start.pk))
    return (LessThan if down else GreaterThan)(_Row(F(sort.path), F(sort.tie)), place)


def _at(rows: list[Any], place: int, sort: Sort, backward: bool) -> str:
    if not rows:
        return ""
    value, pk, blank_pk = (
        attrgetter(path.replace("__", "."))(rows[place])
        for path in (sort.path, sort.tie, sort.blank_tie or sort.tie)
    )
    return Cursor(value, blank_pk if value is None else pk, backward).encode()


def read_cursor(text: str, sort: Sort, model: type[Model]) -> Cursor | None:
    """The place a text stands for; ``None`` for one that nobody gave out."""
    if not text:
        return None
    try:
        value, pk, backward = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if (value is None and not sort.nullable) or "\0" in str(value):
            return None
        typed = None if value is None else (sort.column or _field(model, sort.path)).to_python(value)
        return Cursor(typed, UUID(pk), bool(backward))
    except (ValueError, TypeError, AttributeError, ValidationError, FieldDoesNotExist):
        return None


def _field(model: Any, path: str) -> Field[Any, Any]:
    for part in path.split("__"):
        field = model._meta.get_field(part)
        model = field.related_model
    return field
