"""Whether the database keeps the companies apart as the design says: read from its own catalog.

Runs as a test, as ``manage.py check_isolation`` and when the application starts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps

from crm.tenancy.fields import TenantForeignKey, TenantModel

# What is global on purpose: the registry, sign-ins, schedules, wake-ups. Nothing of a company's customers.
GLOBAL_TABLES = frozenset(
    {
        "crm_tenant",
        "crm_user",
        "crm_user_groups",
        "crm_user_user_permissions",
        "crm_wakeup",
        "django_admin_log",
        "django_content_type",
        "django_migrations",
        "django_session",
    }
)
GLOBAL_PREFIXES = ("account_", "auth_", "django_celery_beat_", "mfa_", "socialaccount_")
# Found before the company is known, by companies_of() alone.
OTHER_INDEXES = frozenset({"crm_member_user"})
POLICY = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)"
DEFINERS = frozenset(
    {
        *("companies_of", "erase_history"),
        *("near_contacts", "near_customers", "search_contacts", "search_customers"),
        *(
            "search_contracts",
            "search_feedback",
            "search_follow_ups",
            "search_interactions",
            "search_tickets",
        ),
    }
)


def findings(connection: Any) -> list[str]:
    """Everything that is not as it must be, one sentence each; empty when all is well."""
    catalog = _Catalog(connection)
    checks = (
        _unknown_tables,
        _policies,
        _keys,
        _indexes,
        _relations,
        _histories,
        _views_and_functions,
        _role,
    )
    return [finding for check in checks for finding in check(catalog)]


class _Catalog:
    """The catalog's answers; each question is one query."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.models = {m._meta.db_table: m for m in apps.get_models() if issubclass(m, TenantModel)}

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())

    def tables(self) -> dict[str, bool]:
        """Each table of the schema, and whether it has a ``tenant_id``."""
        return dict(
            self.rows(
                """
                SELECT c.relname, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
                                          AND a.attname = 'tenant_id' AND NOT a.attisdropped)
                FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
                """
            )
        )


def _unknown_tables(catalog: _Catalog) -> Iterable[str]:
    for table, has_tenant in catalog.tables().items():
        is_global = table in GLOBAL_TABLES or table.startswith(GLOBAL_PREFIXES)
        if not is_global and table not in catalog.models:
            yield f"{table}: neither a company's table (TenantModel) nor listed as global"
        if table in catalog.models and not has_tenant:
            yield f"{table}: has no tenant_id"


def _policies(catalog: _Catalog) -> Iterable[str]:
    found = {
        row[0]: row[1:]
        for row in catalog.rows(
            """
            SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
                   array_agg(p.polcmd::text || ':' || p.polpermissive::text),
                   array_agg(pg_get_expr(p.polqual, p.polrelid)), array_agg(pg_get_expr(p.polwithcheck, p.polrelid))
            FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
            GROUP BY c.relname, c.relrowsecurity, c.relforcerowsecurity
            """
        )
    }
    for table in catalog.models:
        enabled, forced, kinds, using, checks = found.get(table, (False, False, [], [], []))
        if not (enabled and forced):
            yield f"{table}: row-level security is not enabled and forced"
        if kinds != ["*:true"] or using != [POLICY] or checks != [POLICY]:
            yield f"{table}: has not exactly the one policy for all commands"


def _keys(catalog: _Catalog) -> Iterable[str]:
    keys = dict(
        catalog.rows(
            """
            SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE contype = 'p' AND connamespace = 'public'::regnamespace
            """
        )
    )
    for table, model in catalog.models.items():
        column = model._meta.pk.column
        if keys.get(table) != f"PRIMARY KEY (tenant_id, {column})":
            yield f"{table}: its primary key is not (tenant_id, {column})"


def _indexes(catalog: _Catalog) -> Iterable[str]:
    rows = catalog.rows(
        """
        SELECT t.relname, i.relname, coalesce(a.attname, '') FROM pg_index x
        JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
        LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
        WHERE t.relnamespace = 'public'::regnamespace
        """
    )
    for table, index, first in rows:
        if table in catalog.models and first != "tenant_id" and index not in OTHER_INDEXES:
            yield f"{table}: index {index} does not lead with tenant_id"


def _relations(catalog: _Catalog) -> Iterable[str]:
    definitions: dict[str, set[str]] = {}
    for table, target, definition in catalog.rows(
        """
        SELECT conrelid::regclass::text, confrelid::regclass::text, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND convalidated
        """
    ):
        definitions.setdefault(table, set()).add(definition)
        if table in catalog.models and target in catalog.models and "(tenant_id, " not in definition:
            yield f"{table}: {definition} is not composite: it would accept another company's record"
    for table, model in catalog.models.items():
        for field in model._meta.local_fields:
            related = getattr(field, "related_model", None)
            if related is None or field.name == "tenant" or not issubclass(related, TenantModel):
                continue
            wanted = (
                f"FOREIGN KEY (tenant_id, {field.column}) REFERENCES {related._meta.db_table}(tenant_id, id)"
            )
            if not isinstance(field, TenantForeignKey):
                yield f"{model.__name__}.{field.name}: is not a TenantForeignKey"
            if not any(definition.startswith(wanted) for definition in definitions.get(table, ())):
                yield f"{table}: no composite foreign key holds {field.column}"


def _histories(catalog: _Catalog) -> Iterable[str]:
    rows = catalog.rows(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    )
    present = set(rows)
    for table, model in catalog.models.items():
        for deed in ("insert", "update", "delete") if model.audited else ():
            if (table, f"audit_{deed}") not in present:
                yield f"{table}: {deed}s are not recorded in the history"
    for table in ("crm_auditentry", "crm_auditseal", "crm_auditerasure"):
        for (privilege,) in catalog.rows(
            "SELECT p FROM unnest(ARRAY['UPDATE', 'DELETE']) p WHERE has_table_privilege('crm_app', %s, p)",
            table,
        ):
            yield f"{table}: crm_app may {privilege} the history"


def _views_and_functions(catalog: _Catalog) -> Iterable[str]:
    for name, kind, options in catalog.rows(
        """
        SELECT relname, relkind, coalesce(array_to_string(reloptions, ','), '') FROM pg_class
        WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_class.oid AND d.deptype = 'e')
        """
    ):
        if kind == "m":
            yield f"{name}: a materialised view ignores the policies"
        elif "security_invoker=true" not in options:
            yield f"{name}: the view reads with its owner's rights (security_invoker is off)"
    for name, settings in catalog.rows(
        """
        SELECT proname, coalesce(array_to_string(proconfig, ','), '') FROM pg_proc p
        WHERE prosecdef AND pronamespace = 'public'::regnamespace
        """
    ):
        if name not in DEFINERS:
            yield f"{name}(): runs with its owner's rights and is not one of the known ways"
        if "search_path=" not in settings:
            yield f"{name}(): runs with its owner's rights without a fixed search_path"


def _role(catalog: _Catalog) -> Iterable[str]:
    rows = catalog.rows(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'crm_app'"
    )
    if not rows or any(rows[0]):
        yield "crm_app: is absent, or is a superuser, bypasses the policies, or may create roles or databases"
    for table, owner, truncate in catalog.rows(
        """
        SELECT relname, pg_get_userbyid(relowner), has_table_privilege('crm_app', oid, 'TRUNCATE') FROM pg_class
        WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
        """
    ):
        if owner == "crm_app":
            yield f"{table}: is owned by crm_app"
        if truncate:
            yield f"{table}: crm_app may TRUNCATE it, which ignores the policies"
