"""Invented companies and people: names that go together with their places, trades and addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from customers import normalize
from customers.demo.words import Words

SIZES = ("1-9", "10-49", "50-249", "250+")


@dataclass
class Client:
    """A customer of the scene, as later makers see it. ``mood`` is 0–1: how content it is."""

    id: UUID
    number: int
    kind: str
    name: str
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


def email_of(name: str, host: str) -> str:
    """An address under the reserved domain ``.example``: no mail can ever reach anybody."""
    return f"{_latin(name, '.')}@{_latin(host, '-')[:40].strip('-')}.example"


def phone_number(rng: np.random.Generator, *, chinese: bool) -> str:
    """A number of a range kept for fiction in the United Kingdom, or one that is merely invented."""
    if chinese:
        return f"1{pick(rng, ('38', '39', '50', '86'))} 0000 {rng.integers(10_000):04d}"
    return (
        f"020 7946 0{rng.integers(1_000):03d}"
        if rng.random() < 0.6
        else f"07700 900{rng.integers(1_000):03d}"
    )


def _latin(text: str, between: str) -> str:
    pinyin, _initials = normalize.pinyin_of(text)
    plain = pinyin or normalize.name_norm(text)
    return re.sub(r"[^a-z0-9]+", between, plain).strip(between) or "office"
