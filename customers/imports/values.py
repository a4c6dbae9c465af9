"""Texts of cells as values. Each converter takes a stripped text and gives a value, or raises ``ValueError``.

The error's message says what is wrong, for a person. Values come back in the form that COPY reads.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.utils.translation import gettext as _

from crm.emails import is_address

Converter = Callable[[str], object]

_YES = {"1", "y", "yes", "true", "x", "是", "对", "對", "✓"}
_NO = {"0", "n", "no", "false", "否", "不"}
_DATE = re.compile(r"(\d{1,4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,4})\s*日?")
_CLOCK = re.compile(r"[T\s]*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp][Mm])?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
# 7 May 2023, May 7, 2023, 07-May-23: months by their English names, as spreadsheets write them.
_NAMED = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[\s-]+)?([A-Za-z]{3,9})\.?[\s,-]+(?:(\d{1,2})(?:st|nd|rd|th)?[\s,]+)?(\d{4}|\d{2})(?!\d)"
)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
# Years as Taiwan counts them: 民國109年5月17日, 107.8.8. No other year has three digits.
_REPUBLIC = re.compile(r"^(?:民[国國]\s*(\d{1,3})|(\d{3}))(?=\s*[-/.年])")
_BEFORE_REPUBLIC = 1911
# What people write into a cell that has nothing to tell; where a column takes such a word, it is read.
_NOTHING = frozenset(
    [
        "-",
        "--",
        "–",
        "—",
        "/",
        "\\",
        ".",
        "?",
        "n/a",
        "na",
        "none",
        "null",
        "nil",
        "#n/a",
        "无",
        "無",
        "没有",
        "沒有",
        "暂无",
        "暫無",
        "空",
        "未知",
        "不详",
        "不詳",
    ]
)
_BRACKETED = re.compile(r"[^<>]*<\s*([^<>\s]+)\s*>")
_NUMBER_DRESS = re.compile(r"[\s\u00a0\u202f'’_]|^[A-Z]{3}|[A-Z]{3}$|[£$€¥￥元]")
FIRST_YEAR, LAST_YEAR = 1000, 2999


def says_nothing(value: str) -> bool:
    """Whether a text stands for an empty cell: "-", "n/a", "无"."""
    return value.casefold() in _NOTHING


def text(limit: int) -> Converter:
    def convert(value: str) -> str:
        if len(value) > limit:
            raise ValueError(_("longer than %(limit)d characters") % {"limit": limit})
        return value

    return convert


def choice(names: Mapping[str, Iterable[str]]) -> Converter:
    """``names`` gives each stored value its names in files; case and spaces do not matter."""
    known = {_plain(name): value for value, all_names in names.items() for name in (value, *all_names)}

    def convert(value: str) -> str:
        try:
            return known.get(_plain(value)) or known[_plain(unicodedata.normalize("NFKC", value))]
        except KeyError:
            raise ValueError(_("not one of %(choices)s") % {"choices": ", ".join(names)}) from None

    return convert


def truth(value: str) -> bool:
    plain = _plain(value)
    if plain in _YES or plain in _NO:
        return plain in _YES
    raise ValueError(_("neither yes nor no"))


def record(value: str) -> UUID:
    """The id of a record, as an export names it."""
    try:
        return UUID(value)
    except ValueError:
        raise ValueError(_("not the id of a record")) from None


def number(digits: int, most: int = 10**9) -> Converter:
    """A decimal number with up to ``digits`` after the point; "1,234.5", "1.234,5" and "(3)" are understood."""

    def convert(value: str) -> Decimal:
        try:
            amount = Decimal(_undressed(value))
        except InvalidOperation:
            raise ValueError(_("not a number")) from None
        if not amount.is_finite() or abs(amount) > most:
            raise ValueError(_("too large a number"))
        return round(amount, digits)

    return convert


def count(most: int) -> Converter:
    """A whole number from nought."""

    def convert(value: str) -> int:
        if not value.isdecimal() or len(value) > 6 or int(value) > most:
            raise ValueError(_("not a whole number up to %(most)d") % {"most": most})
        return int(value)

    return convert


def email(value: str) -> str:
    """An address, also out of "Ada Byron <ada@post.example>" and "mailto:ada@post.example"."""
    named = _BRACKETED.fullmatch(value)
    address = named[1] if named else value.removeprefix("mailto:")
    if is_address(address):
        return address
    if sum(map(is_address, re.split(r"[\s,;/、，；]+", value))) > 1:
        raise ValueError(_("more than one e-mail address: keep one"))
    raise ValueError(_("not an e-mail address"))


def phone(value: str) -> str:
    if sum(sign.isdigit() for sign in value) < 3 or len(value) > 50:
        raise ValueError(_("not a phone number"))
    return value


def day(*, day_first: bool) -> Converter:
    def convert(value: str) -> date:
        found, rest = _date(value, day_first)
        if rest and not _CLOCK.fullmatch(rest):
            raise ValueError(_("not a date"))
        return found

    return convert


def moment(*, zone: tzinfo, day_first: bool) -> Converter:
    """A moment; one without a zone of its own is read in ``zone``."""

    def convert(value: str) -> str:
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            found = _dated_clock(value, day_first)
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError(_("not a date"))
        return (found if found.tzinfo else found.replace(tzinfo=zone)).isoformat()

    return convert


def reads_day_first(samples: Iterable[str], *, default: bool) -> bool:
    """Whether a column writes 31/12: told by any day above twelve, else ``default``."""
    for sample in samples:
        match = _DATE.match(sample)
        if match and len(match[1]) <= 2:
            if int(match[1]) > 12:
                return True
            if int(match[2]) > 12:
                return False
    return default


def _dated_clock(value: str, day_first: bool) -> datetime:
    found, rest = _date(value, day_first)
    clock = _CLOCK.fullmatch(rest) if rest else None
    if rest and not clock:
        raise ValueError(_("not a date and time"))
    hour, minute, second = (int(clock[i] or 0) for i in (1, 2, 3)) if clock else (0, 0, 0)
    if clock and clock[4]:
        hour = hour % 12 + (12 if clock[4].lower() == "pm" else 0)
    try:
        return datetime.combine(found, time(hour, minute, second))
    except ValueError:
        raise ValueError(_("not a date and time")) from None


def _date(value: str, day_first: bool) -> tuple[date, str]:
    """The day a text begins with, and what follows it."""
    value = _REPUBLIC.sub(lambda found: str(int(found[1] or found[2]) + _BEFORE_REPUBLIC), value, count=1)
    match = _DATE.match(value) or _COMPACT.match(value) or _NAMED.match(value)
    if not match:
        raise ValueError(_("not a date"))
    year, month, on = _named(match) if match.re is _NAMED else _numbered(match, day_first)
    try:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValueError
        return date(year, month, on), value[match.end() :].strip()
    except ValueError:
        raise ValueError(_("not a date")) from None


def _numbered(match: re.Match[str], day_first: bool) -> tuple[int, int, int]:
    first, second, third = (int(match[i]) for i in (1, 2, 3))
    if len(match[1]) == 4:
        return first, second, third
    return _full_year(match[3]), *((second, first) if day_first else (first, second))


def _named(match: re.Match[str]) -> tuple[int, int, int]:
    """Year, month and day of a date with its month in letters; the day stands before it or after it."""
    months = [at for at, name in enumerate(_MONTHS, 1) if name.startswith(match[2].lower())]
    if not months or bool(match[1]) == bool(match[3]):
        raise ValueError(_("not a date"))
    return _full_year(match[4]), months[0], int(match[1] or match[3])


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) != 2:
        return year
    return year + (2000 if year < 70 else 1900)


def _undressed(value: str) -> str:
    """A number's digits, sign and one decimal point, without currency, spaces and thousands marks."""
    negative = value.startswith("(") and value.endswith(")")
    bare = _NUMBER_DRESS.sub("", value.strip("()").strip()).replace("，", ",")
    comma, point = bare.rfind(","), bare.rfind(".")
    if comma > point and (point >= 0 or not re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+", bare)):
        bare = bare.replace(".", "").replace(",", ".")
    bare = bare.replace(",", "")
    return f"-{bare}" if negative else bare


def _plain(value: str) -> str:
    return "".join(value.casefold().split())
