"""What a migration does to a table so that the database itself keeps companies apart.

Migrations import this module: treat it as frozen. New behaviour is a new function.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import migrations, models

_IS_OURS = "tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid"
_APP_ROLE = "crm_app"


class _TableOperation(migrations.operations.base.Operation):
    reduces_to_sql = True
    reversible = True

    def __init__(self, model: str) -> None:
        self.model = model

    def deconstruct(self) -> Any:
        return type(self).__name__, [self.model], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The database alone changes; Django's picture of the models stays as it is."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model)
        for statement in self.statements(model):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """The table goes with its model."""

    def statements(self, model: Any) -> Iterable[str]:
        raise NotImplementedError

    def describe(self) -> str:
        return f"{type(self).__name__} {self.model}"


class isolate(_TableOperation):
    """Give a model's table its composite key and policies; a table with no parent is tied to the registry.

    No tenant set means no rows: the setting reads as NULL, which equals nothing. FORCE applies the
    policy to the table's owner too.
    """

    def statements(self, model: Any) -> Iterable[str]:
        table = model._meta.db_table
        yield f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_pkey"'
        yield f'ALTER TABLE "{table}" ADD PRIMARY KEY (tenant_id, {model._meta.pk.column})'
        yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
        yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'
        yield f'CREATE POLICY tenant_isolation ON "{table}" USING ({_IS_OURS}) WITH CHECK ({_IS_OURS})'
        yield f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO {_APP_ROLE}'
        if all(field.null for field in _tenant_relations(model)):
            yield (
                f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_tenant" FOREIGN KEY (tenant_id) '
                "REFERENCES crm_tenant (id) DEFERRABLE INITIALLY DEFERRED"
            )


class key_by_parent(_TableOperation):
    """Key a table that has one row per parent by that parent instead of an id: one index less to write."""

    def statements(self, model: Any) -> Iterable[str]:
        table = model._meta.db_table
        yield f'ALTER TABLE "{table}" DROP COLUMN id'
        yield f'ALTER TABLE "{table}" ADD PRIMARY KEY (tenant_id, {model._meta.pk.column})'


class relate(_TableOperation):
    """Hold a table's foreign keys (all, or those named) by ``(tenant_id, x_id) → (tenant_id, id)``.

    Needed because foreign-key checks ignore the policies: a single column accepts another company's
    record, and a delete then cascades into it. Comes after the tables on both sides are isolated.
    """

    def __init__(self, model: str, *fields: str) -> None:
        super().__init__(model)
        self.fields = fields

    def deconstruct(self) -> Any:
        return "relate", [self.model, *self.fields], {}

    def statements(self, model: Any) -> Iterable[str]:
        for field in _tenant_relations(model):
            if not self.fields or field.name in self.fields:
                yield from _same_tenant(model._meta.db_table, field)


class audit(_TableOperation):
    """Record every insert, update and delete of a table in the history, by statement triggers."""

    def __init__(self, model: str, *hidden: str) -> None:
        super().__init__(model)
        self.hidden = hidden

    def deconstruct(self) -> Any:
        return "audit", [self.model, *self.hidden], {}

    def statements(self, model: Any) -> Iterable[str]:
        table = model._meta.db_table
        hidden = "{" + ",".join(self.hidden) + "}"
        arguments = f"'{model._meta.label_lower}', '{hidden}'"
        for deed, transition in (
            ("insert", "NEW TABLE AS new_rows"),
            ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
            ("delete", "OLD TABLE AS old_rows"),
        ):
            yield (
                f'CREATE TRIGGER audit_{deed} AFTER {deed.upper()} ON "{table}" '
                f"REFERENCING {transition} FOR EACH STATEMENT "
                f"EXECUTE FUNCTION audit_{deed}({arguments})"
            )


class audit_within(_TableOperation):
    """Tell new rows of an audited table under the record they are parts of: one entry per whole and statement."""

    def __init__(self, model: str, whole: str, *hidden: str) -> None:
        super().__init__(model)
        self.whole = whole
        self.hidden = hidden

    def deconstruct(self) -> Any:
        return "audit_within", [self.model, self.whole, *self.hidden], {}

    def statements(self, model: Any) -> Iterable[str]:
        table, field = model._meta.db_table, model._meta.get_field(self.whole)
        label, whole = model._meta.label_lower, field.related_model._meta.label_lower
        hidden = "{" + ",".join(self.hidden) + "}"
        yield f'DROP TRIGGER audit_insert ON "{table}"'
        yield (
            f'CREATE TRIGGER audit_insert AFTER INSERT ON "{table}" REFERENCING NEW TABLE AS new_rows '
            "FOR EACH STATEMENT EXECUTE FUNCTION "
            f"audit_insert_parts('{label}', '{hidden}', '{field.column}', '{whole}')"
        )


class append_only(_TableOperation):
    """Take UPDATE and DELETE of a table away from the application role."""

    def statements(self, model: Any) -> Iterable[str]:
        yield f'REVOKE UPDATE, DELETE ON "{model._meta.db_table}" FROM {_APP_ROLE}'


def _tenant_relations(model: Any) -> Iterable[Any]:
    for field in model._meta.local_fields:
        relates = isinstance(field, models.ForeignKey) and field.name != "tenant"
        if relates and any(f.name == "tenant" for f in field.related_model._meta.local_fields):
            yield field


def _same_tenant(table: str, field: Any) -> Iterable[str]:
    column, target = field.column, field.related_model._meta.db_table
    name = f"{table}_{column}"[:58] + "_same"
    action = ""
    if field.remote_field.on_delete is models.SET_NULL:
        action = f'ON DELETE SET NULL ("{column}")'
    elif field.remote_field.on_delete is models.CASCADE:
        action = "ON DELETE CASCADE"
    yield (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (tenant_id, "{column}") '
        f'REFERENCES "{target}" (tenant_id, id) {action} DEFERRABLE INITIALLY DEFERRED'
    )
    if not _led_by(field):
        yield f'CREATE INDEX "{(table + "_" + column)[:58]}_fk" ON "{table}" (tenant_id, "{column}")'


def _led_by(field: Any) -> bool:
    """Whether an index or uniqueness of the model already starts with (tenant, field)."""
    meta = field.model._meta
    led = [list(i.fields[:2]) for i in meta.indexes if i.condition is None]
    led += [
        list(c.fields[:2])
        for c in meta.constraints
        if isinstance(c, models.UniqueConstraint) and not c.condition
    ]
    return field.primary_key or ["tenant", field.name] in led
