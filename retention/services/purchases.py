"""A company's purchases as arrays, read in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import connection

from crm.models import Tenant
from crm.planner import many_rows
from crm.tenancy.context import current_tenant_id
from retention.churn.history import Purchases

# What is recorded within so many days counts as entered as it happens: known from the day it was recorded.
# What is recorded later is history that was brought in; its business date stands in.
AS_IT_HAPPENS = timedelta(days=7)
CUSTOMERS = "churn_customer"

_CUSTOMERS = f"""
DROP TABLE IF EXISTS pg_temp.{CUSTOMERS};
CREATE TEMP TABLE {CUSTOMERS} ON COMMIT DROP AS
SELECT id AS customer_id, (row_number() OVER (ORDER BY id) - 1)::int4 AS n
FROM customers_customer WHERE tenant_id = %s::uuid AND deleted_at IS NULL;
ANALYZE {CUSTOMERS};
SELECT count(*) FROM {CUSTOMERS};
"""  # noqa: S608

# date '0001-01-01' is day 1, as Python counts ordinals.
_PURCHASES = f"""
COPY (
    SELECT c.n, ((p.purchased_at AT TIME ZONE %(zone)s)::date - DATE '0001-01-01' + 1)::int4, p.amount_home::int8
    FROM customers_purchase p JOIN {CUSTOMERS} c ON c.customer_id = p.customer_id
    WHERE p.tenant_id = %(tenant)s::uuid AND p.purchased_at < %(end)s
      AND (p.created_at < %(end)s OR p.created_at - p.purchased_at > %(late)s)
) TO STDOUT (FORMAT binary)
"""  # noqa: S608

_EVERYTHING = datetime(9999, 1, 1).astimezone()
_HEADER, _TRAILER = 19, 2
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        ("a", ">i4"),
        ("customer", ">i4"),
        ("b", ">i4"),
        ("day", ">i4"),
        ("c", ">i4"),
        ("amount", ">i8"),
    ]
)
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Book:
    """The living customers and what they bought.

    ``customers`` is how many there are; the temporary table ``CUSTOMERS`` ties the index used in ``purchases`` to
    their ids until the transaction ends. Amounts are in minor units of the company's currency.
    """

    tenant: Tenant
    customers: int
    purchases: Purchases


def read(*, until: date | None = None) -> Book:
    """What was known at the end of ``until``, a day of the company's; without it, everything."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    end = datetime.combine(until + timedelta(days=1), time(), tenant.zone) if until else _EVERYTHING
    parameters = {"zone": tenant.timezone, "tenant": str(tenant.pk), "end": end, "late": AS_IT_HAPPENS}
    rows = _Rows()
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, [str(tenant.pk)])
        customers = int(cursor.fetchone()[0])
        # The customers' table fits into memory, which the default for small statements does not allow.
        cursor.execute("SET LOCAL work_mem = '128MB'")
        with many_rows():
            cursor.copy_expert(cursor.mogrify(_PURCHASES, parameters).decode(), rows)
        cursor.execute("SET LOCAL work_mem TO DEFAULT")
    return Book(tenant, customers, rows.purchases())


class _Rows:
    """A file that PostgreSQL writes its binary rows into; kept as arrays, a megabyte of rows at a time."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._begun = False
        self._parts: list[tuple[Any, Any, Any]] = []

    def write(self, data: bytes) -> None:
        self._pending += data
        if len(self._pending) >= _CHUNK:
            self._take()

    def purchases(self) -> Purchases:
        self._take(end=_TRAILER)
        columns = zip(*self._parts, strict=True) if self._parts else ([np.empty(0, np.int64)],) * 3
        customer, day, amount = (np.concatenate(column) for column in columns)
        self._parts = []
        return Purchases(customer, day, amount)

    def _take(self, end: int = 0) -> None:
        if not self._begun:
            del self._pending[:_HEADER]
            self._begun = True
        whole = (len(self._pending) - end) // _ROW.itemsize
        rows = np.frombuffer(bytes(self._pending[: whole * _ROW.itemsize]), dtype=_ROW)
        del self._pending[: whole * _ROW.itemsize]
        native = (
            rows["customer"].astype(np.int32),
            rows["day"].astype(np.int32),
            rows["amount"].astype(np.int64),
        )
        self._parts.append(native)
