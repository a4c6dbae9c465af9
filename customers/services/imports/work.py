"""What the writers of an import share: the company, the choices made, the counts."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.functional import Promise

from crm.models import Tenant
from customers.models import Import
from customers.services.imports.staging import Rejects

TOUCHED = "import_touched"
# The lines of which something beside the record was written; those whose record is as it was.
ASIDE, SAME = "import_aside", "import_same"
# The lines that look like another one, with that one.
ALIKE = "import_alike"

# The field whose cell is to be mended, where a fate is about one; a fate may bear the name of an own field.
MENDS = {
    "nameless": "name",
    "taken": "external_id",
    "unknown": "customer_id",
    "contactless": "contact_name",
    "backwards": "ends_on",
    "endless": "ends_on",
    "dayless": "next_on",
    "no_rate": "value_home",
}

NEW_ID = "{new_id}"


def with_ids(sql: str) -> str:
    """``sql`` with ``NEW_ID`` as ids of version 7 that rise with the rows; needs the sequence ``import_nth``.

    ``uuid7()`` asks the system for randomness for every row, which can take longer than writing it. One
    import runs at a time in a company, so the moment, a counter and thirty random bits are unique.
    """
    milliseconds = time.time_ns() // 1_000_000
    value = "-9223372036854775808 + (nextval('import_nth') << 30) + (random() * 1073741823)::bigint"
    return sql.replace(NEW_ID, f"('{milliseconds:012x}7000' || to_hex({value}))::uuid")


@dataclass
class Counts:
    """What became of the rows; every row of the file is in one of these or rejected. ``made`` counts records,
    ``handed`` by member the customers that became theirs, ``alike`` the lines that look like another, of which the
    first are told, ``waiting`` the customers the rows are of that wait for review."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    made: dict[str, int] = field(default_factory=dict)
    handed: dict[str, int] = field(default_factory=dict)
    alike: int = 0
    first_alike: list[dict[str, Any]] = field(default_factory=list)
    waiting: int = 0


@dataclass(frozen=True)
class Work:
    """One import while its rows stand in ``import_row``. ``fields`` are those the file has, under ``headings``."""

    tenant: Tenant
    import_: Import
    fields: frozenset[str]
    rejects: Rejects
    headings: Mapping[str, str] = field(default_factory=dict)

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
            column = self.headings.get(MENDS.get(fate, fate), "")
            self.rejects.add(line, column, about, str(reasons[fate]))
        return len(found)
