"""A socket: tables whose rows ask for people by words, and must no longer ask for one who is erased.

An app names its own in its ``questions.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

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

    def is_sure(self, text: str) -> bool:
        """Whether a text holds an address or number of the person: a name may be that of a place, a trade, a choice."""
        return bool(self.exact) and re.search(self.exact, text, re.IGNORECASE) is not None

    def is_in(self, text: str) -> bool:
        """Whether a text speaks of the person and hardly of anybody else."""
        return self.is_sure(text) or bool(self.telling and re.search(self.telling, text, re.IGNORECASE))

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


def free_name(model: type[TenantModel], pk: UUID, name: str, longest: int) -> str:
    """The name of a row, with a number where another row of the table bears it."""
    rows: Any = model._base_manager
    taken = set(rows.exclude(pk=pk).values_list("name", flat=True))
    numbered = (f"{name[: longest - 5]} {number}" for number in range(2, len(taken) + 3))
    return (
        name[:longest] if name[:longest] not in taken else next(one for one in numbered if one not in taken)
    )


Model: TypeAlias = type[TenantModel]
Without: TypeAlias = Callable[[Any, Naming], dict[str, Any]]
Among: TypeAlias = Callable[[Naming], Iterable[Any]]
_tables: dict[Model, tuple[Without, Among]] = {}


def register(model: Model, without: Without, *, among: Among | None = None) -> None:
    """``without(row, naming)`` gives the columns that change, so that the row asks for the person no more: it may mean
    fewer than before, never more. Of a long table only the rows ``among(naming)`` are tried; those before others are
    registered before them."""
    _tables[model] = (without, among or (lambda naming: model._base_manager.order_by("pk")))


def tables() -> list[Model]:
    """All of them, in their order."""
    return list(_tables)


def asking(naming: Naming) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Every row that names the person, with what changes in it."""
    for without, among in _tables.values():
        for row in list(among(naming)):
            if changed := without(row, naming):
                yield row, changed


def discover() -> None:
    autodiscover_modules("questions")
