"""How fast files come in, history included, against COPY of the same rows by the tables' owner.

Both are rolled back once they are measured. They take turns, and of the rounds the one with the middle ratio counts:
the first import reads from the disk what everything after it finds in memory.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.db import connection, connections, transaction

from customers.models import Import
from customers.services.imports import import_file
from planning.bench import words
from planning.bench.company import OWNERS, PRODUCTS, Company
from planning.bench.figures import Figure, Measure, seconds
from planning.bench.walls import checked, taken_back

MOST = 100_000
ROUNDS = 3
# Lines of an order, orders of a customer: as in a shop's file, and one small order each.
USUAL, SMALL = (20, 4), (4, 1)

_CUSTOMERS = "external_id LIKE 'I-%%'"
_PURCHASES = "order_no LIKE 'I-%%'"
_LINES = f"purchase_id IN (SELECT id FROM customers_purchase WHERE tenant_id = %s::uuid AND {_PURCHASES})"


def measures(company: Company) -> dict[str, Measure]:
    rows = min(company.customers, MOST)
    orders = {"customers_purchase": _PURCHASES, "customers_purchaseline": _LINES}
    return {
        "import.customers": partial(
            _figure, "import.customers", company, Import.Kind.CUSTOMERS, partial(_customers, company, rows),
            {"customers_customer": _CUSTOMERS},
        ),
        "import.purchase_lines": partial(
            _figure, "import.purchase_lines", company, Import.Kind.PURCHASES, partial(_purchases, rows, *USUAL), orders,
        ),
        "import.small_orders": partial(
            _figure, "import.small_orders", company, Import.Kind.PURCHASES, partial(_purchases, rows, *SMALL), orders,
        ),
    }  # fmt: skip


def _customers(company: Company, rows: int) -> Iterable[list[Any]]:
    yield ["external_id", "name", "kind", "email", "phone", "industry", "size", "region", "city", "owner"]
    for n in range(rows):
        name = (
            f"{words.REGIONS_HAN[n % 10]}{words.BRANDS_HAN[n % 17]}{words.TRADES_HAN[n % 7]}有限公司"
            if n % 3 == 0
            else f"{words.FIRST[n % 37]} {words.SECOND[n % 31]} {words.SUFFIX[n % 5]}"
        )
        yield [
            f"I-{n}", name, "company", f"desk{n}@import.example", f"+44 20 {71_000_000 + n}",
            words.INDUSTRIES[n % 10], words.SIZES[n % 7], words.REGIONS[n % 6], words.CITIES[n % 8],
            f"owner{1 + n % OWNERS}@{company.tenant.slug}.example",
        ]  # fmt: skip


def _purchases(rows: int, lines: int, orders: int) -> Iterable[list[Any]]:
    """So many order lines: ``lines`` to an order, ``orders`` to a customer."""
    yield ["customer_id", "order_no", "purchased_at", "product", "description", "quantity", "unit_price"]
    for n in range(rows):
        order, product = n // lines, n * 7 % PRODUCTS
        day = f"2025-{1 + order % 12:02}-{1 + order % 28:02} {order % 24:02}:30"
        yield [
            f"C-{1 + order // orders}", f"I-{order}", day, f"S-{product}", f"Service {product}", 1 + n % 5,
            f"{5 + product}.50",
        ]  # fmt: skip


def _figure(
    name: str, company: Company, kind: str, rows: Callable[[], Iterable[list[Any]]], tables: dict[str, str]
) -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{kind}.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows())
        copies = {table: Path(folder, table) for table in tables}
        found = []
        for _round in range(ROUNDS):
            count, took = _import(company, path, kind, tables, copies)
            floor = floor_of(copies)
            found.append(Figure(name, count / took, "rows/s", count / floor, count))
    return sorted(found, key=lambda figure: figure.value / figure.floor)[ROUNDS // 2]


def _import(
    company: Company, path: Path, kind: str, tables: dict[str, str], copies: dict[str, Path]
) -> tuple[int, float]:
    """Rows and seconds of the import, its deferred checks included; what it wrote is kept in ``copies``."""
    results: list[dict[str, Any]] = []
    with taken_back(company):
        took = seconds(lambda: results.append(checked(partial(import_file, path=path, kind=kind))))
        for table, which in tables.items():
            with copies[table].open("wb") as file:
                _keep(company, table, which, file)
    assert results[0]["rejected"] == 0, results[0]["first_errors"]
    return int(results[0]["rows"]), took


def _keep(company: Company, table: str, which: str, file: IO[bytes]) -> None:
    sql = f"SELECT {', '.join(columns_of(table))} FROM {table} WHERE tenant_id = %s::uuid AND {which}"
    with connection.cursor() as cursor:
        query = cursor.mogrify(sql, [str(company.tenant.pk)] * sql.count("%s")).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT", file)


def columns_of(table: str) -> list[str]:
    """Quoted, without those the database works out itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
            "AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]


def floor_of(copies: dict[str, Path]) -> float:
    """Seconds of COPY by the owner into the very tables, with all their rows, indexes and keys, but without policies
    and history; rolled back. What ``ALTER`` locks stays locked until then."""
    with connections["owner"].cursor() as cursor, transaction.atomic(using="owner"):
        for table in copies:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER, NO FORCE ROW LEVEL SECURITY')
        took = seconds(lambda: _copy(cursor, copies))
        transaction.set_rollback(True, using="owner")
    return took


def _copy(cursor: Any, copies: dict[str, Path]) -> None:
    for table, path in copies.items():
        with path.open("rb") as file:
            cursor.copy_expert(f'COPY "{table}" ({", ".join(columns_of(table))}) FROM STDIN', file)
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
