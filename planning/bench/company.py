"""The bench's own company: opened once, filled by set-based SQL as the application's role, used again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, connections, transaction

from crm.models import Member, Tenant, User
from crm.people.roles import Role
from crm.services.tenants import create_tenant
from crm.tenancy.context import tenant_context
from customers.models import Customer, CustomerRisk, CustomerStats, Product
from customers.normalize import pinyin_of
from customers.services import stats
from planning.bench import words
from segmentation.services.classify import classify

SLICE = 50_000
OWNERS = 12
PURCHASES_EACH = 10
PRODUCTS = 200
CURRENCY = "GBP"


@dataclass(frozen=True)
class Company:
    tenant: Tenant
    admin: Member
    customers: int


def slug_of(customers: int) -> str:
    return f"bench-{customers}"


def company_of(customers: int, tell: Callable[[str], None]) -> Company:
    """The company of so many customers; what is missing of it is filled in, also after an interruption."""
    tenant = Tenant.objects.filter(slug=slug_of(customers)).first() or _open(customers)
    with tenant_context(tenant.pk):
        admin = Member.objects.get(role=Role.ADMIN)
        there, known = Customer.objects.count(), CustomerStats.objects.count()
    for start in range(there, customers, SLICE):
        with tenant_context(tenant.pk):
            _fill(tenant, start + 1, min(start + SLICE, customers))
        tell(f"{min(start + SLICE, customers)} of {customers} customers")
    if known < customers:
        _settle(tenant)
    _foretell(tenant)
    return Company(tenant, admin, customers)


def _open(customers: int) -> Tenant:
    slug = slug_of(customers)
    with transaction.atomic():
        tenant, _key = create_tenant(
            name=f"Bench {customers}",
            slug=slug,
            timezone="Europe/London",
            currency=CURRENCY,
            admin_email=f"admin@{slug}.example",
            password=secrets.token_urlsafe(24),
        )
        with tenant_context(tenant.pk):
            for n in range(1, OWNERS + 1):
                user = User.objects.create_user(f"owner{n}@{slug}.example", None, name=f"Owner {n}")
                Member.objects.create(user=user, display_name=user.name, email=user.email, role=Role.MANAGER)
            Product.objects.bulk_create(
                Product(code=f"S-{n}", name=f"Service {n}", price=500 + 100 * n) for n in range(PRODUCTS)
            )
    return tenant


def _settle(tenant: Tenant) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE customers_customer, customers_purchase, customers_product, crm_member")
    with tenant_context(tenant.pk):
        stats.refresh()
        classify()
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE customers_customerstats, segmentation_classmembership")


def _foretell(tenant: Tenant) -> None:
    """A forecast for everybody who bought, as a night's scores leave it, where there is none."""
    with tenant_context(tenant.pk), connection.cursor() as cursor:
        if CustomerRisk.objects.exists():
            return
        cursor.execute(_escaped(_FORECASTS), {"tenant": str(tenant.pk)})
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE customers_customerrisk")


def _draw(seed: int) -> str:
    """A whole number from 0 that depends on the customer's number ``n`` alone."""
    return f"(hashint8extended(n, {seed}) & 2147483647)"


def _share(seed: int) -> str:
    """As ``_draw``, above 0 and below 1."""
    return f"((({_draw(seed)} % 1000000) + 0.5) / 1000000.0)"


def _pick(name: str, values: Sequence[Any], seed: int, kind: str = "text") -> str:
    return f"(%({name})s::{kind}[])[1 + {_draw(seed)} % {len(values)}]"


# A third of the names is Chinese. The purchases of a customer lie between its first day and the day it fell silent.
_CUSTOMERS = f"""
INSERT INTO customers_customer
    (tenant_id, id, kind, external_id, name, name_norm, pinyin, initials, email, email_norm, phone, phone_norm, website,
     industry, size, region, city, address, gender, language, source, review, notes, created_at, updated_at, version,
     owner_id)
SELECT %(tenant)s::uuid, uuid7(), 'company', 'C-' || n, name, lower(name), pinyin, initials, mail, mail,
       '+' || digits, digits, '', {_pick("industries", words.INDUSTRIES, 5)}, {_pick("sizes", words.SIZES, 6)},
       {_pick("regions", words.REGIONS, 7)}, {_pick("cities", words.CITIES, 8)}, '', '', 'en', '', 'accepted', '',
       since, since, 1, {_pick("owners", range(OWNERS), 9, "uuid")}
FROM (
    SELECT n, CASE WHEN han THEN r || b || t || '有限公司' ELSE en END AS name,
           CASE WHEN han THEN rp || bp || tp || 'youxiangongsi' ELSE '' END AS pinyin,
           CASE WHEN han THEN ri || bi || ti || 'yxgs' ELSE '' END AS initials,
           'office' || n || '@customer.example' AS mail, '4420' || (70000000 + n) AS digits,
           now() - interval '1 day' * (10 + 1085 * {_share(4)}) AS since
    FROM (
        SELECT n, {_draw(1)} % 3 = 0 AS han, 1 + {_draw(2)} % {len(words.REGIONS_HAN)} AS at_r,
               1 + {_draw(3)} % {len(words.BRANDS_HAN)} AS at_b, 1 + {_draw(12)} % {len(words.TRADES_HAN)} AS at_t,
               {_pick("first", words.FIRST, 13)} || ' ' || {_pick("second", words.SECOND, 14)} || ' '
               || {_pick("second", words.SECOND, 15)} || ' ' || {_pick("suffix", words.SUFFIX, 16)} AS en
        FROM generate_series(%(start)s::bigint, %(stop)s::bigint) n
    ) drawn, LATERAL (
        SELECT (%(r)s::text[])[at_r] AS r, (%(rp)s::text[])[at_r] AS rp, (%(ri)s::text[])[at_r] AS ri,
               (%(b)s::text[])[at_b] AS b, (%(bp)s::text[])[at_b] AS bp, (%(bi)s::text[])[at_b] AS bi,
               (%(t)s::text[])[at_t] AS t, (%(tp)s::text[])[at_t] AS tp, (%(ti)s::text[])[at_t] AS ti
    ) chosen
) named
"""

