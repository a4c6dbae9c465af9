"""A field: one thing that is known of a customer, with its column and its words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

Text = str | Promise
Choices = Callable[[], list[tuple[str, Text]]]
Named = Callable[[Iterable[str]], Mapping[str, Text]]


class Kind(StrEnum):
    """What the values of a field are: minor units, counts, numbers, days ago, codes, several codes, words, yes or no,
    shares of one, customers."""

    MONEY = "money"
    INT = "int"
    NUMBER = "number"
    DAYS = "days"
    CHOICE = "choice"
    CHOICES = "choices"
    TEXT = "text"
    BOOL = "bool"
    PROBABILITY = "probability"
    CUSTOMER = "customer"

    @property
    def is_number(self) -> bool:
        return self in (Kind.MONEY, Kind.INT, Kind.NUMBER, Kind.DAYS, Kind.PROBABILITY)


_KNOWN = ("is_null", "not_null")
_WORDS = ("eq", "ne", "in", *_KNOWN)
_NUMBERS = ("gte", "lte", "gt", "lt", "eq", "ne", "in", *_KNOWN)


@dataclass(frozen=True)
class Field:
    """One thing a rule may ask of a customer.

    ``sql`` is an expression over ``customers_customer c`` and ``customers_customerstats s``; it may use
    ``{today}``, the company's day, and ``{zone}``, its time zone. NULL means that nothing is known.
    ``phrases`` says an operator's whole clause in words, with ``%(value)s``; others are said by ``label``.
    What is ``personal`` is ``hidden`` from whoever is shown masks; it still decides in rules that others wrote.
    ``only`` leaves nothing else to be asked. A field that is no longer ``offered`` still decides in rules that
    name it, and a ``loose`` one also decides by choices that are gone.
    ``named`` gives the names of the records whose ids are its values.
    """

    key: str
    label: Text
    kind: Kind
    sql: str
    group: Text
    phrases: Mapping[str, Text] = field(default_factory=dict)
    choices: Choices | None = None
    for_classes: bool = True
    only: tuple[str, ...] = ()
    offered: bool = True
    loose: bool = False
    personal: bool = False
    hidden: bool = False
    named: Named | None = None

    @property
    def operators(self) -> tuple[str, ...]:
        """What may be asked, the usual first."""
        if self.only:
            return self.only
        if self.kind == Kind.BOOL:
            return ("eq",)
        if self.kind == Kind.DAYS:
            return ("lte", "gte", *(op for op in _NUMBERS if op not in ("lte", "gte")))
        return _NUMBERS if self.kind.is_number else _WORDS


_fields: dict[str, Field] = {}
# What differs from company to company: asked in each one's context.
_sources: list[Callable[[], Mapping[str, Field]]] = []


def register(new: Field) -> Field:
    """Let rules ask for ``new``; keys are unique."""
    if new.key in _fields:
        raise ValueError(f"criterion {new.key!r} is registered twice")
    _fields[new.key] = new
    return new


def register_source(source: Callable[[], Mapping[str, Field]]) -> None:
    """Let rules also ask for what ``source`` knows of the open company, by key."""
    _sources.append(source)


def discover() -> None:
    """Load the built-in fields and the ``criteria.py`` of every app."""
    from segmentation.criteria import builtin, custom  # noqa: F401  they register

    autodiscover_modules("criteria")


def field_of(key: object) -> Field | None:
    if not isinstance(key, str):
        return None
    return _fields.get(key) or next((found for source in _sources if (found := source().get(key))), None)


def fields(*, for_class: bool = False) -> list[Field]:
    """Every field on offer, in the order it was registered; for a class without those that depend on classes."""
    known = [*_fields.values(), *(one for source in _sources for one in source().values())]
    return [one for one in known if one.offered and (one.for_classes or not for_class)]
