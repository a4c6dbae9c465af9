"""Customers that a file speaks of and nobody knows yet."""

from __future__ import annotations

import csv
import io

from django.db import connection
from django.utils.translation import gettext_lazy as _

from crm.webhooks import events
from customers.imports import columns as cells
from customers.models import Customer, Import
from customers.services.imports.work import TOUCHED, Work

REASON = _("There is no customer with this external id.")

_RECORD_ID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


def record_id(text: str) -> str:
    """SQL for a text as the id of a record, NULL where it is none."""
    return f"(CASE WHEN {text} ~* '{_RECORD_ID}' THEN {text}::uuid END)"


_KNOWN = f"""
CREATE TEMPORARY TABLE {TOUCHED} ON COMMIT DROP AS
SELECT r.customer_key, r.first_line, r.name, r.region,
       coalesce(c.merged_into_id, c.id) AS customer_id
FROM (
    SELECT customer_id AS customer_key, min(line) AS first_line, {{name}} AS name, {{region}} AS region
    FROM import_row GROUP BY 1
) r LEFT JOIN customers_customer c ON c.tenant_id = %(tenant)s::uuid AND c.external_id = r.customer_key
    AND c.external_id <> ''
"""

# An export names a customer without an external id by the record's own.
_KNOWN_BY_RECORD = f"""
UPDATE {TOUCHED} t SET customer_id = coalesce(c.merged_into_id, c.id) FROM customers_customer c
WHERE t.customer_id IS NULL AND c.tenant_id = %(tenant)s::uuid AND c.id = {record_id("t.customer_key")}
"""

# A list of visits names customers as people do; a name that several bear means nobody.
_KNOWN_BY_NAME = f"""
UPDATE {TOUCHED} t SET customer_id = n.id FROM (
    SELECT t.customer_key, (array_agg(c.id))[1] AS id FROM {TOUCHED} t
    JOIN customers_customer c ON c.tenant_id = %(tenant)s::uuid AND c.deleted_at IS NULL
      AND c.name_norm = lower(regexp_replace(btrim(t.customer_key), '\\s+', ' ', 'g')) COLLATE "C"
    WHERE t.customer_id IS NULL GROUP BY 1 HAVING count(*) = 1
) n WHERE n.customer_key = t.customer_key
"""

_NEW = """
CREATE TEMPORARY TABLE import_unknown (
    id uuid DEFAULT uuid7(), external_id text, name text, region text, name_norm text, pinyin text, initials text
) ON COMMIT DROP
"""

_INSERT = """
INSERT INTO customers_customer (
    tenant_id, id, kind, external_id, name, region, name_norm, pinyin, initials, review, created_at, updated_at,
    version, email, phone, website, industry, size, city, address, gender, language, source, notes,
    email_norm, phone_norm
)
SELECT %(tenant)s::uuid, id, 'company', external_id, name, coalesce(region, ''), name_norm, coalesce(pinyin, ''),
       coalesce(initials, ''), %(review)s, now(), now(), 1, '', '', '', '', '', '', '', '', '', '', '', '', ''
FROM import_unknown
"""


def settle_customers(work: Work) -> int:
    """Find the customers of the staged rows, making those that are unknown if the import says so.

    Afterwards the temporary table of touched customers maps each ``customer_key`` to its
    ``customer_id``, NULL where unknown ones are refused. Gives how many were made.
    """
    name = "min(customer_name)" if "customer_name" in work.fields else "NULL::text"
    region = "min(region)" if "region" in work.fields else "NULL::text"
    work.run(_KNOWN.format(name=name, region=region))
    work.run(_KNOWN_BY_RECORD)
    if work.import_.kind == Import.Kind.VISITS:
        work.run(_KNOWN_BY_NAME)
    work.run(f"ANALYZE {TOUCHED}")
    if work.import_.unknown == Import.Unknown.REJECT:
        return 0
    unknown = work.ask(
        f"SELECT customer_key, name, region FROM {TOUCHED} WHERE customer_id IS NULL ORDER BY first_line"
    )
    if not unknown:
        return 0
    work.run(_NEW)
    _copy_unknown(unknown)
    waiting = work.import_.unknown == Import.Unknown.REVIEW
    made = work.run(_INSERT, review=Customer.Review.WAITING if waiting else Customer.Review.ACCEPTED)
    events.emit_from("customer.created", "SELECT id FROM import_unknown")
    work.run(
        f"UPDATE {TOUCHED} t SET customer_id = n.id FROM import_unknown n WHERE n.external_id = t.customer_key"
    )
    return made


def waiting(work: Work) -> int:
    """How many of the customers that the staged rows are of wait for review, made by this file or an earlier one."""
    return int(
        work.ask(
            f"SELECT count(DISTINCT c.id) FROM {TOUCHED} t JOIN customers_customer c "
            "ON c.tenant_id = %(tenant)s::uuid AND c.id = t.customer_id "
            "WHERE c.review = %(review)s AND c.deleted_at IS NULL",
            review=Customer.Review.WAITING,
        )[0][0]
    )


def _copy_unknown(unknown: list[tuple[str, str | None, str | None]]) -> None:
    names = [name or key for key, name, _region in unknown]
    norms, spelled = cells.name_norms(list(names)), cells.pinyins(list(names))
    rows = zip(unknown, names, norms, spelled, strict=True)
    out = io.StringIO()
    csv.writer(out).writerows(
        (key, name, region, norm, *pinyin) for (key, _n, region), name, norm, pinyin in rows
    )
    out.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            "COPY import_unknown (external_id, name, region, name_norm, pinyin, initials) FROM STDIN (FORMAT csv)",
            out,
        )
