"""What a file says its customers or contacts agreed to, or took back: a word each, with the file as its proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.utils import translation
from django.utils.translation import gettext as _

from crm.webhooks import events
from customers.imports.beside import CONSENTS, SAID_AT
from customers.models import Consent, Import
from customers.services.imports.records import Records
from customers.services.imports.work import ASIDE, Work

SAID = "import_said"
_LINE = "\x01"  # stands for the number of the line, which the database puts in


def added(records: Records, work: Work) -> Records:
    """``records`` with the columns of consents that the file has."""
    given = [name for name in CONSENTS if name in work.fields]
    more = [f"{name} jsonb" for name in given]
    more += [f"{SAID_AT} timestamptz"] if SAID_AT in work.fields else []
    records = replace(records, definition=", ".join([records.definition, *more]))
    if not given:  # a day of which nothing says what was said
        return records
    return replace(
        records,
        refuses={**records.refuses, "withdrawn": _withdrawn(records, work, given)},
        asides=(*records.asides, write),
    )


def _ids(of_customers: bool, row: str = "coalesce(r.target_id, r.new_id)") -> tuple[str, str]:
    """SQL for whose word it is: a contact's of a customer, or the customer's own."""
    return ("r.of_customer", row) if of_customers else (row, "NULL::uuid")


def _standing(
    columns: str, of_customers: bool, customer: str, contact: str, channel: str, purpose: str
) -> str:
    """SQL for the word that counts."""
    whose = f"s.contact_id = {contact}" if of_customers else "s.contact_id IS NULL"
    return (
        f"SELECT {columns} FROM customers_consent s WHERE s.tenant_id = %(tenant)s::uuid "
        f"AND s.customer_id = {customer} AND {whose} AND s.channel = {channel} AND s.purpose = {purpose} "
        "ORDER BY s.at DESC, s.id DESC LIMIT 1"
    )


def _withdrawn(records: Records, work: Work, given: list[str]) -> str:
    """SQL for: the row says yes without a day, to what was taken back."""
    if work.import_.mode == Import.Mode.CREATE:
        return "false"
    undated = f"AND r.{SAID_AT} IS NULL" if SAID_AT in work.fields else ""
    customer, contact = _ids(records.of_customers, "c.id")
    tests = []
    for name in given:
        channel, purpose = (f"'{value}'" for value in CONSENTS[name])
        last = _standing("NOT s.given", records.of_customers, customer, contact, channel, purpose)
        tests.append(
            f"((r.{name} ->> 'given')::boolean AND r.{name} ->> 'at' IS NULL {undated} AND ({last}))"
        )
    return " OR ".join(tests)


def write(work: Work) -> Mapping[str, int]:
    """Add the words that say something new: another than the one that counts, or the same on a later day."""
    of_customers = work.import_.kind == Import.Kind.CONTACTS
    given = [name for name in CONSENTS if name in work.fields]
    customer, contact = _ids(of_customers)
    said_at = f"r.{SAID_AT}" if SAID_AT in work.fields else "NULL::timestamptz"
    words = [f"('{c}', '{p}', r.{name}, %({name})s)" for name in given for c, p in [CONSENTS[name]]]
    known = "AND r.target_id IS NULL" if work.import_.mode == Import.Mode.CREATE else ""
    last = _standing("s.given, s.at", of_customers, "n.customer_id", "n.contact_id", "n.channel", "n.purpose")
    work.run(
        f"""
        CREATE TEMPORARY TABLE {SAID} ON COMMIT DROP AS
        SELECT uuid7() AS id, n.line, n.customer_id, n.contact_id, n.channel, n.purpose, n.given,
               coalesce(n.at, now()) AS at, n.proof
        FROM (
            SELECT r.line, {customer} AS customer_id, {contact} AS contact_id, w.channel, w.purpose,
                   (w.word ->> 'given')::boolean AS given, coalesce((w.word ->> 'at')::timestamptz, {said_at}) AS at,
                   coalesce(w.word ->> 'proof', replace(w.proof, %(mark)s, r.line::text)) AS proof
            FROM import_row r CROSS JOIN LATERAL (VALUES {", ".join(words)}) w (channel, purpose, word, proof)
            WHERE r.fate IS NULL AND w.word IS NOT NULL {known}
        ) n LEFT JOIN LATERAL ({last}) s ON true
        WHERE s.given IS NULL OR n.at > s.at OR (n.at IS NULL AND s.given <> n.given)""",
        mark=_LINE,
        **{name: _proof(work, name) for name in given},
    )
    by = work.import_.created_by_id
    made = work.run(
        f"""
        INSERT INTO customers_consent (tenant_id, id, customer_id, contact_id, channel, purpose, given, at, source,
            proof, author_id, created_at)
        SELECT %(tenant)s::uuid, id, customer_id, contact_id, channel, purpose, given, at, %(source)s, proof,
            %(by)s::uuid, now()
        FROM {SAID} ORDER BY line""",
        source=Consent.Source.IMPORT.value,
        by=by and str(by),
    )
    work.run(f"INSERT INTO {ASIDE} SELECT line FROM {SAID}")
    events.emit_from("consent.given", f"SELECT id FROM {SAID} WHERE given")
    events.emit_from("consent.withdrawn", f"SELECT id FROM {SAID} WHERE NOT given")
    return {"consents": made}


def _proof(work: Work, name: str) -> str:
    """Where it was said, kept for the company and thus in its language."""
    told = {"file": work.import_.file_name, "line": _LINE, "column": work.headings.get(name, name)}
    with translation.override(work.tenant.locale):
        return _("%(file)s, line %(line)s, column “%(column)s”") % told
