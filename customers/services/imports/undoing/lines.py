"""The lines of purchases, which the history tells under their purchase."""

from __future__ import annotations

from customers.services.imports.undoing.images import GONE, IMAGES, KEPT, Undo

PARTS, BROKEN = "undo_part", "undo_broken"

_PARTS = f"""
CREATE TEMPORARY TABLE {PARTS} ON COMMIT DROP AS
SELECT i.id AS purchase_id, (p.part ->> 'id')::uuid AS id, p.part - 'id' AS image
FROM {IMAGES} i CROSS JOIN LATERAL jsonb_array_elements(i.after -> 'customers.purchaseline') p (part)
WHERE i.kind = 'parts'
"""

# Purchases whose lines are no longer those the import gave them.
_BROKEN = f"""
CREATE TEMPORARY TABLE {BROKEN} ON COMMIT DROP AS
SELECT DISTINCT coalesce(p.purchase_id, l.purchase_id) AS purchase_id
FROM {PARTS} p FULL JOIN (
    SELECT x.purchase_id, x.id, jsonb_strip_nulls(to_jsonb(x) - '{{id,tenant_id,purchase_id}}'::text[]) AS image
    FROM customers_purchaseline x WHERE x.tenant_id = %(tenant)s::uuid AND x.purchase_id IN (
        SELECT purchase_id FROM {PARTS}
        UNION SELECT id FROM {IMAGES} WHERE model = 'customers.purchase' AND kind = 'insert'
    )
) l ON l.id = p.id WHERE p.image IS DISTINCT FROM l.image
"""

_SPARE = f"""
WITH used AS (DELETE FROM {GONE} g USING {BROKEN} b WHERE b.purchase_id = g.id RETURNING g.id)
INSERT INTO {KEPT} SELECT 'customers.purchase', id, ARRAY['lines'] FROM used
"""

_KEEP_CHANGED = f"""
INSERT INTO {KEPT} SELECT DISTINCT 'customers.purchase', b.purchase_id, ARRAY['lines']
FROM {BROKEN} b JOIN {IMAGES} d ON d.model = 'customers.purchaseline' AND d.kind = 'delete'
     AND (d.before ->> 'purchase_id')::uuid = b.purchase_id
"""

# What they come to stays with the lines that stay.
_KEEP_AMOUNT = f"""
UPDATE {IMAGES} i SET before = i.before - %(amounts)s::text[], after = i.after - %(amounts)s::text[] FROM {BROKEN} b
WHERE i.model = 'customers.purchase' AND i.kind = 'update' AND i.id = b.purchase_id
"""
AMOUNTS = ["amount", "currency", "amount_home"]

_REMOVE = f"""
DELETE FROM customers_purchaseline l USING {GONE} g
WHERE l.tenant_id = %(tenant)s::uuid AND l.purchase_id = g.id
"""

# Of a purchase that was known: the lines of the file make room for those that stood there.
_TAKE_OUT = f"""
DELETE FROM customers_purchaseline l USING {PARTS} p
WHERE l.tenant_id = %(tenant)s::uuid AND l.id = p.id
  AND NOT EXISTS (SELECT FROM {BROKEN} b WHERE b.purchase_id = p.purchase_id)
"""
_PUT_BACK = f"""
INSERT INTO customers_purchaseline (
    tenant_id, id, purchase_id, position, product_id, description, quantity, unit_price, amount
)
SELECT %(tenant)s::uuid, i.id, o.purchase_id, o.position, o.product_id, o.description, o.quantity, o.unit_price,
       o.amount
FROM {IMAGES} i CROSS JOIN LATERAL jsonb_populate_record(NULL::customers_purchaseline, i.before) o
JOIN customers_purchase p ON p.tenant_id = %(tenant)s::uuid AND p.id = o.purchase_id
WHERE i.model = 'customers.purchaseline' AND i.kind = 'delete'
  AND NOT EXISTS (SELECT FROM {BROKEN} b WHERE b.purchase_id = o.purchase_id)
"""


def compare(undo: Undo) -> None:
    """Find purchases whose lines changed since; of those the import made, they are kept."""
    undo.run(f"DROP TABLE IF EXISTS pg_temp.{PARTS}, pg_temp.{BROKEN}")
    undo.run(_PARTS)
    undo.run(f"ANALYZE {PARTS}")
    undo.run(_BROKEN)
    undo.run(_SPARE)
    undo.run(_KEEP_CHANGED)
    undo.run(_KEEP_AMOUNT, amounts=AMOUNTS)


def remove(undo: Undo) -> None:
    """The lines of purchases that go."""
    undo.run(_REMOVE)


def put_back(undo: Undo) -> int:
    """The lines that the import replaced; gives how many came back."""
    undo.run(_TAKE_OUT)
    return undo.run(_PUT_BACK)
