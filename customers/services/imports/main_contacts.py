"""The contact that a row about a customer names: made, or changed where it differs, with the customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from crm.webhooks import events
from customers.imports.beside import CONTACT, CONTACT_PREFIX
from customers.models import Import
from customers.services.imports import records as writing
from customers.services.imports.kinds import CONTACTS
from customers.services.imports.records import Records
from customers.services.imports.work import ASIDE, NEW_ID, Work, with_ids

STAGED = "import_contact"
_MADE = ("name_norm", "pinyin", "initials", "email_norm", "phone_norm")
# Of a customer without contacts the first one in the file is the main one.
_FIRST = (
    "NOT EXISTS (SELECT FROM customers_contact o WHERE o.tenant_id = %(tenant)s::uuid AND o.customer_id = "
    f'r.of_customer AND o."primary") AND NOT EXISTS (SELECT FROM {STAGED} o WHERE o.of_customer = r.of_customer '
    "AND o.line < r.line AND o.target_id IS NULL)"
)


def added(records: Records, work: Work) -> Records:
    """``records`` with the columns of a contact that the file has."""
    given = _given(work)
    if not given:
        return records
    columns = [f"{CONTACT_PREFIX}{name} text" for name in (*CONTACT, *_MADE)]
    ways = [f"r.{CONTACT_PREFIX}{name} IS NOT NULL" for name in given if name != "name"]
    nobody = (
        f"r.{CONTACT_PREFIX}name IS NULL AND ({' OR '.join(ways)}) AND NOT EXISTS (SELECT FROM customers_contact o "
        'WHERE o.tenant_id = %(tenant)s::uuid AND o.customer_id = c.id AND o."primary")'
    )
    if work.import_.mode == Import.Mode.CREATE:
        nobody = f"r.target_id IS NULL AND {nobody}"
    return replace(
        records,
        definition=", ".join([records.definition, "head bigint", *columns]),
        refuses={**records.refuses, **({"contactless": nobody} if ways else {})},
        joins=f"r.{CONTACT_PREFIX}name IS NOT NULL",
        asides=(*records.asides, write),
    )


def _given(work: Work) -> list[str]:
    """What the file says of contacts, and what lines that look like another may leave to them."""
    left = ("name", "email", "phone") if work.import_.alike == Import.Alike.ONE else ()
    return [name for name in CONTACT if f"{CONTACT_PREFIX}{name}" in work.fields or name in left]


def write(work: Work) -> Mapping[str, int]:
    """Make and change the contacts; a row without a contact's name means the main one."""
    given = frozenset(_given(work))
    _stage(work, given)
    _match(work)
    spec = replace(
        CONTACTS,
        staged=STAGED,
        columns={
            name: cell for name, cell in CONTACTS.columns.items() if name not in ("birthday", "language")
        },
        fixed={**CONTACTS.fixed, '"primary"': _FIRST, "language": "''", "custom": "'{}'::jsonb"},
    )
    inner = replace(work, fields=given)
    work.run(f"INSERT INTO {ASIDE} SELECT line FROM {STAGED} WHERE target_id IS NULL")
    differs = writing.differs(writing.given(spec, inner))
    work.run(
        f"INSERT INTO {ASIDE} SELECT r.line FROM {STAGED} r JOIN customers_contact c "
        f"ON c.tenant_id = %(tenant)s::uuid AND c.id = r.target_id WHERE {differs}"
    )
    made = writing.insert(spec, work)
    writing.update(spec, inner)
    events.emit_from("contact.created", f"SELECT new_id FROM {STAGED} WHERE target_id IS NULL")
    return {"contacts": made}


def _stage(work: Work, given: frozenset[str]) -> None:
    """The contacts of the rows that are taken, and of further rows about the same customer."""
    names = (*CONTACT, *_MADE)
    columns = ", ".join(f"r.{CONTACT_PREFIX}{name} AS {name}" for name in names)
    some = " OR ".join(f"r.{CONTACT_PREFIX}{name} IS NOT NULL" for name in given)
    fresh = "AND h.target_id IS NULL" if work.import_.mode == Import.Mode.CREATE else ""
    work.run(
        with_ids(f"""
        CREATE TEMPORARY TABLE {STAGED} ON COMMIT DROP AS
        SELECT o.line, NULL::text AS fate, {NEW_ID} AS new_id, NULL::uuid AS target_id, o.of_customer,
               {", ".join(f"o.{name}" for name in names)}
        FROM (
            SELECT r.line, coalesce(h.target_id, h.new_id) AS of_customer, {columns}
            FROM import_row r JOIN import_row h ON h.line = coalesce(r.head, r.line) AND h.fate IS NULL
            WHERE (r.fate IS NULL OR r.fate = 'joins') AND ({some}) {fresh} ORDER BY r.line
        ) o""")
    )
    work.run(f"""
        DELETE FROM {STAGED} r USING (
            SELECT unnest((array_agg(line ORDER BY line))[2:]) AS line FROM {STAGED}
            GROUP BY of_customer, name_norm HAVING count(*) > 1
        ) d WHERE d.line = r.line""")
    work.run(f"ANALYZE {STAGED}")


def _match(work: Work) -> None:
    """By name among the customer's contacts; of several who share it the main one, then the oldest."""
    named = "c.name_norm = r.name_norm"
    main = 'r.name IS NULL AND c."primary"'
    work.run(f"""
        UPDATE {STAGED} r SET target_id = m.id FROM (
            SELECT DISTINCT ON (r.line) r.line, c.id FROM {STAGED} r JOIN customers_contact c
            ON c.tenant_id = %(tenant)s::uuid AND c.customer_id = r.of_customer AND ({named} OR {main})
            ORDER BY r.line, c."primary" DESC, c.id
        ) m WHERE m.line = r.line""")
