"""Invented companies and people: names that go together with their places, trades and addresses."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from customers import normalize
from customers.demo.words import Words

SIZES = ("1-9", "10-49", "50-249", "250+")
ENGLISH_PHONES = (
    "020 7946 0", "07700 900", "0113 496 0", "0114 496 0", "0115 496 0", "0116 496 0", "0117 496 0", "0118 496 0",
    "0121 496 0", "0131 496 0", "0141 496 0", "0151 496 0", "0161 496 0", "0191 498 0", "028 9649 6", "029 2018 0",
)  # fmt: skip
CHINESE_PHONES = tuple(
    f"1{middle} 0000 " for middle in ("38", "39", "50", "51", "58", "59", "86", "87", "88")
)


@dataclass
class Client:
    """A customer of the scene, as later makers see it. ``mood`` is 0–1: how content it is."""

    id: UUID
    number: int
    kind: str
    name: str
    host: str
    email: str
    phone: str
    contact: str
    contact_id: UUID | None
    owner: Any
    city: str
    region: str
    industry: str
    size: str
    source: str
    language: str
    waiting: bool
    created_at: datetime
    mood: float
    gone_at: datetime | None = None
    last_purchase_at: datetime | None = None


def identity(rng: np.random.Generator, at: datetime) -> UUID:
    """A UUID version 7 of a past moment."""
    value = (int(at.timestamp() * 1000) << 80) | int.from_bytes(rng.bytes(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    return UUID(int=(value & ~(0x3 << 62)) | (0x2 << 62))


def pick(rng: np.random.Generator, options: Any) -> Any:
    return options[int(rng.integers(len(options)))]


def person_name(rng: np.random.Generator, words: Words, *, chinese: bool) -> str:
    first, last = pick(rng, words.first_names), pick(rng, words.last_names)
    return f"{last}{first}" if chinese else f"{first} {last}"


def company_name(rng: np.random.Generator, words: Words, city: str, trade: str, *, chinese: bool) -> str:
    if chinese:
        return f"{city}{pick(rng, words.brands)}{trade}{pick(rng, words.suffixes)}"
    brand = pick(rng, words.brands)
    if rng.random() < 0.3:
        brand = f"{brand} & {pick(rng, words.last_names)}"
    return f"{brand} {trade} {pick(rng, words.suffixes)}"


class Addresses:
    """Addresses under the reserved domain ``.example``, which no mail can reach; nobody gets another's."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()
        self._known: dict[tuple[str, str], str] = {}

    def host(self, company: str) -> str:
        """The domain of a company, another one for each of the same name."""
        return self._another(_latin(company, "-")[:40].strip("-"), "-")

    def email(self, name: str, host: str) -> str:
        """One for somebody new."""
        return self._another(_latin(name, "."), "", f"@{host}.example")

    def of(self, name: str, host: str) -> str:
        """Whoever has a name at a company is the same person each time."""
        if (name, host) not in self._known:
            self._known[name, host] = self.email(name, host)
        return self._known[name, host]

    def _another(self, name: str, between: str, tail: str = "") -> str:
        wanted = name + tail
        self._given[wanted] += 1
        if self._given[wanted] == 1:
            return wanted
        return self._another(f"{name}{between}{self._given[wanted]}", between, tail)


def phone_number(number: int, *, chinese: bool) -> str:
    """The ``number``-th of the ranges kept for fiction in the United Kingdom, or one that is merely invented.

    There are 16,000 and 90,000 of them; then they begin again.
    """
    ranges = CHINESE_PHONES if chinese else ENGLISH_PHONES
    digits = 4 if chinese else 3
    # Neighbours in the list have numbers far from each other.
    turn, place = divmod(number, len(ranges))
    return f"{ranges[place]}{turn * 7_919 % 10**digits:0{digits}d}"


def _latin(text: str, between: str) -> str:
    pinyin, _initials = normalize.pinyin_of(text)
    plain = pinyin or normalize.name_norm(text)
    return re.sub(r"[^a-z0-9]+", between, plain).strip(between) or "office"
