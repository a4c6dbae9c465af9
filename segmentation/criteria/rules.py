"""Rules: alternatives of criteria, read from JSON and refused with a clear word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from crm.errors import DomainError
from segmentation.criteria.fields import Field, Kind, field_of

Value = int | float | str | bool | list[Any] | None
MAX_ALTERNATIVES, MAX_CRITERIA, MAX_LISTED, MAX_NAMED = 10, 10, 200, 20
MAX_NUMBER = 10**15
_NUMERAL = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,9})?")


class BadCriteria(DomainError):
    """The rule cannot be read; the message says where and why."""

    code = "bad_criteria"

    def __init__(self, message: str, *, place: tuple[int, int] | None = None) -> None:
        super().__init__(message, errors={"criteria": [message]})
        self.place = place


@dataclass(frozen=True)
class Criterion:
    """One question with its operator and threshold."""

    field: Field
    op: str
    value: Value = None

    @property
    def values(self) -> list[Any]:
        """What it compares with, one or several."""
        return self.value if isinstance(self.value, list) else [] if self.value is None else [self.value]

    def to_json(self) -> dict[str, Any]:
        plain = {"field": self.field.key, "op": self.op}
        return plain if self.op in ("is_null", "not_null") else plain | {"value": self.value}


@dataclass(frozen=True)
class Rule:
    """Holds when all criteria of any alternative hold; without alternatives it holds for everyone."""

    alternatives: tuple[tuple[Criterion, ...], ...] = ()

    def to_json(self) -> list[list[dict[str, Any]]]:
        return [[criterion.to_json() for criterion in one] for one in self.alternatives]

    @property
    def hidden(self) -> bool:
        """Whether it asks about what is hidden from whoever reads it now."""
        return any(one.field.hidden for _number, one in self)

    def __iter__(self) -> Iterator[tuple[int, Criterion]]:
        """Every criterion with the number of its alternative, counted from 0."""
        for number, alternative in enumerate(self.alternatives):
            for criterion in alternative:
                yield number, criterion


def asked(given: Any, *, for_class: bool = False) -> Rule:
    """As ``parse``, of what somebody asks now: what is hidden from them they cannot ask about."""
    rule = parse(given, for_class=for_class)
    if hidden := next((one.field for _number, one in rule if one.field.hidden), None):
        raise BadCriteria(
            _("You may not ask about %(field)s: it is personal data.") % {"field": hidden.label}
        )
    return rule


def to_keep(given: Any, *, for_class: bool = False, before: Rule | None = None) -> Rule:
    """As ``asked``, of a rule that is to be kept: choices must be there, but those of the rule ``before`` may stay."""
    rule = asked(given, for_class=for_class)
    stays = {(one.field.key, value) for _number, one in before or () for value in one.values}
    for number, alternative in enumerate(rule.alternatives):
        for position, one in enumerate(alternative):
            new = [value for value in one.values if (one.field.key, value) not in stays]
            if wrong := _missing(one.field, new):
                raise _misplaced(number, position, wrong)
    return rule


def _missing(field: Field, values: list[Any]) -> str:
    """What is wrong with the first of these values that is no choice or record of the field; "" where all are."""
    if field.named:
        there = field.named(values)
        gone = next((value for value in values if value not in there), None)
        words = {"field": field.label, "value": gone}
        return _("%(field)s: there is no customer “%(value)s”.") % words if gone else ""
    known = dict(field.choices()) if field.choices and values else {}
    gone = next((value for value in values if field.choices and value not in known), None)
    if gone is None:
        return ""
    named = [value if value == str(label) else f"{value} ({label})" for value, label in known.items()]
    told = ", ".join([*named[:MAX_NAMED], *(["…"] if len(named) > MAX_NAMED else [])])
    words = {"field": field.label, "value": gone, "known": told}
    return _("%(field)s has no value “%(value)s”, only: %(known)s.") % words


def _misplaced(number: int, position: int, wrong: object) -> BadCriteria:
    where = {"number": number + 1, "position": position + 1, "wrong": wrong}
    message = _("Alternative %(number)s, criterion %(position)s: %(wrong)s") % where
    return BadCriteria(message, place=(number, position))


def parse(given: Any, *, for_class: bool = False) -> Rule:
    """The rule that JSON states, or ``BadCriteria`` naming the first thing that is wrong."""
    if not isinstance(given, list) or not all(isinstance(one, list) for one in given):
        raise BadCriteria(_("Criteria are a list of alternatives, each a list of criteria."))
    if len(given) > MAX_ALTERNATIVES:
        raise BadCriteria(_("At most %(count)s alternatives.") % {"count": MAX_ALTERNATIVES})
    return Rule(tuple(_alternative(number, one, for_class) for number, one in enumerate(given)))


def _alternative(number: int, given: list[Any], for_class: bool) -> tuple[Criterion, ...]:
    if not given:
        raise BadCriteria(
            _("Alternative %(number)s has no criterion.") % {"number": number + 1}, place=(number, 0)
        )
    if len(given) > MAX_CRITERIA:
        raise BadCriteria(_("At most %(count)s criteria in one alternative.") % {"count": MAX_CRITERIA})
    found = []
    for position, one in enumerate(given):
        try:
            found.append(_criterion(one, for_class))
        except ValueError as wrong:
            raise _misplaced(number, position, wrong) from wrong
    return tuple(found)


def _criterion(given: Any, for_class: bool) -> Criterion:
    if not isinstance(given, dict) or set(given) - {"field", "op", "value"}:
        raise ValueError(_("a criterion has field, op and value, nothing else."))
    field, op = field_of(given.get("field")), given.get("op")
    if field is None:
        raise ValueError(_("there is no field “%(field)s”.") % {"field": given.get("field")})
    if for_class and not field.for_classes:
        raise ValueError(_("a class cannot ask for %(field)s.") % {"field": field.label})
    if op not in field.operators:
        raise ValueError(_("%(field)s cannot be asked with “%(op)s”.") % {"field": field.label, "op": op})
    if op in ("is_null", "not_null"):
        return Criterion(field, op)
    value = given.get("value")
    if op != "in":
        return Criterion(field, op, _value(field, value))
    if not isinstance(value, list) or not 0 < len(value) <= MAX_LISTED:
        raise ValueError(_("“one of” needs a list of 1 to %(count)s values.") % {"count": MAX_LISTED})
    return Criterion(field, op, [_value(field, one) for one in value])


def _value(field: Field, value: Any) -> Value:
    """The threshold, of the type its field needs."""
    wanted = {"field": field.label, "value": value}
    if field.kind == Kind.BOOL:
        if not isinstance(value, bool):
            raise ValueError(_("%(field)s is true or false.") % wanted)
        return value
    if field.kind.is_number:
        return _number(field, value)
    if field.kind == Kind.CUSTOMER:
        return _customer(field, value)
    if not isinstance(value, str) or not value.strip() or len(value) > 200 or "\0" in value:
        raise ValueError(_("%(field)s needs a text.") % wanted)
    if not field.loose and (wrong := _missing(field, [value])):
        raise ValueError(wrong)
    return value


def _customer(field: Field, value: Any) -> str:
    try:
        return str(UUID(value))
    except (ValueError, TypeError, AttributeError) as wrong:
        raise ValueError(_("%(field)s needs the id of a customer.") % {"field": field.label}) from wrong


def _number(field: Field, value: Any) -> int | float:
    if (
        field.kind == Kind.NUMBER and isinstance(value, str) and _NUMERAL.fullmatch(value)
    ):  # as the API gives exact numbers
        value = float(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(_("%(field)s needs a number.") % {"field": field.label})
    if field.kind == Kind.PROBABILITY:
        if not 0 <= value <= 1:
            raise ValueError(_("%(field)s lies between 0 and 1.") % {"field": field.label})
        return float(value)
    if field.kind == Kind.NUMBER and abs(value) <= MAX_NUMBER:
        return value
    if not float(value).is_integer() or abs(value) > MAX_NUMBER:
        raise ValueError(_("%(field)s needs a whole number.") % {"field": field.label})
    return int(value)
