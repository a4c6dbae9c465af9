"""Help for PostgreSQL's planner where a statement works on a whole company, or on a known part of it."""

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
    with _without("nestloop"):
        yield


@contextmanager
def by_index() -> Iterator[None]:
    """Plan the statements inside for some rows of large tables: each looked up by an index, no table read whole.

    Left to itself the planner reads a million rows to join fifty thousand to them.
    """
    with _without("seqscan", "hashjoin", "mergejoin"):
        yield


@contextmanager
def _without(*ways: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL enable_{way} = off" for way in ways))
        yield  # after an error the rollback takes the settings back
        cursor.execute("; ".join(f"SET LOCAL enable_{way} TO DEFAULT" for way in ways))
