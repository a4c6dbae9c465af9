"""How fast what is known is changed and taken back: a file that updates, its undo, an edit of many customers."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, connections, transaction

from crm.ids import uuid7
from crm.tenancy.context import within_request
from customers.models import Customer, Import
from customers.services.bulk import deeds, undoing
from customers.services.bulk.running import BATCH
from customers.services.imports import import_file
from customers.services.imports.undoing.running import undo
from planning.bench.company import Company
from planning.bench.figures import Figure, Measure, seconds
from planning.bench.imports import MOST, columns_of, floor_of
from planning.bench.walls import checked, taken_back

_TABLE = "customers_customer"
_EDIT = deeds.Deed(deeds.EDIT, {"region": "Bench", "source": "Bench"})
_PLAIN_EDIT = f"""
UPDATE {_TABLE} SET region = 'Bench', source = 'Bench' WHERE tenant_id = %s::uuid AND id = ANY (%s::uuid[])
"""


def measures(company: Company) -> dict[str, Measure]:
    rows = min(company.customers, MOST)
    works = {"import.update": _update, "import.undo": _undo, "bulk.edit": _edit, "bulk.undo": _undo_edit}
    return {name: partial(work, name, company, rows) for name, work in works.items()}


def _update(name: str, company: Company, rows: int) -> Figure:
    """Rows a second of a file that changes each of them, against COPY of as many."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        with taken_back(company):
            took = seconds(partial(_bring_in, _file(Path(folder), rows)))
            _keep(company, copy)
        floor = floor_of({_TABLE: copy})
    return Figure(name, rows / took, "rows/s", rows / floor, rows)


def _undo(name: str, company: Company, rows: int) -> Figure:
    """Seconds to take that file back, against those it took to come in."""
    with tempfile.TemporaryDirectory() as folder, taken_back(company):
        floor = seconds(partial(_bring_in, _file(Path(folder), rows)))
        import_ = Import.objects.latest("created_at")
        took = seconds(partial(checked, partial(undo, import_=import_, actor=None)))
    return Figure(name, took, "s", floor, rows)


def _edit(name: str, company: Company, rows: int) -> Figure:
    """Seconds to change two fields of as many customers, history included, against a plain UPDATE by the owner."""
    with taken_back(company):
        ids = _chosen(rows)
        took = seconds(partial(_edit_each, company, ids))
    return Figure(name, took, "s", _plain_edit(company, ids), rows)


def _undo_edit(name: str, company: Company, rows: int) -> Figure:
    """Seconds to take that edit back, against the same UPDATE."""
    with taken_back(company):
        ids, request = _chosen(rows), uuid7()
        with within_request(request):
            _edit_each(company, ids)
        changes: list[Any] = list(undoing.changes_of(request).values_list("pk", "subject_id"))
        took = seconds(partial(_undo_each, company, changes, request))
    return Figure(name, took, "s", _plain_edit(company, ids), rows)


def _file(folder: Path, rows: int) -> Path:
    path = folder / "update.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(_lines(rows))
    return path


def _lines(rows: int) -> Iterable[list[Any]]:
    yield ["external_id", "phone", "city", "size"]
    for n in range(1, rows + 1):
        yield [f"C-{n}", f"+44 20 {81_000_000 + n}", "Bench", "50-249"]


def _bring_in(path: Path) -> None:
    result = checked(partial(import_file, path=path, kind=Import.Kind.CUSTOMERS, mode=Import.Mode.UPDATE))
    assert result["updated"] == result["rows"], result


def _keep(company: Company, path: Path) -> None:
    """The rows as they are now, under ids of their own."""
    others = {"id": "uuid7()", "external_id": "'U-' || external_id"}
    columns = ", ".join(others.get(name, name) for name in columns_of(_TABLE))
    sql = f"SELECT {columns} FROM {_TABLE} WHERE tenant_id = %s::uuid AND city = 'Bench'"
    with connection.cursor() as cursor, path.open("wb") as file:
        query = cursor.mogrify(sql, [str(company.tenant.pk)]).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT", file)


def _chosen(rows: int) -> list[UUID]:
    return list(Customer.objects.living().order_by("pk").values_list("pk", flat=True)[:rows])


def _batches(things: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(things), BATCH):
        yield things[start : start + BATCH]


def _edit_each(company: Company, ids: list[UUID]) -> None:
    for some in _batches(ids):
        checked(partial(deeds.apply, deed=_EDIT, ids=some, actor=company.admin))


def _undo_each(company: Company, changes: list[tuple[UUID, UUID]], request: UUID) -> None:
    for some in _batches(changes):
        checked(partial(undoing.undo, entries=some, request_id=request, actor=company.admin))


def _plain_edit(company: Company, ids: list[UUID]) -> float:
    with connections["owner"].cursor() as cursor, transaction.atomic(using="owner"):
        cursor.execute(f'ALTER TABLE "{_TABLE}" DISABLE TRIGGER USER, NO FORCE ROW LEVEL SECURITY')
        took = seconds(lambda: cursor.execute(_PLAIN_EDIT, [str(company.tenant.pk), [*map(str, ids)]]))
        transaction.set_rollback(True, using="owner")
    return took
