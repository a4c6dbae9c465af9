"""How customers, contacts, products, interactions and contracts are staged and written."""

from __future__ import annotations

import json
from dataclasses import replace

from babel.numbers import get_currency_precision, list_currencies

from customers.imports.custom import RECORDS
from customers.models import Import
from customers.models.contracts import REMIND_DAYS
from customers.models.custom import FieldKind
from customers.selectors.custom import fields_of
from customers.services.imports.records import Cell, Records
from customers.services.imports.work import NEW_ID, Work

_ROW = f"line bigint, fate text, about text, new_id uuid DEFAULT {NEW_ID}, target_id uuid"
_NORMS = "name_norm text, pinyin text, initials text, email_norm text, phone_norm text"


def _cell(field: str, otherwise: str = "''") -> Cell:
    return Cell(field, f"r.{field}", otherwise)


def _texts(*names: str) -> dict[str, Cell]:
    return {name: _cell(name) for name in names}


def _made_from(field: str, *names: str) -> dict[str, Cell]:
    """Columns that change with a field, to nothing too."""
    return {
        name: Cell(field, f"CASE WHEN r.{field} IS NOT NULL THEN coalesce(r.{name}, '') END", "''")
        for name in names
    }


_SEARCHED = {
    **_made_from("name", "name_norm", "pinyin", "initials"),
    **_made_from("email", "email_norm"),
    **_made_from("phone", "phone_norm"),
}
_CUSTOMER_OF = Cell("", "r.of_customer", "NULL")

CUSTOMERS = Records(
    table="customers_customer",
    definition=f"""{_ROW}, record_id uuid, external_id text, name text, kind text, email text, phone text, website text,
        industry text, size text, region text, city text, postcode text, address text, birthday date, gender text,
        language text, source text, owner uuid, notes text, created_at timestamptz, custom jsonb, {_NORMS}""",
    columns={
        "external_id": _cell("external_id"),
        "name": _cell("name"),
        "kind": _cell(
            "kind",
            "CASE WHEN r.gender IS NOT NULL OR r.birthday IS NOT NULL THEN 'person' ELSE 'company' END",
        ),
        **_texts("email", "phone", "website", "industry", "size", "region", "city", "postcode", "address"),
        "birthday": _cell("birthday", "NULL"),
        **_texts("gender", "language", "source"),
        "owner_id": _cell("owner", "NULL"),
        "notes": _cell("notes"),
        "created_at": _cell("created_at", "now()"),
        **_SEARCHED,
    },
    keys={
        "record_id": (("r.record_id", "c.id"),),
        "external_id": (("r.external_id", "c.external_id"),),
        "email": (("r.email_norm", "c.email_norm"),),
        "phone": (("r.phone_norm", "c.phone_norm"),),
        "name": (("r.name_norm", "c.name_norm"),),
    },
    fallback=(("r.name_norm", "c.name_norm"), ("''", "c.external_id")),
    unique="external_id",
    needs="name",
    deletable=True,
    versioned=True,
    fixed={"review": "'accepted'", "updated_at": "now()", "version": "1"},
)

_SAME_NAME = (("r.of_customer", "c.customer_id"), ("r.name_norm", "c.name_norm"))
CONTACTS = Records(
    table="customers_contact",
    definition=f"""{_ROW}, customer_id text, of_customer uuid, record_id uuid, name text, job_title text, role text,
        email text, phone text, birthday date, language text, custom jsonb, {_NORMS}""",
    columns={
        "customer_id": _CUSTOMER_OF,
        "name": _cell("name"),
        "job_title": _cell("job_title"),
        "role": _cell("role", "'other'"),
        **_texts("email", "phone", "language"),
        "birthday": _cell("birthday", "NULL"),
        **_SEARCHED,
    },
    keys={
        "record_id": (("r.of_customer", "c.customer_id"), ("r.record_id", "c.id")),
        "name": _SAME_NAME,
        "email": (("r.of_customer", "c.customer_id"), ("r.email_norm", "c.email_norm")),
    },
    fallback=_SAME_NAME,
    of_customers=True,
    needs="name",
    versioned=True,
    fixed={
        "created_at": "now()",
        "version": "1",
        '"primary"': "NOT EXISTS (SELECT FROM customers_contact o WHERE o.tenant_id = %(tenant)s::uuid "
        'AND o.customer_id = r.of_customer AND o."primary") AND NOT EXISTS (SELECT FROM import_row o '
        "WHERE o.of_customer = r.of_customer AND o.line < r.line AND o.fate IS NULL AND o.target_id IS NULL)",
    },
)

_SAME_TALK = (
    ("r.of_customer", "c.customer_id"),
    ("r.happened_at", "c.happened_at"),
    ("coalesce(r.kind, 'note')", "c.kind"),
    ("coalesce(r.text, '')", "c.text"),
)

