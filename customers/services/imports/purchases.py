"""Purchases from lines: the lines of one order number become one purchase, in the file's order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.numbers import get_currency_precision
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.models import Import
from customers.services.imports import unknown
from customers.services.imports.work import NEW_ID, TOUCHED, Counts, Work, with_ids

DEFINITION = """
    line bigint, fate text, about text, customer_id text, customer_name text, region text, order_no text,
    purchased_at timestamptz, amount numeric, currency text, amount_home numeric, product text, description text,
    quantity numeric(14,3), unit_price numeric(14,4), return_of text
"""

REASONS = {
    "unknown": unknown.REASON,
    "other_customer": gettext_lazy("This order number belongs to another customer."),
    "currencies": gettext_lazy("The order has lines in several currencies."),
    "no_rate": gettext_lazy("The amount in your own currency is needed too (amount_home)."),
    "new": gettext_lazy("There is no such purchase to update."),
    "too_large": gettext_lazy("The amount is too large."),
    "no_return": gettext_lazy("A return has a negative amount and names an order of the same customer."),
}

_IS_LINE = "(l.product IS NOT NULL OR l.description IS NOT NULL OR l.unit_price IS NOT NULL)"
# An order without a number: its lines are those of one customer at one moment; a bare amount stands for itself.
_GROUP = f"""(CASE WHEN l.order_no IS NOT NULL THEN ''
    WHEN {_IS_LINE} THEN l.purchased_at::text ELSE l.line::text END)"""

_ORDERS = f"""
CREATE TEMPORARY TABLE import_order ON COMMIT DROP AS
SELECT uuid7() AS id, NULL::uuid AS purchase_id, NULL::text AS fate, t.customer_id, g.*
FROM (
    SELECT l.customer_id AS customer_key, coalesce(l.order_no, '') AS order_no, {_GROUP} AS part,
           min(l.line) AS first_line, min(l.purchased_at) AS purchased_at, count(*) AS lines,
           coalesce(min(l.currency), %(currency)s) AS currency,
           max(l.currency) IS DISTINCT FROM min(l.currency) AS mixed,
           coalesce(max(l.return_of), '') AS return_of, sum({{amount}}) AS amount,
           CASE WHEN count({{home}}) = count(*) THEN sum({{home}}) END AS amount_home, bool_or({_IS_LINE}) AS detailed
    FROM import_row l GROUP BY 1, 2, 3
) g JOIN {TOUCHED} t USING (customer_key)
ORDER BY g.first_line
"""

_JUDGE = """
UPDATE import_order o SET fate = CASE
    WHEN o.customer_id IS NULL THEN 'unknown'
    WHEN o.mixed THEN 'currencies'
    WHEN abs(o.amount) > 1e17 THEN 'too_large'
    WHEN o.amount_home IS NULL THEN 'no_rate'
    ELSE 'other_customer' END
WHERE o.customer_id IS NULL OR o.mixed OR o.amount_home IS NULL OR abs(o.amount) > 1e17 OR o.first_line IN (
    SELECT unnest((array_agg(first_line ORDER BY first_line))[2:]) FROM import_order
    WHERE order_no <> '' GROUP BY order_no HAVING count(*) > 1
)
"""

_FIND = """
UPDATE import_order o SET purchase_id = p.id, fate = CASE
    WHEN p.customer_id <> o.customer_id THEN 'other_customer'
    WHEN %(frozen)s THEN 'same'
    WHEN (p.purchased_at, p.amount, p.currency, p.amount_home)
         IS DISTINCT FROM (o.purchased_at, o.amount, o.currency, o.amount_home) THEN 'update'
    ELSE 'same' END
FROM customers_purchase p
WHERE o.fate IS NULL AND p.tenant_id = %(tenant)s::uuid AND p.order_no = o.order_no AND p.order_no <> ''
"""

# What is returned may stand in the same file, above or below.
_JUDGE_RETURNS = """
UPDATE import_order o SET fate = 'no_return' WHERE o.fate IS NULL AND o.return_of <> '' AND (o.amount >= 0 OR NOT (
    EXISTS (SELECT FROM customers_purchase p WHERE p.tenant_id = %(tenant)s::uuid AND p.order_no = o.return_of
            AND p.customer_id = o.customer_id)
    OR EXISTS (SELECT FROM import_order p WHERE p.fate IS NULL AND p.order_no = o.return_of AND p.return_of = ''
               AND p.customer_id = o.customer_id)))
"""

_CHANGED_RETURNS = """
UPDATE import_order o SET fate = 'update'
FROM customers_purchase p
LEFT JOIN customers_purchase h ON h.tenant_id = %(tenant)s::uuid AND h.id = p.return_of_id
WHERE o.fate = 'same' AND o.return_of <> '' AND p.tenant_id = %(tenant)s::uuid AND p.id = o.purchase_id
  AND h.order_no IS DISTINCT FROM o.return_of
"""

_TIE_RETURNS = """
UPDATE customers_purchase p SET return_of_id = h.id
FROM import_order o JOIN customers_purchase h
  ON h.tenant_id = %(tenant)s::uuid AND h.order_no = o.return_of AND h.customer_id = o.customer_id
