"""A socket: tables whose rows ask for people by words, and must no longer ask for one who is erased.

An app names its own in its ``questions.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

from crm.tenancy.fields import TenantModel

REPLACED = "[erased]"
SHORTEST_NUMBER = 7
_A_NUMBER = re.compile(r"[0-9\s().+-]+")


@dataclass(frozen=True)
class Naming:
    """How a text names one person.

    ``exact`` is a pattern of addresses and numbers in any writing; ``telling`` one of names that are hardly anything
    but a name, ``names`` of all; "" finds nothing. ``said`` are addresses, names and ids in small letters, ``numbers``
    the digits of phone numbers.
    """

    exact: str
    telling: str
    names: str
    said: frozenset[str]
    numbers: frozenset[str]

    def is_in(self, text: str) -> bool:
        """Whether a text speaks of the person and hardly of anybody else."""
        return any(re.search(one, text, re.IGNORECASE) for one in (self.exact, self.telling) if one)

    def is_asked(self, text: str) -> bool:
        """Whether who searches for this text means the person."""
        text = text.strip().casefold()
        if self.is_in(text) or text in self.said:
            return True
        if "@" in text:
            return not text.startswith("@") and any(text in one for one in self.said if "@" in one)
        digits = re.sub(r"\D", "", text) if _A_NUMBER.fullmatch(text) else ""
        return len(digits) >= SHORTEST_NUMBER and any(digits in one for one in self.numbers)

    def without(self, text: str, longest: int, *, asked: bool = False) -> str:
        """A title or description without the person, never empty; where it stands over what ``asked`` for the person,
        without any name."""
        pattern = "|".join(one for one in (self.exact, self.names if asked else self.telling) if one)
        left = re.sub(pattern, REPLACED, text, flags=re.IGNORECASE) if pattern else text
        if left != text and not re.search(r"\w", left.replace(REPLACED, "")):
            left = _("Erased")
        return left[:longest]


Without: TypeAlias = Callable[[Any, Naming], dict[str, Any]]
_tables: dict[type[TenantModel], Without] = {}


def register(model: type[TenantModel], without: Without) -> None:
    """``without(row, naming)`` gives the columns that change, so that the row asks for the person no more: it may mean
    fewer than before, never more."""
    _tables[model] = without


def tables() -> Iterator[tuple[type[TenantModel], Without]]:
    yield from _tables.items()


def discover() -> None:
    autodiscover_modules("questions")
