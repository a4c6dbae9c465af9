"""What the writers of an import share: the company, the choices made, the counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.functional import Promise

from crm.models import Tenant
from customers.models import Import
from customers.services.imports.staging import Rejects

TOUCHED = "import_touched"


@dataclass
class Counts:
    """What became of the rows; every row of the file is in one of these or rejected. ``made`` counts records."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    made: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """One import while its rows stand in ``import_row``. ``fields`` are those the file has."""

    tenant: Tenant
    import_: Import
    fields: frozenset[str]
    rejects: Rejects

    def run(self, sql: str, **parameters: Any) -> int:
        """Execute with ``%(tenant)s``; gives how many rows were touched."""
        with connection.cursor() as cursor:
            cursor.execute(sql, {"tenant": str(self.tenant.pk), **parameters})
            return cursor.rowcount

    def ask(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, {"tenant": str(self.tenant.pk), **parameters})
            return cursor.fetchall()

    def reject(self, reasons: Mapping[str, str | Promise]) -> int:
        """Tell of the staged rows that met a fate among ``reasons`` (``{about}`` is filled in); how many."""
        found = self.ask(
            "SELECT line, fate, coalesce(about, '') FROM import_row WHERE fate = ANY (%(fates)s) ORDER BY line",
            fates=list(reasons),
        )
        for line, fate, about in found:
            self.rejects.add(line, "", about, str(reasons[fate]))
        return len(found)
