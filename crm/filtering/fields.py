"""Kinds of fields, what may be asked of each, and how the values of a question are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.filtering.grammar import Group, Item, Question, WrongFilter
from crm.models import Member

BIGGEST = 2**63 - 1
MOST_DAYS = 36_500
_PARTED = re.compile(r"\s*[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?\s*")


class Kind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    MANY = "many"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    MOMENT = "moment"
    YES_NO = "yes_no"
    MEMBER = "member"
    RECORD = "record"
    LONG = "long"


_BLANK = ("empty", "filled")
_RANGE = ("is", "gte", "lte", "gt", "lt", "between", *_BLANK)
_DAYS = ("is", "gte", "lte", "between", "past", "next", *_BLANK)
_ONE = ("is", "not", "in", "not_in", *_BLANK)
OPERATORS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: ("is", "not", "starts", "in", "not_in", *_BLANK),
    Kind.CHOICE: _ONE,
    Kind.MANY: ("has", "lacks", "any", *_BLANK),
    Kind.NUMBER: _RANGE,
    Kind.MONEY: _RANGE,
    Kind.DATE: _DAYS,
    Kind.MOMENT: _DAYS,
    Kind.YES_NO: ("is", *_BLANK),
    Kind.MEMBER: _ONE,
    Kind.RECORD: ("is", "not", *_BLANK),
    Kind.LONG: ("starts", *_BLANK),
}
SEVERAL = frozenset({"in", "not_in", "any"})
NONE = frozenset(_BLANK)
COUNTS = frozenset({"past", "next"})

WORDS: dict[str, str | Promise] = {
    "is": pgettext_lazy("filter", "is"),
    "not": pgettext_lazy("filter", "is not"),
    "in": gettext_lazy("is one of"),
    "not_in": gettext_lazy("is none of"),
    "starts": gettext_lazy("begins with"),
    "has": gettext_lazy("contains"),
    "lacks": gettext_lazy("does not contain"),
    "any": gettext_lazy("contains one of"),
    "gte": gettext_lazy("at least"),
    "lte": gettext_lazy("at most"),
    "gt": gettext_lazy("more than"),
    "lt": gettext_lazy("less than"),
    "between": gettext_lazy("between"),
    "past": gettext_lazy("in the past days"),
    "next": gettext_lazy("in the next days"),
    "empty": gettext_lazy("is empty"),
    "filled": gettext_lazy("is filled in"),
}
DAY_WORDS: dict[str, str | Promise] = {
    "is": pgettext_lazy("filter", "on"),
    "gte": pgettext_lazy("filter", "from"),
    "lte": pgettext_lazy("filter", "until"),
}


def operator_words(kind: Kind, operator: str) -> str:
    words = DAY_WORDS if kind in (Kind.DATE, Kind.MOMENT) else {}
    return str(words.get(operator, WORDS[operator]))


@dataclass(frozen=True)
class Asker:
    """Who asks (nobody, where a filter is only checked), on which of the company's days, and how many digits its
    money has after the point.
    """

    member: Member | None
    today: date
    digits: int = 2


Choices = Callable[[], Iterable[tuple[str, str]]]
Ask = Callable[[str, Sequence[Any], Asker, str], Q]


@dataclass(frozen=True)
class FilterField:
    """A field one can ask about. ``ask(operator, values, asker, root)`` gives the answer as a condition of rows that
    start at ``root``; ``choices`` are those of a choice, in words. What is not ``offered`` is asked where it was saved.
    """

    key: str
    label: str | Promise
    kind: Kind
    ask: Ask
    choices: Choices | None = None
    section: str | Promise = ""
    described: Callable[[str], str] | None = field(default=None)
    offered: bool = True

    @property
    def operators(self) -> tuple[str, ...]:
        return OPERATORS[self.kind]

    def read(self, operator: str, values: Sequence[str], asker: Asker) -> list[Any]:
        """The values in their own type; ``WrongFilter`` says which is wrong."""
        if operator not in self.operators:
            given = {"field": self.label, "operator": operator, "known": ", ".join(self.operators)}
            message = _("%(field)s knows no “%(operator)s”, only: %(known)s.")
            if self.kind == Kind.LONG:
                message = _(
                    "%(field)s is a long text: it is found by how it begins, not by the words in it (%(known)s)."
                )
            raise WrongFilter(message % given)
        wanted = _wanted(operator)
        if not (len(values) == wanted if wanted is not None else values):
            told: dict[str, Any] = {"field": self.label, "operator": operator, "wanted": wanted or 1}
            message = _("%(field)s: “%(operator)s” takes %(wanted)s values.")
            raise WrongFilter(
                (_("%(field)s: “%(operator)s” needs a value.") if wanted == 1 else message) % told
            )
        try:
            return [self._one(operator, text, asker) for text in values]
        except ValueError as wrong:
            raise WrongFilter(f"{self.label}: {wrong}") from wrong

    def _one(self, operator: str, text: str, asker: Asker) -> Any:
        if operator in COUNTS:
            if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= MOST_DAYS):
                raise ValueError(_("Must be a number of days."))
            return int(text)
        return _READERS[self.kind](self, text, asker)

    def known(self) -> dict[str, str]:
        return {value: str(label) for value, label in self.choices()} if self.choices else {}


def _wanted(operator: str) -> int | None:
    """How many values an operator takes; ``None`` means one or more."""
    if operator in SEVERAL:
        return None
    return 0 if operator in NONE else 2 if operator == "between" else 1


def _text(_field: FilterField, text: str, _asker: Asker) -> str:
    if not text.strip() or len(text) > 200 or "\0" in text:
        raise ValueError(_("Say which value."))
    return text.strip()


def _choice(field: FilterField, text: str, _asker: Asker) -> str:
    if text not in field.known():
        raise ValueError(_("There is no “%(value)s”.") % {"value": text[:60]})
    return text


def decimal_of(text: str) -> Decimal:
    """The number, also with its thousands apart: every language of Tenure parts them with a comma."""
    try:
        number = Decimal(text.replace(",", "") if _PARTED.fullmatch(text) else text)
    except InvalidOperation as error:
        raise ValueError(_("Must be a number.")) from error
    if not number.is_finite() or abs(number) > BIGGEST:
        raise ValueError(_("Must be a number."))
    return number


def _number(_field: FilterField, text: str, _asker: Asker) -> Decimal:
    return decimal_of(text)


def _money(_field: FilterField, text: str, asker: Asker) -> int:
    minor = decimal_of(text).scaleb(asker.digits)
    if minor != minor.to_integral_value() or abs(minor) > BIGGEST:
        raise ValueError(_("Must be an amount such as 1200.50."))
    return int(minor)


def _date(_field: FilterField, text: str, asker: Asker) -> date:
    if text == "today":
        return asker.today
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(_("Must be a date such as 2025-12-31, or today.")) from error
    if not 2 <= day.year <= 9_997:
        raise ValueError(_("Must be a date such as 2025-12-31, or today."))
    return day


def _yes_no(_field: FilterField, text: str, _asker: Asker) -> bool:
    if text not in ("true", "false"):
        raise ValueError(_("Must be true or false."))
    return text == "true"


def _member(_field: FilterField, text: str, asker: Asker) -> UUID:
    if text == "me":
        return asker.member.pk if asker.member else UUID(int=0)
    return _record(_field, text, asker)


def _record(_field: FilterField, text: str, _asker: Asker) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise ValueError(_("Must be the id of a record.")) from error


_READERS: dict[Kind, Callable[[FilterField, str, Asker], Any]] = {
    Kind.TEXT: _text,
    Kind.CHOICE: _choice,
    Kind.MANY: _choice,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.DATE: _date,
    Kind.MOMENT: _date,
    Kind.YES_NO: _yes_no,
    Kind.MEMBER: _member,
    Kind.RECORD: _record,
    Kind.LONG: _text,
}


# In the place of a question that named a person who was erased since.
NOBODY = FilterField(
    "erased",
    gettext_lazy("Erased person"),
    Kind.YES_NO,
    lambda operator, values, asker, root: Q(pk__in=[]),
    offered=False,
)


def days(operator: str, values: Sequence[Any], today: date) -> tuple[date | None, date | None]:
    """The first and the last day that a question about days means; ``None`` where it has no end."""
    if operator == "past":
        return today - timedelta(days=values[0]), today
    if operator == "next":
        return today, today + timedelta(days=values[0])
    first = values[0] if operator in ("is", "gte", "between") else None
    last = {"is": values[0], "lte": values[0], "between": values[-1]}.get(operator)
    return first, last


def condition(item: Item, known: Callable[[str], FilterField | None], asker: Asker, root: str = "") -> Q:
    """What rows must answer; each field is found by its name in ``known``."""
    if isinstance(item, Question):
        found = known(item.field)
        if found is None:
            raise WrongFilter(_("There is no field “%(name)s”.") % {"name": item.field})
        return found.ask(item.operator, found.read(item.operator, item.values, asker), asker, root)
    parts = [condition(inner, known, asker, root) for inner in item.items]
    whole = Q()
    for part in parts:
        whole = whole & part if item.kind == "and" else whole | part
    return ~whole if item.kind == "not" else whole


def checked(group: Group, known: Callable[[str], FilterField | None], asker: Asker) -> Group:
    """The tree, once every question in it has been understood."""
    condition(group, known, asker)
    return group
