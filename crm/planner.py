"""Help for PostgreSQL's planner where a statement works on a whole company."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def many_rows() -> Iterator[None]:
    """Plan the statements inside for many rows: no nested loops.

    After a large import the planner still believes the tables to be small, until they are analysed; it
    would then look a million rows up one by one. The setting ends with the block, at the latest with
    the transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield  # after an error the rollback takes the setting back
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