INTERACTIONS = Records(
    table="customers_interaction",
    definition=f"""{_ROW}, customer_id text, of_customer uuid, external_id text, happened_at timestamptz, kind text,
        channel text, direction text, text text, outcome text, author uuid""",
    columns={
        "customer_id": _CUSTOMER_OF,
        "external_id": _cell("external_id"),
        "happened_at": _cell("happened_at", "now()"),
        "kind": _cell("kind", "'note'"),
        "channel": _cell(
            "channel",
            "CASE r.kind WHEN 'call' THEN 'phone' WHEN 'visit' THEN 'visit' WHEN 'email' THEN 'email' "
            "WHEN 'message' THEN 'message' ELSE 'other' END",
        ),
        "direction": _cell(
            "direction", "CASE WHEN coalesce(r.kind, 'note') = 'note' THEN 'none' ELSE 'out' END"
        ),
        **_texts("text", "outcome"),
        "author_id": _cell("author", "NULL"),
    },
    keys={"external_id": (("r.external_id", "c.external_id"),), "happened_at": _SAME_TALK},
    fallback=(*_SAME_TALK, ("''", "c.external_id")),
    of_customers=True,
    unique="external_id",
    fixed={"created_at": "now()"},
    twins=True,
)


def visits(work: Work) -> Records:
    """Visits; a row may also name the next step, which becomes a follow-up (``write_next_steps``)."""
    same = (*_SAME_TALK[:2], ("'visit'", "c.kind"), _SAME_TALK[3])
    plain = {
        name: cell for name, cell in INTERACTIONS.columns.items() if name in ("text", "outcome", "author_id")
    }
    return replace(
        INTERACTIONS,
        definition=f"""{_ROW}, customer_id text, customer_name text, of_customer uuid, happened_at timestamptz,
        text text, outcome text, author uuid, next_step text, next_on date, next_id uuid DEFAULT uuid7()""",
        columns={"customer_id": _CUSTOMER_OF, "happened_at": _cell("happened_at", "now()"), **plain},
        keys={"happened_at": same},
        fallback=(),
        unique="",
        fixed={
            "kind": "'visit'",
            "channel": "'visit'",
            "direction": "'out'",
            "external_id": "''",
            "created_at": "now()",
        },
        refuses={
            "dayless": "r.next_step IS NOT NULL AND r.next_on IS NULL",
            "ownerless": f"r.next_step IS NOT NULL AND {_next_owner(work)} IS NULL",
        },
    )


def _next_owner(work: Work) -> str:
    """SQL for who keeps the promise of a row: who visited, else the customer's owner, else who brought the file in."""
    bringer = f"'{work.import_.created_by_id}'::uuid" if work.import_.created_by_id else "NULL"
    mine = "o.tenant_id = %(tenant)s::uuid AND o.id = r.of_customer"
    owner = f"(SELECT o.owner_id FROM customers_customer o WHERE {mine})"
    return f"coalesce(r.author, {owner}, {bringer})"


def write_next_steps(work: Work) -> int:
    """A follow-up for each new visit that names its next step, due at the end of that working day; how many."""
    return work.run(
        f"""
        INSERT INTO customers_followup (tenant_id, id, customer_id, owner_id, subject, reason, channel, origin,
            due_at, first_due_at, moved_because, outcome, result, created_by_id, created_at, version)
        SELECT %(tenant)s::uuid, r.next_id, r.of_customer, {_next_owner(work)}, r.next_step, '', 'phone', 'person',
            d.at, d.at, '', '', '', {_next_owner(work)}, now(), 1
        FROM import_row r
        CROSS JOIN LATERAL (SELECT (r.next_on + time '17:00') AT TIME ZONE %(zone)s AS at) d
        WHERE r.fate IS NULL AND r.target_id IS NULL AND r.next_step IS NOT NULL""",
        zone=work.tenant.timezone,
    )


def products(currency: str) -> Records:
    """Products; list prices are in ``currency``."""
    return Records(
        table="customers_product",
        definition=f"{_ROW}, code text, name text, category text, price numeric, active boolean",
        columns={
            "code": _cell("code"),
            "name": _cell("name"),
            "category": _cell("category"),
            "price": Cell("price", f"round(r.price * {10 ** get_currency_precision(currency)})", "NULL"),
            "active": _cell("active", "true"),
        },
        keys={"code": (("r.code", "c.code"),)},
        unique="code",
        needs="name",
        fixed={"created_at": "now()"},
    )


def _minor_units(currency: str) -> str:
    """SQL for how many minor units one of ``currency`` (SQL as well) has."""
    by_digits: dict[int, list[str]] = {}
    for code in sorted(list_currencies()):
        by_digits.setdefault(get_currency_precision(code), []).append(f"'{code}'")
    by_digits.pop(2)
    cases = [f"WHEN {currency} IN ({', '.join(codes)}) THEN {10**n}" for n, codes in by_digits.items()]
    return f"(CASE {' '.join(cases)} ELSE 100 END)"


