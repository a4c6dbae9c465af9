"""One row of figures per customer, kept by set-based SQL from what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from crm.models import Tenant
from crm.planner import many_rows
from crm.tenancy.context import current_tenant_id
from customers.models import CustomerStats

HANDED_DOWN = {
    "open_tickets": "integer",
    "satisfaction": "smallint",
    "class_code": "text",
    "stage": "text",
    "rfm_recency": "smallint",
    "rfm_frequency": "smallint",
    "rfm_monetary": "smallint",
    "rfm_segment": "text",
    "churn_probability": "float8",
    "churn_level": "smallint",
    "churn_risk": "text",
    "value_at_risk": "bigint",
    "expected_value": "bigint",
}
SLICE = 200_000
FEW = 1_000

_FIGURES = (
    "orders",
    "spend",
    "orders_12m",
    "spend_12m",
    "first_purchase_on",
    "last_purchase_on",
    "last_contact_at",
    "next_follow_up_at",
)

# Only rows that differ reach the INSERT: a conflict that changes nothing would still lock and dirty its row.
_REFRESH = """
WITH bought AS (
    SELECT customer_id, count(*)::int AS orders, sum(amount_home)::bigint AS spend,
           (count(*) FILTER (WHERE purchased_at >= %(since)s))::int AS orders_12m,
           coalesce(sum(amount_home) FILTER (WHERE purchased_at >= %(since)s), 0)::bigint AS spend_12m,
           (min(purchased_at) AT TIME ZONE %(zone)s)::date AS first_purchase_on,
           (max(purchased_at) AT TIME ZONE %(zone)s)::date AS last_purchase_on
    FROM customers_purchase p WHERE p.tenant_id = %(tenant)s::uuid AND p.purchased_at <= %(at)s {among}
    GROUP BY customer_id
), spoken AS (
    SELECT customer_id, max(happened_at) AS last_contact_at
    FROM customers_interaction p
    WHERE p.tenant_id = %(tenant)s::uuid AND p.kind <> 'note' AND p.happened_at <= %(at)s {among}
    GROUP BY customer_id
), promised AS (
    SELECT customer_id, min(due_at) AS next_follow_up_at
    FROM customers_followup p WHERE p.tenant_id = %(tenant)s::uuid AND p.closed_at IS NULL {among}
    GROUP BY customer_id
), figures AS (
    SELECT c.id AS customer_id, coalesce(orders, 0) AS orders, coalesce(spend, 0) AS spend,
           coalesce(orders_12m, 0) AS orders_12m, coalesce(spend_12m, 0) AS spend_12m,
           first_purchase_on, last_purchase_on, last_contact_at, next_follow_up_at
    FROM customers_customer c
    LEFT JOIN bought ON bought.customer_id = c.id
    LEFT JOIN spoken ON spoken.customer_id = c.id
    LEFT JOIN promised ON promised.customer_id = c.id
    WHERE c.tenant_id = %(tenant)s::uuid {self}
)
INSERT INTO customers_customerstats (tenant_id, id, {columns})
SELECT %(tenant)s::uuid, uuid7(), {values}
FROM figures f
LEFT JOIN customers_customerstats s ON s.tenant_id = %(tenant)s::uuid AND s.customer_id = f.customer_id
WHERE s.id IS NULL OR ({old}) IS DISTINCT FROM ({new})
ON CONFLICT (tenant_id, customer_id) DO UPDATE SET {updates}
"""


@transaction.atomic
def refresh(
    customer_ids: Iterable[UUID] | None = None, *, at: datetime | None = None, among: str = ""
) -> int:
    """Recompute purchases, last contact and next step as of ``at``: of all customers, or of those given.

    ``among`` names a temporary table with a column ``customer_id`` instead. Money is in the company's
    currency, days are its own; the twelve months end on its day of ``at``. Every customer has a row
    afterwards. Gives how many rows changed.
    """
    at = at or timezone.now()
    tenant = Tenant.objects.get(pk=current_tenant_id())
    parameters: dict[str, Any] = {
        "tenant": str(tenant.pk),
        "at": at,
        "zone": tenant.timezone,
        "since": _year_before(tenant, at),
    }
    scope = ""
    few = False
    if customer_ids is not None:
        customer_ids = list(customer_ids)
        scope = "= ANY (%(ids)s::uuid[])"
        parameters["ids"] = _array(customer_ids)
        few = len(customer_ids) <= FEW
    elif among:
        scope = f"IN (SELECT customer_id FROM {connection.ops.quote_name(among)})"
    with nullcontext() if few else many_rows(), connection.cursor() as cursor:
        cursor.execute(_statement(scope), parameters)
        return cursor.rowcount


@transaction.atomic
def hand_down(customer_ids: Sequence[UUID], **columns: Sequence[Any]) -> int:
    """Write upper apps' figures, one value per customer and column (lists or NumPy arrays).

    ``None`` and NaN become NULL. Only rows that differ are written; gives how many.
    """
    unknown = columns.keys() - HANDED_DOWN.keys()
    if unknown or not columns:
        raise TypeError(f"Not figures that are handed down: {sorted(unknown)}")
    if any(len(values) != len(customer_ids) for values in columns.values()):
        raise ValueError("Every column needs one value per customer.")
    return sum(
        _hand_down_slice(
            customer_ids[start : start + SLICE], {n: v[start : start + SLICE] for n, v in columns.items()}
        )
        for start in range(0, len(customer_ids), SLICE)
    )


def _hand_down_slice(customer_ids: Sequence[UUID], columns: dict[str, Sequence[Any]]) -> int:
    names = list(columns)
    sql = f"""
        UPDATE customers_customerstats s SET {", ".join(f"{name} = v.{name}" for name in names)}
        FROM unnest(%s::uuid[], {", ".join(f"%s::{HANDED_DOWN[name]}[]" for name in names)})
             AS v(customer_id, {", ".join(names)})
        WHERE s.tenant_id = %s::uuid AND s.customer_id = v.customer_id
          AND ({", ".join(f"s.{name}" for name in names)}) IS DISTINCT FROM ({", ".join(f"v.{name}" for name in names)})
    """
    arrays: list[Any] = [_array(customer_ids), *(_array(columns[name]) for name in names)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*arrays, str(current_tenant_id())])
        return cursor.rowcount


def _statement(scope: str) -> str:
    columns = ("customer_id", *_FIGURES)
    defaults: list[Any] = [
        f for f in CustomerStats._meta.local_fields if f.column in HANDED_DOWN and not f.null
    ]
    return _REFRESH.format(
        among=f"AND p.customer_id {scope}" if scope else "",
        self=f"AND c.id {scope}" if scope else "",
        columns=", ".join([*columns, *(f.column for f in defaults)]),
        values=", ".join(
            [*(f"f.{name}" for name in columns), *(_literal(f.get_default()) for f in defaults)]
        ),
        old=", ".join(f"s.{name}" for name in _FIGURES),
        new=", ".join(f"f.{name}" for name in _FIGURES),
        updates=", ".join(f"{name} = excluded.{name}" for name in _FIGURES),
    )


def _literal(value: Any) -> str:
    return str(value) if isinstance(value, int) else f"'{value}'"


def _year_before(tenant: Tenant, at: datetime) -> datetime:
    """The moment the twelve months begin that end with the company's day of ``at``."""
    today = tenant.today(at)
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    first = today.replace(year=today.year - 1, day=day) + timedelta(days=1)
    return datetime.combine(first, time(), tenant.zone)


def _array(values: Iterable[Any]) -> str:
    """An array literal: one constant, where ``ARRAY[…]`` would be a node per element to the parser."""
    plain = values.tolist() if hasattr(values, "tolist") else values
    return "{" + ",".join(map(_element, plain)) + "}"


def _element(value: Any) -> str:
    if value is None or value != value:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
