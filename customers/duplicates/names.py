"""What a name is made of: given and family name of a person; place, brand, trade and legal form of a company."""

from __future__ import annotations

import re
from typing import NamedTuple

from customers.duplicates import words
from customers.duplicates.writing import HAN, fold, sound


class Person(NamedTuple):
    """Both parts as written and as they sound; ``whole`` in the written order; ``bag`` in no order at all."""

    given: str
    family: str
    given_sound: str
    family_sound: str
    whole: str
    bag: str


class Company(NamedTuple):
    """``core`` is the name without legal form and place; ``brand`` what is left without the words of the trade."""

    core: str
    core_sound: str
    brand: str
    trade: str
    place: str
    bag: str
    initials: str


_FORMS = re.compile(rf"(?:{'|'.join(sorted(words.HAN_FORMS, key=len, reverse=True))})$")
_PLACE = re.compile(rf"^((?:{'|'.join(sorted(words.HAN_PLACES, key=len, reverse=True))})[省市县区]?)+(?=..)")
_DISTRICT = re.compile(r"^(?:[\u4e00-\u9fff]{2,3}[省市县区])+(?=..)")
_TRADE = re.compile(rf"(?:{'|'.join(sorted(words.HAN_TRADES, key=len, reverse=True))})$")
_IN_BRACKETS = re.compile(r"[(（\[【]([^)）\]】]*)[)）\]】]")


def person(name: str) -> Person:
    """Titles go; "Smith, John" is John Smith; of a Chinese name the first sign or a double surname is the family."""
    last, comma, first = name.partition(",")
    folded = fold(f"{first} {last}" if comma and first.strip() else name)
    tokens = [token for token in folded.split() if token not in words.TITLES]
    if tokens and HAN.search(folded):
        return _han_person(tokens)
    return _latin_person(tokens)


def _latin_person(tokens: list[str]) -> Person:
    at = len(tokens) - 1
    while at > 1 and tokens[at - 1] in words.PARTICLES:
        at -= 1
    given, family = "".join(tokens[:at]), "".join(tokens[at:])
    return Person(given, family, given, family, "".join(tokens), " ".join(sorted(tokens)))


def _han_person(tokens: list[str]) -> Person:
    if len(tokens) == 1:
        name = _without_title(tokens[0])
        size = 2 if name[:2] in words.DOUBLE_SURNAMES and len(name) > 2 else 1
        family, given = name[:size], name[size:]
    else:
        family, given = tokens[0], "".join(tokens[1:])
        if len(family) > len(given):
            family, given = given, family
    family_sound = words.SURNAME_SOUNDS.get(family) or sound(family)
    given_sound = sound(given)
    bag = "".join(sorted(family + given))
    return Person(given, family, given_sound, family_sound, family_sound + given_sound, bag)


def _without_title(name: str) -> str:
    for title in words.HAN_TITLES:
        if name.endswith(title) and len(name) > len(title):
            return name[: -len(title)]
    return name


def company(name: str) -> Company:
    """Legal form off, place aside, words of the trade apart from the brand."""
    folded = fold(_IN_BRACKETS.sub(r" \1 ", name))
    if HAN.search(folded):
        return _han_company(folded)
    tokens = [token for token in folded.split() if token not in words.SMALL]
    core = [token for token in tokens if token not in words.FORMS]
    core = core or tokens
    brand = list(core)
    while len(brand) > 1 and brand[-1] in words.TRADES:
        brand.pop()
    trade = " ".join(core[len(brand) :])
    initials = "".join(token[0] for token in core) if len(core) > 2 else ""
    joined = "".join(core)
    return Company(joined, joined, "".join(brand), trade, "", " ".join(sorted(core)), initials)


def _han_company(folded: str) -> Company:
    """Chinese companies are called place, brand, trade, form; a place may also stand apart, in brackets."""
    pieces = folded.split()
    places = [piece for piece in pieces if piece.rstrip("省市县区") in words.HAN_PLACES]
    core = "".join(piece for piece in pieces if piece not in places) or "".join(pieces)
    core = _cut(_FORMS, core)
    for pattern in (_PLACE, _DISTRICT):
        if found := pattern.match(core):
            places.append(found.group())
            core = core[found.end() :]
    brand = core
    while (shorter := _TRADE.sub("", brand)) != brand and len(shorter) >= 2:
        brand = shorter
    place = "".join(places).rstrip("省市县区")
    return Company(core, sound(core), brand, core[len(brand) :], place, "".join(sorted(core)), "")


def _cut(pattern: re.Pattern[str], text: str) -> str:
    """Take away what the pattern finds at the end, as often as it does, but never everything."""
    while (shorter := pattern.sub("", text)) != text and len(shorter) >= 2:
        text = shorter
    return text
