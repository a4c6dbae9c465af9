"""Finding customers and contacts when a finger slipped, or a name was written as it sounds."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import lru_cache
from uuid import UUID

from django.db import connection

from crm.api.lookups import as_array
from crm.models import Member
from crm.personal import is_masked
from customers.models import Contact, Customer
from customers.normalize import HAN, name_norm, pinyin_of
from customers.selectors.search import as_number, bare, depth, living_contacts, living_customers, ranked
from customers.slips import DIGITS, LETTERS, alphabet_of, beginnings, slips, swaps

LONGEST = 60
# With so many hits nobody asks what else was meant.
ENOUGH = 3
# A word of fewer letters is near to everything.
FEWEST = 3
FEWEST_BEGUN = 5
FEWEST_SPOKEN = 4
FEWEST_DIGITS = 7


@dataclass(frozen=True)
class Meant:
    """Every writing that is asked of an index, as the functions take them."""

    begins: list[str] = field(default_factory=list)
    word1: list[str] = field(default_factory=list)
    word2: list[str] = field(default_factory=list)
    swaps: list[str] = field(default_factory=list)
    sounds: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What words lead to, the likeliest first; what is only near stands apart."""

    customers: list[Customer]
    contacts: list[Contact]
    near_customers: list[Customer] = field(default_factory=list)
    near_contacts: list[Contact] = field(default_factory=list)


def answer_to(words: str, member: Member, *, most: int, near: bool = True) -> Answer:
    """Customers and people the member may see; near ones where little was found and nothing by its whole name.

    Not where something else was found already: then ``near`` is not asked for.
    """
    asked = depth(member, most)
    customers, contacts = ranked("search_customers", words, asked), ranked("search_contacts", words, asked)
    answer = Answer(
        living_customers(list(customers), member, most), living_contacts(list(contacts), member, most)
    )
    itself = 0 in customers.values() or 0 in contacts.values()
    if not near or itself or len(answer.customers) + len(answer.contacts) >= ENOUGH:
        return answer
    nearly = near_to(words, member, most=most)
    return Answer(
        answer.customers,
        answer.contacts,
        [one for one in nearly.near_customers if one not in answer.customers],
        [one for one in nearly.near_contacts if one not in answer.contacts],
    )


def near_to(words: str, member: Member, *, most: int) -> Answer:
    """Only what is near, where it is known that nothing else answers to the words."""
    return Answer([], [], near_customers(words, member, most=most), near_contacts(words, member, most=most))


def near_customers(words: str, member: Member, *, most: int) -> list[Customer]:
    """Customers this member may see that were meant, perhaps, by what was mistyped."""
    return living_customers(_hits("near_customers", words, depth(member, most)), member, most)


def near_contacts(words: str, member: Member, *, most: int) -> list[Contact]:
    """People at customers this member may see that were meant, perhaps."""
    return living_contacts(_hits("near_contacts", words, depth(member, most)), member, most)


def _hits(function: str, words: str, most: int) -> list[UUID]:
    words = bare(words)
    folded = name_norm(words)[:LONGEST]
    if len(folded.replace(" ", "")) < FEWEST and not HAN.search(folded):
        return []
    with connection.cursor() as cursor:
        cursor.callproc(function, [folded, most, *_writings(folded, as_number(words), is_masked())])
        return [row[0] for row in cursor.fetchall()]


@lru_cache(maxsize=64)
def _writings(folded: str, number: str, masked: bool) -> list[str]:
    found = meant(folded, number, masked)
    return [as_array(getattr(found, one.name)) for one in fields(Meant)]


def meant(folded: str, number: str, masked: bool = False) -> Meant:
    """What may have been meant by a folded text, or by the number it is; ``masked`` asks about names alone."""
    letters = folded.replace(" ", "")
    if (number or "@" in letters) and masked:
        return Meant()
    if number:
        return Meant(numbers=slips(number, DIGITS) if len(number) >= FEWEST_DIGITS else [])
    if "@" in letters:
        return Meant(mails=beginnings(letters, f"{LETTERS}{DIGITS}.-_@"))
    if HAN.search(folded):
        return Meant(sounds=[pinyin_of(folded)[0]], swaps=swaps(folded))
    spoken = letters.isascii() and letters.isalpha() and len(letters) >= FEWEST_SPOKEN
    return Meant(
        begins=beginnings(folded, alphabet_of(folded)) if len(letters) >= FEWEST_BEGUN else [],
        sounds=slips(letters, LETTERS) if spoken else [],
        **_words(folded),
    )


def _words(folded: str) -> dict[str, list[str]]:
    """For the two longest words: themselves and what is one slip away."""
    longest = sorted(dict.fromkeys(folded.split()), key=len, reverse=True)[:2]
    found = [
        [word, *(slips(word, alphabet_of(word)) if len(word) >= FEWEST and not word.isdecimal() else [])]
        for word in longest
    ]
    return {f"word{place}": writings for place, writings in enumerate(found, 1)}