WHERE o.fate IN ('create', 'update') AND o.return_of <> '' AND p.tenant_id = %(tenant)s::uuid
  AND p.id = o.purchase_id AND p.id <> h.id AND p.return_of_id IS DISTINCT FROM h.id
"""

# Without a number, the n-th of several equal purchases is the n-th one that is known.
_FIND_NAMELESS = """
UPDATE import_order o SET purchase_id = p.id, fate = 'same'
FROM (
    SELECT id, customer_id, purchased_at, amount, currency,
           row_number() OVER (PARTITION BY customer_id, purchased_at, amount, currency ORDER BY first_line) AS nth
    FROM import_order WHERE fate IS NULL AND order_no = ''
) n JOIN (
    SELECT id, customer_id, purchased_at, amount, currency,
           row_number() OVER (PARTITION BY customer_id, purchased_at, amount, currency ORDER BY id) AS nth
    FROM customers_purchase WHERE tenant_id = %(tenant)s::uuid AND order_no = ''
      AND customer_id IN (SELECT customer_id FROM import_order WHERE order_no = '')
) p USING (customer_id, purchased_at, amount, currency, nth)
WHERE o.id = n.id
"""

_PRODUCTS = """
INSERT INTO customers_product (tenant_id, id, code, name, category, active, created_at)
SELECT %(tenant)s::uuid, uuid7(), f.code, coalesce(l.description, f.code), '', true, now()
FROM (
    SELECT product AS code, coalesce(min(line) FILTER (WHERE description IS NOT NULL), min(line)) AS line
    FROM import_row WHERE fate IS NULL AND product IS NOT NULL GROUP BY product
) f JOIN import_row l USING (line)
WHERE NOT EXISTS (SELECT FROM customers_product p WHERE p.tenant_id = %(tenant)s::uuid AND p.code = f.code)
ORDER BY f.line
"""

# What differs from the product's name stays with the line.
_LINES = f"""
CREATE TEMPORARY TABLE import_line ON COMMIT DROP AS
SELECT o.id AS order_id, o.purchase_id, row_number() OVER (PARTITION BY o.first_line ORDER BY l.line) AS position,
       p.id AS product_id, CASE WHEN l.description = p.name THEN '' ELSE coalesce(l.description, '') END AS description,
       coalesce(l.quantity, 1)::numeric(14,3) AS quantity,
       coalesce(l.unit_price, round(l.amount / nullif(coalesce(l.quantity, 1), 0), 4), 0)::numeric(14,4) AS unit_price,
       {{amount}}::bigint AS amount
FROM import_order o
JOIN import_row l ON l.customer_id = o.customer_key AND coalesce(l.order_no, '') = o.order_no AND {_GROUP} = o.part
LEFT JOIN customers_product p ON p.tenant_id = %(tenant)s::uuid AND p.code = l.product
WHERE o.detailed AND o.fate IN ('create', 'same', 'update')
ORDER BY o.first_line, l.line
"""

_CHANGED_LINES = """
UPDATE import_order o SET fate = 'update' WHERE o.fate = 'same' AND o.purchase_id IN (
    SELECT coalesce(f.purchase_id, s.purchase_id)
    FROM (SELECT * FROM import_line WHERE purchase_id IS NOT NULL) f
    FULL JOIN (
        SELECT purchase_id, position, product_id, description, quantity, unit_price, amount
        FROM customers_purchaseline WHERE tenant_id = %(tenant)s::uuid AND purchase_id IN (
            SELECT purchase_id FROM import_order WHERE fate = 'same' AND detailed
        )
    ) s ON s.purchase_id = f.purchase_id AND s.position = f.position
    WHERE (f.product_id, f.description, f.quantity, f.unit_price, f.amount)
          IS DISTINCT FROM (s.product_id, s.description, s.quantity, s.unit_price, s.amount)
)
"""

_INSERT = """
INSERT INTO customers_purchase (
    tenant_id, id, customer_id, order_no, purchased_at, amount, currency, amount_home, created_at
)
SELECT %(tenant)s::uuid, id, customer_id, order_no, purchased_at, amount, currency, amount_home, now()
FROM import_order WHERE fate = 'create' ORDER BY first_line
"""

_INSERT_LINES = f"""
INSERT INTO customers_purchaseline (
    tenant_id, id, purchase_id, position, product_id, description, quantity, unit_price, amount
)
SELECT %(tenant)s::uuid, {NEW_ID}, o.purchase_id, l.position, l.product_id, l.description, l.quantity,
       l.unit_price, l.amount
FROM import_line l JOIN import_order o ON o.id = l.order_id WHERE o.fate = %(fate)s
"""

_UPDATE = """
UPDATE customers_purchase p
SET purchased_at = o.purchased_at, amount = o.amount, currency = o.currency, amount_home = o.amount_home
FROM import_order o
WHERE o.fate = 'update' AND p.tenant_id = %(tenant)s::uuid AND p.id = o.purchase_id
  AND (p.purchased_at, p.amount, p.currency, p.amount_home)
      IS DISTINCT FROM (o.purchased_at, o.amount, o.currency, o.amount_home)
