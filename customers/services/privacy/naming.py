"""By what texts name a person: addresses and numbers, now and before, in any writing, and names."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from customers.normalize import phone_norm
from customers.questions import SHORTEST_NUMBER, Naming
from customers.selectors.person import Reach


def naming_of(reach: Reach) -> Naming:
    """Its patterns read the same in Python and PostgreSQL."""
    people = reach.people()
    had = [(one.email, one.phone, one.phone_norm) for one in people]
    had += [(one.email, one.phone, phone_norm(one.phone)) for one in reach.before()]
    exact = {found for email, *numbers in had for found in (_address(email), *_numbers(*numbers))}
    names = {one.name for one in people if _is_name(one.name)}
    return Naming(
        exact="|".join(sorted(exact - {""})),
        telling="|".join(sorted(_whole(name) for name in names if _is_telling(name))),
        names="|".join(sorted(map(_whole, names))),
        said=frozenset(text.casefold() for text in (*reach.identifiers(), *names)),
        numbers=frozenset(norm for _email, _phone, norm in had if norm),
    )


def _is_name(text: str) -> bool:
    return len(text) >= 4 or (len(text) >= 2 and not text.isascii())


def _is_telling(name: str) -> bool:
    """Whether a name is hardly ever a word: of two words or more, or of three characters of Chinese."""
    return " " in name.strip() or (len(name) >= 3 and not name.isascii())


def _whole(name: str) -> str:
    """A name as a word of its own; Chinese is written without gaps."""
    return rf"(?<!\w){re.escape(name)}(?!\w)" if name.isascii() else re.escape(name)


def _address(email: str) -> str:
    """The address, also as it stands in the address of a page."""
    written = re.escape(email).replace("@", "(?:@|%40)")
    return rf"(?<![\w.+-]){written}(?![\w-])" if "@" in email else ""


def _numbers(phone: str, norm: str) -> Iterator[str]:
    """The number as it was written, with its country's code and within the country, whatever stands between digits."""
    for text in {phone, norm, _within_country(norm)}:
        digits = re.sub(r"\D", "", text)
        if len(digits) >= SHORTEST_NUMBER:
            yield r"(?<![0-9])(?:\+|00|0)?" + r"[ ().-]{0,2}".join(digits) + r"(?![0-9])"


def _within_country(norm: str) -> str:
    try:
        return str(phonenumbers.parse(f"+{norm}").national_number)
    except phonenumbers.NumberParseException:
        return ""