_PURCHASES = f"""
INSERT INTO customers_purchase
    (tenant_id, id, customer_id, order_no, purchased_at, amount, currency, amount_home, created_at)
SELECT %(tenant)s::uuid, uuid7(), id, 'P-' || customer || '-' || i, moment, amount, '{CURRENCY}', amount, moment
FROM (
    SELECT id, customer, i, (2000 * exp(3 * {_share(22)}))::bigint AS amount,
           created_at + (now() - created_at) * least(1, 0.2 + 1.3 * silent) * {_share(23)} AS moment
    FROM (
        SELECT id, customer, i, customer * 1000 + i AS n, created_at, silent
        FROM (
            SELECT c.id, n AS customer, c.created_at, {_share(20)} AS silent,
                   floor(-{PURCHASES_EACH + 0.5} * ln({_share(21)}))::int AS orders
            FROM customers_customer c
            CROSS JOIN LATERAL (SELECT substr(c.external_id, 3)::bigint AS n) numbered
            WHERE c.tenant_id = %(tenant)s::uuid AND c.external_id = ANY (%(external)s)
        ) buying, generate_series(1, orders) i
    ) bought
) priced
"""

_FORECASTS = f"""
INSERT INTO customers_customerrisk
    (tenant_id, customer_id, churn_probability, churn_risk, value_at_risk, expected_value)
SELECT %(tenant)s::uuid, customer_id, chance,
       CASE WHEN chance < 0.2 THEN 'low' WHEN chance < 0.5 THEN 'medium' ELSE 'high' END,
       round(spend_12m * chance), spend_12m
FROM (
    SELECT customer_id, spend_12m, power({_share(30)}, 2) AS chance
    FROM customers_customerstats s
    JOIN customers_customer c ON c.tenant_id = s.tenant_id AND c.id = s.customer_id
    CROSS JOIN LATERAL (SELECT substr(c.external_id, 3)::bigint AS n) numbered
    WHERE s.tenant_id = %(tenant)s::uuid AND orders > 0
) drawn
"""


def _fill(tenant: Tenant, start: int, stop: int) -> None:
    owners = list(Member.objects.filter(role=Role.MANAGER).order_by("email").values_list("pk", flat=True))
    values: dict[str, Any] = {
        "tenant": str(tenant.pk),
        "start": start,
        "stop": stop,
        "external": [f"C-{n}" for n in range(start, stop + 1)],
        "owners": [str(pk) for pk in owners],
        "industries": words.INDUSTRIES,
        "sizes": list(words.SIZES),
        "regions": list(words.REGIONS),
        "cities": list(words.CITIES),
        "first": words.FIRST,
        "second": words.SECOND,
        "suffix": list(words.SUFFIX),
    }
    for name, parts in (("r", words.REGIONS_HAN), ("b", words.BRANDS_HAN), ("t", words.TRADES_HAN)):
        typed = [pinyin_of(part) for part in parts]
        values |= {name: parts, f"{name}p": [p for p, _i in typed], f"{name}i": [i for _p, i in typed]}
    with connection.cursor() as cursor:
        cursor.execute(_escaped(_CUSTOMERS), values)
        cursor.execute(_escaped(_PURCHASES), values)


def _escaped(sql: str) -> str:
    """``% 3`` is arithmetic, ``%(name)s`` a parameter."""
    return sql.replace(" % ", " %% ")


def remove(customers: int) -> bool:
    """Take the company away with all its rows, as the tables' owner; whether there was one.

    Its history is not kept: the triggers that would write it are off meanwhile, and other companies wait to write.
    """
    tenant = Tenant.objects.filter(slug=slug_of(customers)).first()
    if tenant is None:
        return False
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(_TABLES)
        tables = cursor.fetchall()
        _switch(cursor, "DISABLE", tables)
        for table, _audited in tables:
            cursor.execute(f'DELETE FROM "{table}" WHERE tenant_id = %s', [str(tenant.pk)])
        cursor.execute("DELETE FROM crm_tenant WHERE id = %s", [str(tenant.pk)])
        # By SQL: the ORM would look for their members, which takes an open company.
        people = f"(SELECT id FROM {User._meta.db_table} WHERE email LIKE %s)"
        for rows in ("account_emailaddress WHERE user_id", f"{User._meta.db_table} WHERE id"):
            cursor.execute(f"DELETE FROM {rows} IN {people}", [f"%@{tenant.slug}.example"])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or the triggers could not be altered once more
        _switch(cursor, "ENABLE", tables)
    return True


_TABLES = """
SELECT c.relname, EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'audit_delete')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
"""


def _switch(cursor: Any, deed: str, tables: Sequence[tuple[str, bool]]) -> None:
    for table, audited in tables:
        if audited:
            # A delete also updates: what pointed to the row is set to NULL.
            cursor.execute(f'ALTER TABLE "{table}" {deed} TRIGGER audit_delete, {deed} TRIGGER audit_update')