"""

_DELETE_LINES = """
DELETE FROM customers_purchaseline WHERE tenant_id = %(tenant)s::uuid
  AND purchase_id IN (SELECT purchase_id FROM import_order WHERE fate = 'update' AND detailed)
"""

_TELL_ROWS = f"""
UPDATE import_row l SET fate = o.fate, about = CASE WHEN o.fate = 'unknown' THEN o.customer_key ELSE o.order_no END
FROM import_order o
WHERE o.fate = ANY (%(fates)s) AND l.customer_id = o.customer_key AND coalesce(l.order_no, '') = o.order_no
  AND {_GROUP} = o.part
"""


def rule(read: Mapping[str, list[Any]]) -> tuple[list[int], str]:
    """A row needs an amount or a unit price; gives the positions of those without, and the reason."""
    sums = [read[name] for name in ("amount", "unit_price") if name in read]
    if any(None not in column for column in sums):
        return [], ""
    without = [
        at for at, found in enumerate(zip(*sums, strict=True)) if all(value is None for value in found)
    ]
    return without, _("neither an amount nor a unit price")


def write(work: Work) -> Counts:
    """Write what is staged; orders that are known are compared, and changed only where they differ."""
    made = {"customers": unknown.settle_customers(work)}
    known = _settle_orders(work)
    made["products"] = work.run(_PRODUCTS)
    _settle_lines(work)
    if known and work.import_.mode != Import.Mode.CREATE:
        work.run(_CHANGED_LINES)
        if "return_of" in work.fields:
            work.run(_CHANGED_RETURNS)
    made["purchases"] = work.run(_INSERT)
    work.run("UPDATE import_order SET purchase_id = id WHERE fate = 'create'")
    made["lines"] = work.run(with_ids(_INSERT_LINES), fate="create")
    if work.ask("SELECT 1 FROM import_order WHERE fate = 'update' LIMIT 1"):
        work.run(_UPDATE)
        work.run(_DELETE_LINES)
        work.run(with_ids(_INSERT_LINES), fate="update")
    if "return_of" in work.fields:
        work.run(_TIE_RETURNS)
    by_fate = dict(work.ask("SELECT fate, sum(lines)::bigint FROM import_order GROUP BY 1"))
    created, updated, same = (int(by_fate.get(fate, 0)) for fate in ("create", "update", "same"))
    return Counts(created, updated, same, made=made, waiting=unknown.waiting(work))


def _settle_orders(work: Work) -> int:
    """Build the orders, find those that are known, refuse those that cannot be; how many are known."""
    cents, home = _amounts(work)
    work.run(_ORDERS.format(amount=cents, home=home), currency=work.tenant.currency)
    work.run("ANALYZE import_order")
    work.run(_JUDGE)
    if "return_of" in work.fields:
        work.run(_JUDGE_RETURNS)
    known = work.run(_FIND, frozen=work.import_.mode == Import.Mode.CREATE)
    if work.ask("SELECT 1 FROM import_order WHERE order_no = '' LIMIT 1"):
        known += work.run(_FIND_NAMELESS)
    fresh = "new" if work.import_.mode == Import.Mode.UPDATE else "create"
    work.run("UPDATE import_order SET fate = %(fresh)s WHERE fate IS NULL", fresh=fresh)
    if work.ask("SELECT 1 FROM import_order WHERE fate = ANY (%(fates)s) LIMIT 1", fates=list(REASONS)):
        _hashed(work, _TELL_ROWS, fates=list(REASONS))
        work.rejects.rows += work.reject(REASONS)
    work.run("ANALYZE import_order")
    return known


def _settle_lines(work: Work) -> None:
    cents, _home = _amounts(work)
    _hashed(work, _LINES.format(amount=cents))
    work.run("ANALYZE import_line")


def _hashed(work: Work, sql: str, **parameters: Any) -> None:
    """Run a join of staged rows by expressions, whose size the planner cannot guess: never row by row."""
    work.run("SET LOCAL enable_nestloop = off")
    work.run(sql, **parameters)
    work.run("SET LOCAL enable_nestloop = on")


def _amounts(work: Work) -> tuple[str, str]:
    """SQL for a line's amount in minor units, half up, and for the same in the company's currency."""
    factor = str(10 ** get_currency_precision(work.tenant.currency))
    own = f"(l.currency IS NULL OR l.currency = '{work.tenant.currency}')"
    paid = factor
    if "currency" in work.fields:
        found = [
            row[0] for row in work.ask("SELECT DISTINCT currency FROM import_row WHERE currency IS NOT NULL")
        ]
        cases = "".join(f" WHEN '{code}' THEN {10 ** get_currency_precision(code)}" for code in found)
        paid = f"(CASE l.currency{cases} ELSE {factor} END)" if cases else factor
    cents = f"round(coalesce(l.amount, coalesce(l.quantity, 1) * l.unit_price) * {paid})"
    return cents, f"CASE WHEN {own} THEN {cents} ELSE round(l.amount_home * {factor}) END"