_SAME_CONTRACT = (
    ("r.of_customer", "c.customer_id"),
    ("r.title", "c.title"),
    ("r.starts_on", "c.starts_on"),
)
_START, _END = "coalesce(r.starts_on, c.starts_on)", "coalesce(r.ends_on, c.ends_on)"
_KIND = "coalesce(r.renewal, c.renewal, CASE WHEN r.ends_on IS NULL THEN 'open' ELSE 'fixed' END)"


def contracts(currency: str) -> Records:
    """Contracts; a value without a currency is in ``currency``."""
    home = f"round(r.value_home * {10 ** get_currency_precision(currency)})"
    new, known = f"coalesce(r.currency, '{currency}')", f"coalesce(r.currency, c.currency, '{currency}')"

    def value(paid_in: str) -> str:
        return f"round(r.value * {_minor_units(paid_in)})"

    def at_home(paid_in: str) -> str:
        return f"CASE WHEN {paid_in} = '{currency}' THEN {value(paid_in)} ELSE {home} END"

    return Records(
        table="customers_contract",
        definition=f"""{_ROW}, customer_id text, of_customer uuid, number text, title text, starts_on date,
            ends_on date, renewal text, term_months smallint, notice smallint, notice_unit text, remind_days smallint,
            value numeric, currency text, value_home numeric, every text, owner uuid, notice_given_on date,
            notice_from text, ended_because text, notes text, author uuid, created_at timestamptz""",
        columns={
            "customer_id": _CUSTOMER_OF,
            **_texts("number", "title"),
            "starts_on": _cell("starts_on", "CURRENT_DATE"),
            "ends_on": _cell("ends_on", "NULL"),
            "renewal": _cell("renewal", "CASE WHEN r.ends_on IS NULL THEN 'open' ELSE 'fixed' END"),
            "term_months": _cell("term_months", "CASE WHEN r.renewal = 'auto' THEN 12 END"),
            "notice": _cell("notice", "0"),
            "notice_unit": _cell("notice_unit", "'month'"),
            "remind_days": _cell("remind_days", str(REMIND_DAYS)),
            "value": Cell("value", value(new), "NULL", value(known)),
            "currency": _cell("currency", f"'{currency}'"),
            "value_home": Cell("value", at_home(new), "NULL", at_home(known)),
            "every": _cell("every", "'year'"),
            "owner_id": _cell(
                "owner",
                "(SELECT o.owner_id FROM customers_customer o "
                "WHERE o.tenant_id = %(tenant)s::uuid AND o.id = r.of_customer)",
            ),
            "notice_given_on": _cell("notice_given_on", "NULL"),
            **_texts("notice_from", "ended_because", "notes"),
            "author_id": _cell("author", "NULL"),
            "created_at": _cell("created_at", "now()"),
        },
        keys={"number": (("r.number", "c.number"),), "title": _SAME_CONTRACT},
        fallback=(*_SAME_CONTRACT, ("''", "c.number")),
        of_customers=True,
        unique="number",
        deletable=True,
        versioned=True,
        twins=True,
        fixed={"updated_at": "now()", "version": "1"},
        refuses={
            "backwards": f"{_END} < {_START}",
            "endless": f"{_END} IS NULL AND {_KIND} <> 'open'",
            "no_rate": f"r.value IS NOT NULL AND {known} <> '{currency}' AND r.value_home IS NULL",
        },
    )


def records_of(kind: str, currency: str) -> Records:
    if kind == Import.Kind.PRODUCTS:
        return products(currency)
    if kind == Import.Kind.INTERACTIONS:
        return INTERACTIONS
    if kind == Import.Kind.CONTRACTS:
        return contracts(currency)
    return _with_own_fields(CUSTOMERS if kind == Import.Kind.CUSTOMERS else CONTACTS, RECORDS[kind])


def _with_own_fields(records: Records, record: str) -> Records:
    """With the company's custom fields: defaults for new records, and what these need."""
    fields = fields_of(record)
    defaults = json.dumps({field.key: field.default for field in fields if field.default is not None})
    literal = defaults.replace("'", "''").replace("%", "%%")
    own = Cell("custom", f"'{literal}'::jsonb || coalesce(r.custom, '{{}}')", "'{}'", "c.custom || r.custom")
    needs = {field.key: field.label for field in fields if field.required and field.default is None}
    refers = tuple(field.key for field in fields if field.kind == FieldKind.CUSTOMER)
    return replace(records, columns={**records.columns, "custom": own}, needs_own=needs, refers=refers)
