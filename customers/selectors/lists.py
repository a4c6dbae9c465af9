"""The list of customers: which filters it knows, how it is sorted, and which rows it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filtering.fields import Asker
from crm.filtering.grammar import Question, WrongFilter, parse
from crm.models import Member
from customers.models import Customer, CustomerRisk, CustomerStats, CustomField
from customers.selectors import lists_custom
from customers.selectors.asking import answered, asker_of, split
from customers.selectors.custom_search import Condition
from customers.selectors.keyset import Sort
from customers.selectors.search import matching_customers

MOST_HITS = 200
COUNTED = 10_000

_AT_RISK = CustomerRisk._meta.get_field("value_at_risk")

SORTS: dict[str, tuple[Any, Sort]] = {
    "name": (_("Name"), Sort("customer__name_norm")),
    "spend": (_("Spent"), Sort("spend", descending=True)),
    "last_purchase": (_("Last purchase"), Sort("last_purchase_on", descending=True, nullable=True)),
    "last_contact": (_("Last contact"), Sort("last_contact_at", nullable=True)),
    "next_step": (_("Next step"), Sort("next_follow_up_at", nullable=True)),
    "at_risk": (_("Value at risk"), Sort("value_at_risk", descending=True, nullable=True, column=_AT_RISK)),
    "quality": (_("Data quality"), Sort("customer__quality")),
    "created": (
        pgettext_lazy("date", "Created"),
        Sort("customer__created_at", descending=True, tie_descending=True),
    ),
}


@dataclass(frozen=True)
class Filter:
    """``narrow(rows, value, member)`` keeps what matches; a value it cannot read keeps nothing.

    ``told`` says a value in words where the page itself cannot. Where all it does with a value is to compare a text it
    is ``plain``; ``few`` are values that it asks about in another way each. Upper apps add their own to ``FILTERS``.
    """

    label: Any
    narrow: Callable[[QuerySet[Any], str, Member], QuerySet[Any]]
    told: Callable[[str], str] | None = None
    plain: bool = False
    few: frozenset[str] = frozenset()


def _equal(label: Any, path: str) -> Filter:
    return Filter(label, lambda rows, value, member: rows.filter(**{path: value}), plain=True)


def _owner(rows: QuerySet[Any], value: str, member: Member) -> QuerySet[Any]:
    if value == "none":
        return rows.filter(customer__owner=None)
    try:
        return rows.filter(customer__owner=member.pk if value == "me" else UUID(value))
    except ValueError:
        return rows.none()


def _next_step(rows: QuerySet[Any], value: str, member: Member) -> QuerySet[Any]:
    return rows.filter(next_follow_up_at__isnull=value == "no")


def _spend(lookup: str) -> Callable[[QuerySet[Any], str, Member], QuerySet[Any]]:
    def narrow(rows: QuerySet[Any], value: str, member: Member) -> QuerySet[Any]:
        known = value.lstrip("-").isdecimal() and len(value) < 19
        return rows.filter(**{f"spend__{lookup}": int(value)}) if known else rows.none()

    return narrow


FILTERS: dict[str, Filter] = {
    "class": _equal(_("Class"), "class_code"),
    "stage": _equal(_("Stage"), "stage"),
    "risk": _equal(_("Risk"), "customer__risk__churn_risk"),
    "owner": Filter(_("Owner"), _owner, few=frozenset({"me", "none"})),
    "next": Filter(_("Next step"), _next_step, few=frozenset({"yes", "no"})),
    "industry": _equal(_("Industry"), "customer__industry"),
    "region": _equal(_("Region"), "customer__region"),
    "city": _equal(_("City"), "customer__city"),
    "source": _equal(_("Source"), "customer__source"),
    "review": _equal(_("Review"), "customer__review"),
    "rfm": _equal(_("RFM segment"), "rfm_segment"),
    "spend_min": Filter(_("Spent at least"), _spend("gte")),
    "spend_max": Filter(_("Spent at most"), _spend("lte")),
}


FIGURES = frozenset({"class", "stage", "next", "rfm", "spend_min", "spend_max"})

# A list of some kind of customers begins with the dearest, the least remembered, the next in line: what one looks for
# there, and what an index serves.
BEGINS_WITH = {
    "class": "spend",
    "stage": "spend",
    "rfm": "spend",
    "spend_min": "spend",
    "spend_max": "spend",
    "risk": "at_risk",
}


def _minor(text: str, digits: int) -> str:
    """An amount as it is typed, in minor units; what is no amount stays, and keeps nothing."""
    try:
        return str(int(Decimal(text).scaleb(digits)))
    except (ArithmeticError, ValueError):
        return text


def _first_sort(filters: Mapping[str, str]) -> str:
    if "next" in filters:
        return "last_contact" if filters["next"] == "no" else "next_step"
    return next((sort for name, sort in BEGINS_WITH.items() if name in filters), "")


def _begins(where: str) -> str:
    """Where a list begins whose filter asks of all rows one thing that an index serves."""
    try:
        asked = parse(where).items if where else ()
    except WrongFilter:
        return "name"
    names = [one.field for one in asked if isinstance(one, Question) and one.operator in _NARROWING]
    return next(
        (sort for name in names if (sort := _SERVED.get(name) or lists_custom.sort_named(name))), "name"
    )


_NARROWING = frozenset({"is", "in", "gte", "gt", "lte", "lt", "between", "past", "next"})
_SERVED = {
    "class": "spend",
    "stage": "spend",
    "spend": "spend",
    "risk": "at_risk",
    "at_risk": "at_risk",
    "next_step": "next_step",
    "last_contact": "last_contact",
    "last_purchase": "last_purchase",
    "created": "created",
    "quality": "quality",
}


@dataclass(frozen=True)
class Wish:
    """What a list's address asks for. Amounts are in minor units, those of ``own`` filters as they were typed."""

    filters: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    sort: str = "name"
    reverse: bool = False
    cursor: str = ""
    deleted: bool = False
    own: Mapping[str, str] = field(default_factory=dict)
    digits: int = 2
    where: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str], *, digits: int = 2) -> Wish:
        """Read an address; ``digits`` is how many the currency has after the point."""
        asked = query.get("sort", "")
        name = asked.lstrip("-")
        filters = {key: query[key].strip() for key in FILTERS if query.get(key, "").strip()}
        for bound in ("spend_min", "spend_max"):
            if bound in filters:
                filters[bound] = _minor(filters[bound], digits)
        own, where = lists_custom.own_filters(query), query.get("where", "").strip()
        known = name in SORTS or lists_custom.own_sort(name)
        return cls(
            filters=filters,
            words=query.get("q", "").strip(),
            sort=name if known else lists_custom.first_sort(own) or _first_sort(filters) or _begins(where),
            where=where,
            own=own,
            digits=digits,
            reverse=asked.startswith("-"),
            cursor=query.get("cursor", ""),
            deleted=query.get("deleted") == "1",
        )

    @property
    def order(self) -> Sort:
        own = lists_custom.own_sort(self.sort)
        sort = own[1] if own else SORTS[self.sort][1]
        return sort.reversed() if self.reverse else sort

    def conditions(self) -> list[Condition] | None:
        """The questions about custom fields; ``None`` where one of them makes no sense."""
        asked = [lists_custom.condition(name, text, self.digits) for name, text in self.own.items()]
        known = [one for one in asked if one is not None]
        return known if len(known) == len(asked) else None


