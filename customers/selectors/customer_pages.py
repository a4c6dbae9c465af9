"""One page of the list of customers.

Its query is one of few: which filters it has, how it is sorted, how far the member sees, whether the list begins here
or goes on. The SQL of each is kept, since to build it takes longer than to draw the page's rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, partial
from itertools import islice
from types import NoneType
from typing import Any

from django.utils import timezone

from crm.filtering.grammar import WrongFilter, parse, questions
from crm.models import Member
from crm.people.roles import Visibility
from crm.tenancy.context import current
from crm.tenancy.prepared import Prepared
from customers.custom.kinds import COLUMNS
from customers.models import CustomerStats, CustomField
from customers.models.custom import RecordType
from customers.selectors import lists_custom
from customers.selectors.asking import BUILT_IN, asker_of
from customers.selectors.columns import MARK
from customers.selectors.custom_search import Condition
from customers.selectors.keyset import Cursor, Page, Sort, compared, paged, parts_of, read_cursor
from customers.selectors.lists import FILTERS, Wish, rows_of

SIZE = 50

# What a row shows; to read all of three tables' columns takes longer than to find the rows.
_SHOWN = (
    *("class_code", "stage", "next_follow_up_at", "last_contact_at", "last_purchase_on", "spend", "orders"),
    *("customer__name", "customer__kind", "customer__review", "customer__industry", "customer__region"),
    *("customer__phone", "customer__email", "customer__source", "customer__created_at"),
    "customer__name_norm",
    "customer__quality",
)
_FORECAST = frozenset({"risk", "at_risk"})


@dataclass(frozen=True)
class CustomerPage:
    """``count`` is how many match where the page holds them all; else ``customer_count`` finds out."""

    page: Page
    count: int | None


@dataclass(frozen=True)
class Show:
    """What of a row only some columns show: to read it for none takes a tenth of the page."""

    forecast: bool
    custom: bool

    @classmethod
    def of(cls, columns: Collection[str]) -> Show:
        """What these columns show, or sort by."""
        return cls(not _FORECAST.isdisjoint(columns), any(key.startswith(MARK) for key in columns))


def customer_page(
    wish: Wish, member: Member, *, columns: Collection[str] = (), size: int = SIZE
) -> CustomerPage:
    """One page with what ``columns`` show, by a query for each range of an index that it takes its rows from."""
    own = lists_custom.own_sort(wish.sort)
    order, sorted_by = wish.order, own[0] if own else None
    show, start = Show.of([*columns, wish.sort]), read_cursor(wish.cursor, order, CustomerStats)
    parts: Iterable[Any] | None = _kept_parts(wish, member, order, sorted_by, show, size, start)
    if parts is None:
        rows = rows_of(wish, member, sorted_by=sorted_by, forecast=show.forecast)
        parts = parts_of(_shown(rows, show, apart=bool(wish.own or wish.where)), order, start)
    page = paged(parts, order, start, size=size)
    whole = not page.previous and not page.next
    return CustomerPage(page, len(page.rows) if whole else None)


def _shown(rows: Any, show: Show, *, apart: bool) -> Any:
    custom = ["customer__custom"] if show.custom else []
    return rows.with_owner_name(apart=apart).select_related("customer").only(*_SHOWN, *custom)


@dataclass(frozen=True)
class _Shape:
    """What of a wish the SQL of its page depends on: not the values it compares with."""

    order: Sort
    size: int
    start: type | None
    """Of which type the cursor's value is, where there is a cursor."""
    backward: bool
    deleted: bool
    visibility: Visibility
    filters: tuple[tuple[str, str | None], ...]
    """Each filter, with its value where that has SQL of its own."""
    fields: tuple[str, ...]
    """The kinds of the custom fields that are asked about or sorted by."""
    asked: tuple[tuple[int, str], ...]
    """The place of each condition's field among them, and its lookup."""
    sorted_by: int | None
    show: Show
    where: str
    """A built filter, whose values stand in its SQL."""
    seen: tuple[object, ...]
    """What else its SQL depends on: the day, its clock, the digits of money, whether personal fields may be asked."""

    def names(self) -> list[str]:
        """The values that are told to the query each time, in their order."""
        plain = [name for name, value in self.filters if value is None]
        fields = [f"field {place}" for place in range(len(self.fields))]
        return [*_ALWAYS, *plain, *fields, *(f"value {n}" for n in range(len(self.asked)))]

    def kinds(self) -> dict[str, type]:
        """The types of those of them that are no ids or texts."""
        columns = [COLUMNS[CustomField(kind=self.fields[place]).type] for place, _lookup in self.asked]
        kinds: dict[str, type] = {f"value {n}": int for n, column in enumerate(columns) if column == "whole"}
        return kinds if self.start in (None, NoneType) else kinds | {"cursor value": self.start}

    def spare(self) -> list[list[str]]:
        """Which of them need not be asked for by each part of the page."""
        asked = compared(self.order, self._start(None if self.start is NoneType else 0, None))
        return [["member", "team", *(f"cursor {name}" for name in _PLACE - names)] for names in asked]

    def _start(self, value: Any, tie: Any) -> Cursor | None:
        value = None if self.start is NoneType else value
        return Cursor(value, tie, self.backward) if self.start else None

    def part(self, number: int, *given: Any) -> Any:
        """The query of one part of the page, of the values named."""
        told = dict(zip(self.names(), given, strict=True))
        member = Member(pk=told["member"], team_id=told["team"], visibility=self.visibility)
        fields = [
            CustomField(pk=told[f"field {place}"], record=RecordType.CUSTOMER, kind=kind)
            for place, kind in enumerate(self.fields)
        ]
        conditions = [
            Condition(fields[place], lookup, told[f"value {n}"], in_column=True)
            for n, (place, lookup) in enumerate(self.asked)
        ]
        wish = Wish(
            filters={name: told[name] if value is None else value for name, value in self.filters},
            deleted=self.deleted,
            where=self.where,
        )
        sorted_by = None if self.sorted_by is None else fields[self.sorted_by]
        rows = rows_of(wish, member, sorted_by=sorted_by, conditions=conditions, forecast=self.show.forecast)
        start = self._start(told["cursor value"], told["cursor tie"])
        parts = parts_of(_shown(rows, self.show, apart=bool(conditions or self.where)), self.order, start)
        return next(islice(parts, number, None))[: self.size + 1]


