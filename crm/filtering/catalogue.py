"""The fields one can ask about in one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm.filtering.fields import NOBODY, Asker, FilterField, checked, condition
from crm.filtering.grammar import WrongFilter, parse
from crm.personal import is_hidden


@dataclass
class Catalogue:
    """Built-in fields in the order one looks for them; upper apps may add theirs. Who sees masks asks nothing of what
    they hide.
    """

    known: Sequence[FilterField]

    def extend(self, field: FilterField) -> None:
        """Let the list be asked about something else, too."""
        self.known = [*self.known, field]

    def fields(self) -> list[FilterField]:
        return [field for field in self.known if not is_hidden(field.key)]

    def named(self, name: str) -> FilterField | None:
        known = (*self.fields(), NOBODY)
        return next((field for field in known if field.key == name), None)

    def narrowed(self, rows: Any, where: str, asker: Asker) -> Any:
        """``rows`` that answer the filter; none where it cannot be understood."""
        try:
            return rows.filter(condition(parse(where), self.named, asker))
        except WrongFilter:
            return rows.none()

    def errors(self, where: str, asker: Asker) -> list[str]:
        """What is wrong with a filter."""
        try:
            checked(parse(where), self.named, asker)
        except WrongFilter as wrong:
            return [str(wrong)]
        return []