def rows_of(
    wish: Wish,
    member: Member,
    *,
    sorted_by: CustomField | None = None,
    conditions: list[Condition] | None = None,
    forecast: bool = False,
) -> Any:
    """The rows a member may see of what is asked for: figures first, each with its customer and owner.

    ``conditions``: what the wish asks of custom fields, where that is known already. ``forecast``: with the churn
    forecast, where it is shown or sorted by; one table more takes a third longer to plan.
    """
    rows: Any = CustomerStats.objects.filter(customer__deleted_at__isnull=not wish.deleted)
    rows = rows.with_risk() if forecast or wish.sort == "at_risk" else rows
    if wish.deleted:
        rows = rows.filter(customer__merged_into=None)
    if member.visibility != "all":
        rows = rows.filter(customer__in=Customer.objects.visible_to(member).order_by())
    if wish.words:
        rows = rows.filter(
            customer__in=list(matching_customers(wish.words, most=MOST_HITS).values_list("pk", flat=True))
        )
    if "review" not in wish.filters and not wish.deleted:
        rows = rows.exclude(customer__review=Customer.Review.REJECTED)
    for name, value in wish.filters.items():
        rows = FILTERS[name].narrow(rows, value, member)
    conditions = wish.conditions() if conditions is None else conditions
    rows = rows.none() if conditions is None else rows
    if wish.where:
        rows, more = _asked(rows, wish.where, asker_of(member))
        conditions = [*(conditions or []), *more]
    return lists_custom.narrowed(rows, conditions or [], sorted_by)


def _asked(rows: Any, where: str, asker: Asker) -> tuple[Any, list[Condition]]:
    """``rows`` that answer the filter, and what is left to ask of custom fields; what makes no sense keeps nothing."""
    try:
        rest, conditions = split(parse(where), asker)
        return answered(rows, rest, asker), conditions
    except WrongFilter:
        return rows.none(), []


def customers_of(wish: Wish, member: Member) -> QuerySet[Customer]:
    """All customers that match, for what is done to many at once."""
    return Customer.objects.filter(pk__in=rows_of(wish, member).order_by().values("customer"))


def customer_count(wish: Wish, member: Member) -> int:
    """How many match, no further than ``COUNTED``. Where only figures are asked for, an index over them alone tells,
    less those who are hidden."""
    if (
        wish.where
        or wish.words
        or wish.deleted
        or member.visibility != "all"
        or not FIGURES.issuperset(wish.filters)
    ):
        return rows_of(wish, member).at_most(COUNTED + 1)
    if not wish.filters and not wish.own:
        return Customer.objects.living().at_most(COUNTED + 1)
    figures, path = _figures(wish, member)
    if figures is None:
        return rows_of(wish, member).at_most(COUNTED + 1)
    count = figures.at_most(COUNTED + 1)
    if count > COUNTED:
        return count
    hidden = (
        Customer.objects.exclude(deleted_at=None).order_by()
        | Customer.objects.filter(review=Customer.Review.REJECTED).order_by()
    )
    return count - figures.filter(**{f"{path}__in": hidden.values("pk")}).at_most(COUNTED)


def _figures(wish: Wish, member: Member) -> tuple[Any, str]:
    """Rows that one index holds, one for each customer that matches, hidden ones too; and where they name it."""
    if wish.own:
        return None if wish.filters else lists_custom.counted(wish.conditions() or []), "record"
    figures: Any = CustomerStats.objects.all()
    for name, value in wish.filters.items():
        figures = FILTERS[name].narrow(figures, value, member)
    return figures, "customer"