@lru_cache(maxsize=512)
def _kept(shape: _Shape) -> list[Prepared]:
    return [
        Prepared(partial(shape.part, number), spare=spare, given=shape.names(), kinds=shape.kinds())
        for number, spare in enumerate(shape.spare())
    ]


_ALWAYS = ("member", "team", "cursor value", "cursor tie")
_PLACE = frozenset({"value", "tie"})
_LOOKUPS = frozenset({"exact", "gte", "gt", "lte", "lt"})
_COLUMNS = frozenset({"text", "whole"})
_VALUES = (NoneType, str, int, date, datetime)


def _kept_parts(
    wish: Wish,
    member: Member,
    order: Sort,
    sorted_by: CustomField | None,
    show: Show,
    size: int,
    start: Cursor | None,
) -> Iterator[list[Any]] | None:
    """The rows each part of the page begins with; ``None`` where its SQL is not kept."""
    conditions = wish.conditions()
    if wish.words or conditions is None or (start and type(start.value) not in _VALUES):
        return None
    seen = _seen(wish.where) if wish.where else ()
    if seen is None:
        return None
    filters = [(name, value if value in FILTERS[name].few else None) for name, value in wish.filters.items()]
    plain = [name for name, value in filters if value is None]
    if not all(FILTERS[name].plain for name in plain) or not all(map(_is_kept, conditions)):
        return None
    fields = list(dict.fromkeys([*(one.field for one in conditions), *([sorted_by] if sorted_by else [])]))
    shape = _Shape(
        order=order,
        size=size,
        start=type(start.value) if start else None,
        backward=bool(start and start.backward),
        deleted=wish.deleted,
        visibility=_reach(member),
        filters=tuple(filters),
        fields=tuple(field.kind for field in fields),
        asked=tuple((fields.index(one.field), one.lookup) for one in conditions),
        sorted_by=fields.index(sorted_by) if sorted_by else None,
        show=show,
        where=wish.where,
        seen=seen,
    )
    given: list[Any] = [member.pk, member.team_id, *((start.value, start.pk) if start else (None, None))]
    given += [*(wish.filters[name] for name in plain), *(field.pk for field in fields)]
    given += [one.typed for one in conditions]
    return (part(*given) for part in _kept(shape))


def _seen(where: str) -> tuple[object, ...] | None:
    """What the SQL of a built filter depends on beside its text; ``None`` where it is not kept."""
    if not _asks_built_in(where):
        return None
    asker = asker_of(None)
    return asker.today, asker.digits, str(timezone.get_current_timezone()), current().sees_personal


@lru_cache(maxsize=2048)
def _asks_built_in(where: str) -> bool:
    """Whether it can be read and asks no own fields, which differ from company to company."""
    try:
        return all(one.field in BUILT_IN for one in questions(parse(where)))
    except WrongFilter:
        return False


def _is_kept(condition: Condition) -> bool:
    return condition.lookup in _LOOKUPS and COLUMNS[condition.field.type] in _COLUMNS


def _reach(member: Member) -> Visibility:
    """How far the member sees; of no team, no further than their own."""
    alone = member.visibility == Visibility.TEAM and not member.team_id
    return Visibility.OWN if alone else Visibility(member.visibility)
