"""What a list's address asks for, and the ways to narrow rows by it. What makes no sense keeps nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from crm.filtering.catalogue import Catalogue
from crm.finding import LATEST, texts_with
from crm.models import Member
from customers.selectors.asking import asker_of
from customers.selectors.keyset import Sort
from customers.selectors.plain import Asked, owned
from customers.selectors.search import matching_customers

MOST_HITS = 500
DAYS = ("7", "30", "90", "365")

Narrow = Callable[[Any, str, Member], Any]


@dataclass(frozen=True)
class Known:
    """What a list can be asked: filters, orders, and the one it has where none is asked for.

    ``first`` is what the bare list shows; ``tabs`` are the names its tabs once had in ``?view=``, as filters.
    """

    filters: Mapping[str, Narrow]
    sorts: Mapping[str, Sort]
    usual: Callable[[Mapping[str, str]], str]
    first: Mapping[str, str] = field(default_factory=dict)
    tabs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def asked(self, query: Mapping[str, str]) -> Asked:
        found = Asked.of(query, filters=self.filters, sorts=self.sorts)
        filters = {**self.tabs.get(query.get("view", ""), {}), **found.filters}
        if query.get("sort", "").removeprefix("-") in self.sorts:
            return replace(found, filters=filters)
        usual = self.usual(filters)
        return replace(found, filters=filters, sort=usual, order=self.sorts[usual], reverse=False)

    def narrowed(self, rows: Any, asked: Asked, member: Member) -> Any:
        for name in self.filters:
            if name in asked.filters:
                rows = self.filters[name](rows, asked.filters[name], member)
        return rows


def among(path: str, values: Mapping[str, Any]) -> Narrow:
    """Rows with the value that stands for the word."""
    return lambda rows, word, member: rows.filter(**{path: values[word]}) if word in values else rows.none()


def equal(path: str) -> Narrow:
    return lambda rows, value, member: rows.filter(**{path: value})


def of_member(path: str) -> Narrow:
    """One's own (``me``), one's team's (``team``), nobody's (``none``) or a member's, by id."""

    return lambda rows, value, member: owned(rows, path, value, member)


def answering(catalogue: Catalogue) -> Narrow:
    """What answers a filter with groups."""
    return lambda rows, value, member: catalogue.narrowed(rows, value, asker_of(member))


def in_last_days(path: str) -> Narrow:
    def narrow(rows: Any, value: str, member: Member) -> Any:
        if not value.isdecimal() or len(value) > 4:
            return rows.none()
        return rows.filter(**{f"{path}__gte": timezone.now() - timedelta(days=int(value))})

    return narrow


def from_day(path: str) -> Narrow:
    return _by_day(path, "gte", 0)


def to_day(path: str) -> Narrow:
    """Up to the end of the day."""
    return _by_day(path, "lt", 1)


def _by_day(path: str, lookup: str, later: int) -> Narrow:
    def narrow(rows: Any, value: str, member: Member) -> Any:
        try:
            day = date.fromisoformat(value) + timedelta(days=later)
        except (ValueError, OverflowError):
            return rows.none()
        return rows.filter(**{f"{path}__{lookup}": timezone.make_aware(datetime.combine(day, time.min))})

    return narrow


def by_words(rows: Any, words: str, *columns: str, function: str, order: tuple[str, ...]) -> Q:
    """Of the customers the words find; whose texts hold them, as ``function`` finds; or, among the first of ``rows``
    in that order, with the words in a column."""
    customers = list(matching_customers(words, most=MOST_HITS).values_list("pk", flat=True))
    found = texts_with(function, words, most=MOST_HITS)
    within = Q()
    for column in columns:
        within |= Q(**{f"{column}__icontains": words})
    latest = rows.order_by(*order).values("pk")[:LATEST]
    found += rows.model.objects.filter(within, pk__in=latest).values_list("pk", flat=True)
    return Q(customer__in=customers) | Q(pk__in=found)
