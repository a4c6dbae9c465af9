"""How values of each kind are read from outside and kept as JSON.

``stored`` is the one way in: forms, the API, files and services all pass through it. What it gives is what a
record's ``custom`` holds: texts, ISO days and moments (UTC), numbers as exact texts, money in minor units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from crm.texts import clean
from customers.models.custom import CustomField, FieldKind

SHORT, LONG, LINK = 200, 10_000, 500
MOST_NUMBER, PLACES = 10**12, 6
MOST_MONEY = 10**15
BLANK: tuple[Any, ...] = (None, "", [], ())
_url = URLValidator(schemes=["http", "https"])


def stored(field: CustomField, given: Any) -> Any:
    """``given`` as JSON for the record, ``None`` for nothing; ``ValueError`` says what is wrong, for a person.

    Whether a member or customer exists is not asked here: see ``services.custom_values``.
    """
    if isinstance(given, str):
        given = clean(given)
    if any(given is blank or given == blank for blank in BLANK):
        return None
    return _READERS[field.type](field, given)


def _text(most: int, *, lines: bool = False) -> Callable[[CustomField, Any], str]:
    def read(_field: CustomField, given: Any) -> str:
        if not isinstance(given, str) or "\0" in given:
            raise ValueError(_("Must be a text."))
        if len(given) > most:
            raise ValueError(_("At most %(most)d characters.") % {"most": most})
        if not lines and len(given.splitlines()) > 1:
            raise ValueError(_("Must be one line."))
        return given.replace("\r\n", "\n")

    return read


def decimal_of(given: Any) -> Decimal:
    """A finite number; truth values are none."""
    if isinstance(given, bool) or not isinstance(given, str | int | float | Decimal):
        raise ValueError(_("Must be a number."))
    try:
        number = Decimal(str(given))
    except InvalidOperation as error:
        raise ValueError(_("Must be a number.")) from error
    if not number.is_finite():
        raise ValueError(_("Must be a number."))
    return number


def _number(_field: CustomField, given: Any) -> str:
    number = decimal_of(given)
    if abs(number) >= MOST_NUMBER:
        raise ValueError(_("Must be less than a trillion."))
    if number != round(number, PLACES):
        raise ValueError(_("At most %(places)d digits after the point.") % {"places": PLACES})
    return plain(number)


def plain(number: Decimal) -> str:
    """The shortest writing without an exponent: 12.50 is 12.5."""
    return f"{number.normalize():f}" if number else "0"


def _money(_field: CustomField, given: Any) -> int:
    number = decimal_of(given)
    if number != number.to_integral_value() or abs(number) > MOST_MONEY:
        raise ValueError(_("Must be a whole number of minor units."))
    return int(number)


def _date(_field: CustomField, given: Any) -> str:
    if isinstance(given, str):
        try:
            given = parse_date(given)
        except ValueError:
            given = None
    if not isinstance(given, date) or isinstance(given, datetime):
        raise ValueError(_("Must be a date such as 2025-12-31."))
    return given.isoformat()


def _moment(_field: CustomField, given: Any) -> str:
    if isinstance(given, str):
        try:
            given = parse_datetime(given)
        except ValueError:
            given = None
    if not isinstance(given, datetime):
        raise ValueError(_("Must be a date and time such as 2025-12-31T14:30:00Z."))
    at = given if timezone.is_aware(given) else timezone.make_aware(given)
    try:
        return at.astimezone(UTC).isoformat()
    except OverflowError as error:
        raise ValueError(_("Must be a date and time such as 2025-12-31T14:30:00Z.")) from error


def _choice(field: CustomField, given: Any) -> str:
    if not isinstance(given, str) or given not in field.labels:
        raise ValueError(_("Must be one of: %(choices)s.") % {"choices": ", ".join(field.labels)})
    return given


def _choices(field: CustomField, given: Any) -> list[str]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ValueError(_("Must be a list."))
    wanted = {_choice(field, one) for one in given}
    return [value for value in field.labels if value in wanted]


def _yes_no(_field: CustomField, given: Any) -> bool:
    if not isinstance(given, bool):
        raise ValueError(_("Must be true or false."))
    return given


def _link(_field: CustomField, given: Any) -> str:
    if not isinstance(given, str) or len(given) > LINK:
        raise ValueError(_("Must be a web address such as https://example.com."))
    given = given if "://" in given else f"https://{given}"
    try:
        _url(given)
    except ValidationError as error:
        raise ValueError(_("Must be a web address such as https://example.com.")) from error
    return given


def _reference(_field: CustomField, given: Any) -> str:
    try:
        return str(UUID(str(getattr(given, "pk", given))))
    except ValueError as error:
        raise ValueError(_("Must be the id of a record.")) from error


_READERS: dict[FieldKind, Callable[[CustomField, Any], Any]] = {
    FieldKind.TEXT: _text(SHORT),
    FieldKind.LONG_TEXT: _text(LONG, lines=True),
    FieldKind.NUMBER: _number,
    FieldKind.MONEY: _money,
    FieldKind.DATE: _date,
    FieldKind.MOMENT: _moment,
    FieldKind.CHOICE: _choice,
    FieldKind.MULTI_CHOICE: _choices,
    FieldKind.YES_NO: _yes_no,
    FieldKind.LINK: _link,
    FieldKind.MEMBER: _reference,
    FieldKind.CUSTOMER: _reference,
}

# Where a kind's values stand in the table of values, and what of a stored value stands there.
COLUMNS: dict[FieldKind, str] = {
    FieldKind.TEXT: "text",
    FieldKind.LONG_TEXT: "text",
    FieldKind.NUMBER: "whole",
    FieldKind.MONEY: "whole",
    FieldKind.DATE: "whole",
    FieldKind.MOMENT: "moment",
    FieldKind.CHOICE: "text",
    FieldKind.MULTI_CHOICE: "text",
    FieldKind.YES_NO: "whole",
    FieldKind.LINK: "text",
    FieldKind.MEMBER: "ref",
    FieldKind.CUSTOMER: "ref",
}
RANGES = frozenset({FieldKind.NUMBER, FieldKind.MONEY, FieldKind.DATE, FieldKind.MOMENT})
FOLDED = frozenset({FieldKind.TEXT, FieldKind.LINK, FieldKind.LONG_TEXT})
REFERENCES = frozenset({FieldKind.MEMBER, FieldKind.CUSTOMER})
# By their ids, in the order in which they were made: those who speak of one member or customer stand together. By
# name would be a sort of everything, for the name stands in another table; several choices would repeat a record.
SORTABLE = frozenset(FieldKind) - {FieldKind.LONG_TEXT, FieldKind.MULTI_CHOICE}
_EPOCH = date(1970, 1, 1)


def typed(field: CustomField, value: Any) -> Any:
    """A stored value (of several choices: one of them) as it stands in its column; texts are folded there by SQL."""
    kind = field.type
    if kind == FieldKind.NUMBER:
        return int(Decimal(value).scaleb(PLACES))
    if kind == FieldKind.DATE:
        return (date.fromisoformat(value) - _EPOCH).days
    if kind == FieldKind.YES_NO:
        return int(value)
    if kind == FieldKind.MOMENT:
        return datetime.fromisoformat(value)
    return UUID(value) if kind in REFERENCES else value
