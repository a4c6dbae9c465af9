"""Columns of a file read a chunk at a time: each value of a column is converted once, however often it comes."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from typing import Any

from babel.numbers import list_currencies
from django.utils.translation import gettext as _

from crm.exports.cells import all_restored
from crm.texts import all_clean
from customers import normalize
from customers.duplicates.writing import fold
from customers.imports import consents, values
from customers.imports.fields import Field

MEMO = 50_000
# What is a matter of type: "１３８" is a number as "138" is. Texts stay as they are.
TYPED = frozenset(
    {
        *("size", "truth", "record", "email", "phone", "day", "moment", "money", "home", "price", "quantity"),
        *("count", "currency", "said"),
    }
)


@dataclass(frozen=True)
class Setting:
    """What reading needs to know of the company. ``members`` maps e-mail addresses and names to ids,
    ``alike`` names as ``name_key`` writes them, where one member alone is called so.

    ``own`` gives the converter of a custom field by its name.
    """

    zone: tzinfo
    region: str
    day_first: bool
    members: Mapping[str, str]
    own: Callable[[str, bool], values.Converter] | None = None
    alike: Mapping[str, str] = dataclasses.field(default_factory=dict)


class _Memo(dict[str, Any]):
    """Raw texts to values; refused ones stand in ``bad`` with the reason, but for words that say there is none."""

    def __init__(self, convert: values.Converter) -> None:
        self.convert = convert
        self.bad: dict[str, str] = {}

    def __missing__(self, raw: str) -> Any:
        text, value = raw.strip(), None
        if text:
            try:
                value = str(self.convert(text))
            except ValueError as reason:
                if not values.says_nothing(text):
                    self.bad[raw] = str(reason)
        self[raw] = value
        return value


@dataclass
class Column:
    """One mapped column. ``read`` gives values for COPY (``None`` where the cell is blank)."""

    field: Field
    heading: str
    index: int
    convert: values.Converter | None
    bad: list[tuple[int, str, str]] = dataclasses.field(default_factory=list)
    _memo: _Memo | None = None

    def read(self, raw: Sequence[str]) -> list[str | None]:
        """The chunk's values as COPY reads them; ``bad`` then holds (position, text, reason) of what was refused."""
        self.bad = []
        raw = all_clean(all_restored(raw))
        if self.convert is None:
            return self._read_text(raw)
        if self._memo is None or len(self._memo) > MEMO:
            self._memo = _Memo(self.convert)
        memo = self._memo
        found = [memo[text] for text in raw]
        if memo.bad:
            self.bad = [(at, text, memo.bad[text]) for at, text in enumerate(raw) if text in memo.bad]
        return found

    def _read_text(self, raw: Sequence[str]) -> list[str | None]:
        limit = self.field.limit
        found = [text.strip() or None for text in raw]
        if max(map(len, raw), default=0) > limit:
            reason = _("longer than %(limit)d characters") % {"limit": limit}
            self.bad = [
                (at, text[:100], reason) for at, text in enumerate(found) if text and len(text) > limit
            ]
        return found


def column_of(field: Field, heading: str, index: int, samples: list[str], setting: Setting) -> Column:
    """How one column is read; ``samples`` are its first values, which tell 31/12 from 12/31."""
    makers: dict[str, Callable[[], values.Converter | None]] = {
        "text": lambda: None,
        "choice": lambda: values.choice(field.choices),
        "size": lambda: _size(field),
        "truth": lambda: values.truth,
        "record": lambda: values.record,
        "email": lambda: values.email,
        "phone": lambda: values.phone,
        "day": lambda: values.day(day_first=_day_first(samples, setting)),
        "moment": lambda: _moment(samples, setting),
        "money": lambda: values.number(4, 10**12),
        "home": lambda: values.number(4, 10**12),
        "price": lambda: values.number(4),
        "quantity": lambda: values.number(3),
        "count": lambda: values.count(1_000),
        "currency": lambda: _currency,
        "member": lambda: partial(member_of, setting=setting),
        "custom": lambda: _own(field, samples, setting),
        "said": lambda: consents.said(_moment(samples, setting)),
        "consent": lambda: consents.consent(_moment(samples, setting)),
    }
    convert = makers[field.reads]()
    if convert is not None and (field.reads in TYPED or field.typed):
        convert = _half_width(convert)
    return Column(field, heading, index, convert)


def _half_width(convert: values.Converter) -> values.Converter:
    return lambda text: convert(text if text.isascii() else unicodedata.normalize("NFKC", text).strip())


def _own(field: Field, samples: list[str], setting: Setting) -> values.Converter:
    assert setting.own is not None
    return setting.own(field.name, _day_first(samples, setting))


def _moment(samples: list[str], setting: Setting) -> values.Converter:
    return values.moment(zone=setting.zone, day_first=_day_first(samples, setting))


def _day_first(samples: list[str], setting: Setting) -> bool:
    plain = (unicodedata.normalize("NFKC", sample).strip() for sample in samples)
    return values.reads_day_first(plain, default=setting.day_first)


def _currency(text: str) -> str:
    if text.upper() not in list_currencies():
        raise ValueError(_("not a currency such as EUR"))
    return text.upper()


def member_of(text: str, setting: Setting) -> str:
    """The id of the member a cell names: by address or name, else by the only name that is written alike."""
    found = setting.members.get(text.casefold()) or setting.alike.get(name_key(text))
    if found is None:
        raise ValueError(_("no member of this company"))
    return found


def name_key(name: str) -> str:
    """A name in one way of writing: width, case, spaces, simplified or traditional; a name of signs is itself."""
    return fold(name).replace(" ", "") or name


def _size(field: Field) -> values.Converter:
    """A class of size by its name, or the one a number of people falls into."""
    named = values.choice(field.choices)

    def convert(text: str) -> object:
        if text.isdecimal() and len(text) < 8:
            people = int(text)
            return "1-9" if people < 10 else "10-49" if people < 50 else "50-249" if people < 250 else "250+"
        return named(text)

    return convert


# Columns that are made from others, for searching. Plain ASCII takes the short way to the same result.


def name_norms(names: list[str | None]) -> list[str]:
    return [
        " ".join(name.lower().split())[:200].rstrip() if name.isascii() else normalize.name_norm(name)
        for name in (name or "" for name in names)
    ]


def email_norms(emails: list[str | None]) -> list[str]:
    return [
        email.lower() if email.isascii() else normalize.email_norm(email)
        for email in (email or "" for email in emails)
    ]


# Numbers whose digits need no table of the world's numbering plans: with a country's code and no trunk zero
# after it, or written the usual way at home.
_ABROAD = re.compile(r"\+((?:44|33|49) ?[1-9][\d -]{6,12}|86 ?1[358][\d -]{9,11})")
_AT_HOME = {"GB": (re.compile(r"0([1-9]\d{9})"), "44"), "CN": (re.compile(r"(1[358]\d{9})"), "86")}


def phone_norms(phones: list[str | None], region: str) -> list[str]:
    return [_phone_norm(phone, region) if phone else "" for phone in phones]


def _phone_norm(phone: str, region: str) -> str:
    digits = phone.replace(" ", "").replace("-", "")
    if _ABROAD.fullmatch(phone):
        return digits[1:]
    pattern, code = _AT_HOME.get(region, (None, ""))
    if pattern and (found := pattern.fullmatch(digits)):
        return code + found[1]
    return normalize.phone_norm(phone, region)


def pinyins(names: list[str | None]) -> list[tuple[str, str]]:
    blank = ("", "")
    return [blank if not name or name.isascii() else normalize.pinyin_of(name) for name in names]
