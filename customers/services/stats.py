"""One row of figures per customer, kept by set-based SQL from what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from crm.models import Tenant
from crm.planner import by_index, many_rows
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
}
SLICE = 200_000
# Beyond so many customers one pass over all purchases is quicker than looking each one's up.
MANY = 50_000


class Part(NamedTuple):
    """Figures that come from one table: what its rows give a customer, and which rows count."""

    columns: tuple[str, ...]
    select: str
    rows: str


PARTS = {
    "bought": Part(
        ("orders", "spend", "orders_12m", "spend_12m", "first_purchase_on", "last_purchase_on"),
        # A return lowers what was spent and is no purchase: it makes nobody buy more often, or more lately.
        """(count(*) FILTER (WHERE amount_home >= 0))::int AS orders, coalesce(sum(amount_home), 0)::bigint AS spend,
            (count(*) FILTER (WHERE amount_home >= 0 AND purchased_at >= %(since)s))::int AS orders_12m,
            coalesce(sum(amount_home) FILTER (WHERE purchased_at >= %(since)s), 0)::bigint AS spend_12m,
            (min(purchased_at) FILTER (WHERE amount_home >= 0) AT TIME ZONE %(zone)s)::date AS first_purchase_on,
            (max(purchased_at) FILTER (WHERE amount_home >= 0) AT TIME ZONE %(zone)s)::date AS last_purchase_on""",
        "customers_purchase p WHERE p.tenant_id = %(tenant)s::uuid AND p.purchased_at <= %(at)s",
    ),
    "spoken": Part(
        ("last_contact_at",),
        "max(happened_at) AS last_contact_at",
        "customers_interaction p WHERE p.tenant_id = %(tenant)s::uuid AND p.kind <> 'note' "
        "AND p.happened_at <= %(at)s",
    ),
    "promised": Part(
        ("next_follow_up_at",),
        "min(due_at) AS next_follow_up_at",
        "customers_followup p WHERE p.tenant_id = %(tenant)s::uuid AND p.closed_at IS NULL",
    ),
}
_KNOWN = "s.customer_id IS NOT NULL"
_ZERO = frozenset({"orders", "spend", "orders_12m", "spend_12m"})

# Only rows that differ are written: a change to the same would still lock and dirty its row.
_CHANGE = """changed AS (
    UPDATE customers_customerstats s SET {sets} FROM figures f
    WHERE s.tenant_id = %(tenant)s::uuid AND s.customer_id = f.customer_id AND ({old}) IS DISTINCT FROM ({new})
    RETURNING 1
)"""
_OPEN = """opened AS (
    INSERT INTO customers_customerstats (tenant_id, customer_id, {columns})
    SELECT %(tenant)s::uuid, f.customer_id, {values} FROM figures f WHERE NOT f.known
    ON CONFLICT (tenant_id, customer_id) {otherwise}
    RETURNING 1
)"""


@transaction.atomic
def refresh(
    customer_ids: Iterable[UUID] | None = None,
    *,
    at: datetime | None = None,
    among: str = "",
    parts: Sequence[str] = tuple(PARTS),
) -> int:
    """Recompute purchases, last contact and next step as of ``at``: of all customers, or of those given.

    ``among`` names a temporary table with a column ``customer_id`` instead; ``parts`` says which figures
    may have changed (none: only open rows for customers that have none). Money is in the company's
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
    touched, count = "", None
    with connection.cursor() as cursor:
        if customer_ids is not None:
            ids = list(customer_ids)
            parameters["ids"] = _array(ids)
            touched, count = "(SELECT unnest(%(ids)s::uuid[]) AS customer_id)", len(ids)
        elif among:
            touched = connection.ops.quote_name(among)
            cursor.execute(f"SELECT count(*) FROM {touched}")
            (count,) = cursor.fetchone()
        with by_index() if count is not None and count <= MANY else many_rows():
            wanted = [PARTS[name] for name in parts]
            cursor.execute(_statement(wanted, _figures(wanted, touched, count)), parameters)
            (written,) = cursor.fetchone()
    return int(written)


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


def _figures(parts: Sequence[Part], touched: str, count: int | None) -> str:
    """SQL for the parts' figures of the ``count`` customers in the relation ``touched``; of all, where it is blank.

    ``known`` tells who has a row already.
    """
    if count is not None and (count <= MANY or not parts):
        return _of_some(parts, touched)
    names = ", ".join(
        f"coalesce(p{n}.{name}, 0) AS {name}" if name in _ZERO else f"p{n}.{name}"
        for n, part in enumerate(parts)
        for name in part.columns
    )
    joins = " ".join(
        f"LEFT JOIN (SELECT customer_id, {part.select} FROM {part.rows} GROUP BY 1) p{n} ON p{n}.customer_id = c.id"
        for n, part in enumerate(parts)
    )
    among = f"AND c.id IN (SELECT customer_id FROM {touched})" if touched else ""
    return (
        f"SELECT c.id AS customer_id, {_KNOWN} AS known, {names} FROM customers_customer c {_rows_of('c.id')} {joins} "
        f"WHERE c.tenant_id = %(tenant)s::uuid {among}"
    )


def _of_some(parts: Sequence[Part], touched: str) -> str:
    """Customer by customer, by their indexes: what some customers did is looked up, not filtered out of everything."""
    joins = " ".join(
        f"CROSS JOIN LATERAL (SELECT {part.select} FROM {part.rows} AND p.customer_id = c.customer_id) p{n}"
        for n, part in enumerate(parts)
    )
    return f"""
        SELECT c.*{"".join(f", p{n}.*" for n in range(len(parts)))}
        FROM (
            SELECT DISTINCT t.customer_id, {_KNOWN} AS known FROM {touched} t
            JOIN customers_customer k ON k.tenant_id = %(tenant)s::uuid AND k.id = t.customer_id {_rows_of("k.id")}
            ORDER BY t.customer_id
        ) c {joins}"""


def _rows_of(customer: str) -> str:
    return (
        "LEFT JOIN customers_customerstats s "
        f"ON s.tenant_id = %(tenant)s::uuid AND s.customer_id = {customer}"
    )


def _statement(parts: Sequence[Part], figures: str) -> str:
    ours = [name for part in parts for name in part.columns]
    handed: list[Any] = [
        f for f in CustomerStats._meta.local_fields if f.column in HANDED_DOWN and not f.null
    ]
    zeros = [*handed, *(CustomerStats._meta.get_field(name) for name in sorted(_ZERO - set(ours)))]
    updates = ", ".join(f"{name} = excluded.{name}" for name in ours)
    steps = [f"figures AS MATERIALIZED ({figures})"]
    if ours:
        steps.append(
            _CHANGE.format(
                sets=", ".join(f"{name} = f.{name}" for name in ours),
                old=", ".join(f"s.{name}" for name in ours),
                new=", ".join(f"f.{name}" for name in ours),
            )
        )
    steps.append(
        _OPEN.format(
            columns=", ".join([*ours, *(f.column for f in zeros)]),
            values=", ".join([*(f"f.{name}" for name in ours), *(_literal(f.get_default()) for f in zeros)]),
            otherwise=f"DO UPDATE SET {updates}" if ours else "DO NOTHING",
        )
    )
    counts = " + ".join(
        f"(SELECT count(*) FROM {name})" for name in ["opened", *(["changed"] if ours else [])]
    )
    return f"WITH {', '.join(steps)} SELECT {counts}"


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
