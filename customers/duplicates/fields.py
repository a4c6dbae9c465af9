"""What is compared, which levels of agreement there are, and what is believed of them before any data is seen.

A level's ``m`` is how often records of one customer stand so, ``u`` how often records of two do. Level 0 is
"not given on both sides" and says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """``shared`` levels weigh by how many records share the value; ``reason`` is what people are told."""

    name: str
    m: float
    u: float
    shared: bool = False


@dataclass(frozen=True)
class Field:
    """``rarity`` is how many further records with a shared value one should expect where none is known."""

    name: str
    levels: tuple[Level, ...]
    rarity: float = 1.0

    def level(self, name: str) -> int:
        return next(at for at, level in enumerate(self.levels, 1) if level.name == name)


_PART = (
    Level("same", 0.78, 0.005, shared=True),
    Level("sounds", 0.05, 0.005, shared=True),
    Level("close", 0.08, 0.004),
    Level("near", 0.03, 0.015),
    Level("short", 0.03, 0.01),
    Level("like", 0.01, 0.10),
    Level("other", 0.02, 0.856),
)
_REACHED = (
    Field(
        "email",
        (
            Level("same", 0.80, 1e-6, shared=True),
            Level("close", 0.06, 1e-5),
            Level("near", 0.01, 1e-4),
            Level("local", 0.03, 1e-4),
            Level("domain", 0.05, 1e-3, shared=True),
            Level("other", 0.05, 0.9987),
        ),
        rarity=0.02,
    ),
    Field(
        "phone",
        (
            Level("same", 0.80, 1e-6, shared=True),
            Level("end", 0.04, 1e-5),
            Level("close", 0.05, 1e-4),
            Level("other", 0.11, 0.9998),
        ),
        rarity=0.05,
    ),
)
_PLACED = (
    Field(
        "address",
        (
            Level("same", 0.66, 1e-4, shared=True),
            Level("close", 0.14, 2e-4),
            Level("near", 0.07, 1e-3),
            Level("part", 0.06, 2e-3),
            Level("other", 0.07, 0.9967),
        ),
        rarity=0.2,
    ),
    Field(
        "number",
        (
            Level("same", 0.85, 0.02, shared=True),
            Level("close", 0.08, 0.08),
            Level("other", 0.07, 0.90),
        ),
    ),
    Field(
        "place",
        (
            Level("both", 0.60, 0.002, shared=True),
            Level("city", 0.20, 0.02, shared=True),
            Level("city_near_code", 0.05, 0.001, shared=True),
            Level("postcode", 0.05, 0.003, shared=True),
            Level("near", 0.05, 0.01),
            Level("region", 0.03, 0.20),
            Level("other", 0.02, 0.764),
        ),
    ),
)
PERSON = (
    Field("given", _PART),
    Field("family", _PART),
    *_REACHED,
    Field(
        "birthday",
        (
            Level("same", 0.85, 5e-5, shared=True),
            Level("swapped", 0.02, 1e-4),
            Level("slip", 0.08, 2e-3),
            Level("near", 0.02, 0.01),
            Level("other", 0.03, 0.9878),
        ),
        rarity=0.1,
    ),
    Field("gender", (Level("same", 0.97, 0.5), Level("other", 0.03, 0.5))),
    *_PLACED,
)
COMPANY = (
    Field(
        "name",
        (
            Level("same", 0.50, 1e-5, shared=True),
            Level("sounds", 0.08, 1e-5, shared=True),
            Level("short", 0.18, 1e-4, shared=True),
            Level("close", 0.12, 1e-4),
            Level("initials", 0.02, 1e-4),
            Level("near", 0.04, 2e-3),
            Level("brand", 0.02, 2e-3, shared=True),
            Level("other", 0.04, 0.9957),
        ),
        rarity=0.1,
    ),
    *_REACHED,
    Field("site", (Level("same", 0.85, 1e-5, shared=True), Level("other", 0.15, 0.99999)), rarity=0.05),
    *_PLACED,
)
