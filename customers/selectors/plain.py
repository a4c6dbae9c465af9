"""What the address of a plain list asks for: filters and orders known by name, one place in the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm.models import Member
from customers.selectors.keyset import Sort


@dataclass(frozen=True)
class Asked:
    """What makes no sense keeps nothing; an order nobody knows is the first of the list's."""

    filters: Mapping[str, str]
    sort: str
    order: Sort
    reverse: bool = False
    cursor: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str], *, filters: Iterable[str], sorts: Mapping[str, Sort]) -> Asked:
        """Read an address by the names a list knows; its own order stands first in ``sorts``."""
        given = {name: query[name].strip() for name in filters if query.get(name, "").strip()}
        asked = query.get("sort", "")
        name, down = asked.removeprefix("-"), asked.startswith("-")
        if name not in sorts:
            name, down = next(iter(sorts)), False
        order = sorts[name].reversed() if down else sorts[name]
        return cls(given, name, order, down, query.get("cursor", ""))

    @property
    def by(self) -> tuple[str, str]:
        """The order, for rows that are not paged."""
        return "-" * self.order.descending + self.order.path, "-" * self.order.tie_descending + self.order.tie


def owned(rows: Any, path: str, value: str, member: Member) -> Any:
    """Rows whose owner at ``path`` is ``me``, of my ``team``, ``none``, or the member of that id."""
    if value == "none":
        return rows.filter(**{path: None})
    if value == "team":
        mine = {f"{path}__team": member.team_id} if member.team_id else {path: member.pk}
        return rows.filter(**mine)
    try:
        return rows.filter(**{path: member.pk if value == "me" else UUID(value)})
    except ValueError:
        return rows.none()
