"""Many rows at once: COPY into a temporary table, then one set-based insert under the policies."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection, models

from crm.tenancy.context import current_tenant_id

CHUNK = 10_000


def pour(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert ``rows`` (the named database columns, ``id`` among them); the model's defaults fill the others.

    ``None`` is NULL, and an empty text where the column may not be NULL.
    """
    fields = {field.column: field for field in model._meta.local_fields if not field.generated}
    others = {name: field for name, field in fields.items() if name not in columns and name != "tenant_id"}
    table = model._meta.db_table
    with connection.cursor() as cursor:
        typed = ", ".join(f"{_quoted(name)} {fields[name].db_type(connection)}" for name in columns)
        cursor.execute(f"CREATE TEMPORARY TABLE poured ({typed}) ON COMMIT DROP")
        names = ", ".join(map(_quoted, columns))
        for chunk in _chunks(iter(rows)):
            cursor.copy_expert(f"COPY poured ({names}) FROM STDIN (FORMAT csv)", chunk)
        values = [
            _quoted(n) if fields[n].null else f"coalesce({_quoted(n)}, {_blank(fields[n])})" for n in columns
        ]
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(['tenant_id', *map(_quoted, [*columns, *others])])}) "
            f"SELECT %s::uuid, {', '.join([*values, *['%s'] * len(others)])} FROM poured",
            [
                str(current_tenant_id()),
                *(field.get_db_prep_save(field.get_default(), connection) for field in others.values()),
            ],
        )
        count = cursor.rowcount
        cursor.execute("DROP TABLE poured")
    return count


def _chunks(rows: Iterator[Sequence[Any]]) -> Iterator[io.StringIO]:
    while chunk := list(islice(rows, CHUNK)):
        out = io.StringIO()
        csv.writer(out).writerows(chunk)
        out.seek(0)
        yield out


def _blank(field: models.Field) -> str:
    return "''" if isinstance(field, models.CharField | models.TextField) else "NULL"


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(name or "")
