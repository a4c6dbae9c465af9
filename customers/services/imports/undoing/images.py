"""One kind of record of an import: what it made goes, what it changed is as before, what changed since stays.

All of it by statements over whole sets, from the images the history keeps: an entry of a new row holds all of it, one
of a change the columns that changed, before and after.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, models

from crm.tenancy.context import current_tenant_id

IMAGES, GONE, KEPT, FRESH, NORMS = "undo_image", "undo_gone", "undo_kept", "undo_new", "undo_norm"
# A version only rises and the moment of change is now, so that nobody's copy passes for the newest.
MOVES_ON = ("version", "updated_at")
# Values no two records share: one that somebody else has taken since is not given back.
UNIQUE = {
    "customers_customer": "external_id",
    "customers_product": "code",
    "customers_interaction": "external_id",
    "customers_contract": "number",
}


@dataclass
class Counts:
    removed: int = 0
    restored: int = 0


@dataclass
class Undo:
    """The open undo of an import; the history of what it wrote goes by ``request_id``."""

    request_id: Any
    counts: Counts = field(default_factory=Counts)

    def run(self, sql: str, **parameters: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql, {"tenant": str(current_tenant_id()), **parameters})
            return cursor.rowcount

    def ask(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, {"tenant": str(current_tenant_id()), **parameters})
            return cursor.fetchall()


def begin(undo: Undo, labels: list[str]) -> int:
    """Lay out what the history knows of the import; gives how many records it touched."""
    undo.run(f"DROP TABLE IF EXISTS pg_temp.{IMAGES}, pg_temp.{KEPT}")
    undo.run("SET LOCAL work_mem = '256MB'")
    undo.run("SET LOCAL jit = off")
    count = undo.run(
        f"""
        CREATE TEMPORARY TABLE {IMAGES} ON COMMIT DROP AS
        SELECT e.subject_type AS model, e.subject_id AS id, e.before, e.after,
               CASE WHEN e.kind = 'insert' AND e.after ? 'customers.purchaseline' THEN 'parts' ELSE e.kind END AS kind
        FROM crm_auditentry e
        WHERE e.tenant_id = %(tenant)s::uuid AND e.request_id = %(request)s AND e.kind <> 'deed'
          AND e.subject_type = ANY (%(labels)s)""",
        request=str(undo.request_id),
        labels=labels,
    )
    undo.run(f"ANALYZE {IMAGES}")
    undo.run(f"CREATE TEMPORARY TABLE {KEPT} (model text, id uuid, columns text[]) ON COMMIT DROP")
    return count


# What was made


def find_made(undo: Undo, model: type[models.Model]) -> int:
    """The records the import made that still stand as it made them, in ``GONE``; the others are kept."""
    table, label = model._meta.db_table, model._meta.label_lower
    hidden = ["id", "tenant_id", *MOVES_ON, *getattr(model, "audit_hidden", ())]
    undo.run(f"DROP TABLE IF EXISTS pg_temp.{GONE}")
    count = undo.run(
        f"""
        CREATE TEMPORARY TABLE {GONE} ON COMMIT DROP AS
        SELECT t.id, jsonb_strip_nulls(audit_flat(to_jsonb(t)) - %(hidden)s::text[]) AS image,
               i.after - %(hidden)s::text[] AS after
        FROM {IMAGES} i JOIN {table} t ON t.tenant_id = %(tenant)s::uuid AND t.id = i.id
        WHERE i.model = %(label)s AND i.kind = 'insert'""",
        label=label,
        hidden=hidden,
    )
    undo.run(
        f"""
        INSERT INTO {KEPT} SELECT %(label)s, g.id, array(
            SELECT k FROM jsonb_object_keys(g.image || g.after) k WHERE g.image -> k IS DISTINCT FROM g.after -> k
            ORDER BY 1
        ) FROM {GONE} g WHERE g.image <> g.after""",
        label=label,
    )
    undo.run(f"DELETE FROM {GONE} WHERE image <> after")
    undo.run(f"ANALYZE {GONE}")
    return count


def spare_used(
    undo: Undo, model: type[models.Model], *, without: tuple[type[models.Model], ...] = ()
) -> None:
    """What others have come to hang on stays, too; what is computed by itself every night does not count."""
    for reference in _references(model):
        other = reference.model
        if other in without or not getattr(other, "audited", True):
            continue
        among = f"AND NOT EXISTS (SELECT FROM {GONE} o WHERE o.id = r.id)" if other is model else ""
        undo.run(
            f"""
            WITH used AS (
                DELETE FROM {GONE} g USING {other._meta.db_table} r
                WHERE r.tenant_id = %(tenant)s::uuid AND r."{reference.column}" = g.id {among} AND NOT EXISTS (
                    SELECT FROM crm_auditentry e WHERE e.tenant_id = %(tenant)s::uuid AND e.subject_id = r.id
                    AND e.kind = 'insert' AND e.source = 'worker' AND e.member_id IS NULL
                ) RETURNING g.id
            )
            INSERT INTO {KEPT} SELECT DISTINCT %(label)s, id, ARRAY[%(other)s] FROM used""",
            label=model._meta.label_lower,
            other=other._meta.label_lower,
        )


def remove(undo: Undo, model: type[models.Model]) -> int:
    removed = undo.run(
        f"DELETE FROM {model._meta.db_table} t USING {GONE} g WHERE t.tenant_id = %(tenant)s::uuid AND t.id = g.id"
    )
    undo.counts.removed += removed
    return removed


def _references(model: type[models.Model]) -> Iterator[models.ForeignKey]:
    for other in apps.get_models(include_auto_created=True):
        for reference in other._meta.local_fields:
            if isinstance(reference, models.ForeignKey) and reference.related_model is model:
                yield reference


# What was changed


def find_changed(undo: Undo, model: type[models.Model]) -> list[str]:
    """Each changed record as it will be, in ``FRESH``; gives the columns, none where nothing was changed.

    A cell goes back if it still holds what the import wrote; one that holds something else is kept.
    """
    table, label = model._meta.db_table, model._meta.label_lower
    undo.run(f"DROP TABLE IF EXISTS pg_temp.{FRESH}")
    found = undo.ask(
        f"SELECT DISTINCT jsonb_object_keys(before) FROM {IMAGES} WHERE model = %(label)s AND kind = 'update'",
        label=label,
    )
    written = {str(f.column) for f in model._meta.local_fields if not f.generated}
    known = written - {"id", "tenant_id", "custom", *MOVES_ON}
    columns = sorted({name for (name,) in found} & known)
    own = any(name.startswith("custom.") for (name,) in found)
    if not columns and not own:
        return []
    cells = [f"{_cell(table, name)} AS {_quoted(name)}" for name in columns]
    kept = [_kept_cell(table, name) for name in columns]
    undo.run(
        f"""
        CREATE TEMPORARY TABLE {FRESH} ON COMMIT DROP AS
        SELECT t.id, {"".join(f"{cell}, " for cell in cells)}{"c.fresh AS custom, " if own else ""}
               array_remove(ARRAY[{", ".join(kept)}]::text[], NULL) {"|| c.kept" if own else ""} AS kept
        FROM {IMAGES} i JOIN {table} t ON t.tenant_id = %(tenant)s::uuid AND t.id = i.id
        CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, i.before) o
        CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, i.after) a
        {_OWN if own else ""}
        WHERE i.model = %(label)s AND i.kind = 'update'""",
        label=label,
    )
    undo.run(f"INSERT INTO {KEPT} SELECT %(label)s, id, kept FROM {FRESH} WHERE kept <> '{{}}'", label=label)
    undo.run(f"ANALYZE {FRESH}")
    return [*columns, *(["custom"] if own else [])]


# Field by field, as the history names them: ``custom.<key>``.
_OWN = """
CROSS JOIN LATERAL (
    SELECT (t.custom - coalesce(array_agg(e.key) FILTER (WHERE e.same), '{}'))
           || coalesce(jsonb_object_agg(e.key, e.old) FILTER (WHERE e.same AND e.old <> 'null'), '{}') AS fresh,
           coalesce(array_agg('custom.' || e.key ORDER BY e.key) FILTER (WHERE NOT e.same AND e.now <> e.old), '{}')
               AS kept
    FROM (
        SELECT substr(b.key, 8) AS key, b.value AS old, coalesce(t.custom -> substr(b.key, 8), 'null') AS now,
               coalesce(t.custom -> substr(b.key, 8), 'null') = coalesce(i.after -> b.key, 'null') AS same
        FROM jsonb_each(i.before) b WHERE starts_with(b.key, 'custom.')
    ) e
) c
"""


def _cell(table: str, name: str) -> str:
    column = _quoted(name)
    same = f"i.before ? '{name}' AND t.{column} IS NOT DISTINCT FROM a.{column}"
    free = f"AND NOT {_taken(table, name)}" if UNIQUE.get(table) == name else ""
    return f"CASE WHEN {same} {free} THEN o.{column} ELSE t.{column} END"


def _kept_cell(table: str, name: str) -> str:
    column = _quoted(name)
    changed = f"t.{column} IS DISTINCT FROM a.{column} AND t.{column} IS DISTINCT FROM o.{column}"
    if UNIQUE.get(table) == name:
        changed = f"({changed} OR t.{column} IS DISTINCT FROM o.{column} AND {_taken(table, name)})"
    return f"CASE WHEN i.before ? '{name}' AND {changed} THEN '{name}' END"


def _taken(table: str, name: str) -> str:
    """Whether another record holds what this one held before the import."""
    column = _quoted(name)
    return (
        f"(o.{column} <> '' AND EXISTS (SELECT FROM {table} x WHERE x.tenant_id = %(tenant)s::uuid "
        f"AND x.{column} = o.{column} AND x.id <> t.id))"
    )


def restore(undo: Undo, model: type[models.Model], columns: list[str], *, norms: list[str]) -> int:
    """Write the cells back. ``norms`` are columns that ``NORMS`` has anew for records whose texts change."""
    table = model._meta.db_table
    names = [_quoted(name) for name in columns]
    sets = [f"{name} = n.{name}" for name in names]
    sets += [f"{name} = coalesce(m.{name}, t.{name})" for name in norms]
    known = {str(f.column) for f in model._meta.local_fields}
    sets += ["version = t.version + 1"] if "version" in known else []
    sets += ["updated_at = now()"] if "updated_at" in known else []
    now, then = (", ".join(f"{row}.{name}" for name in names) for row in "tn")
    source = f"{FRESH} n LEFT JOIN {NORMS} m ON m.id = n.id" if norms else f"{FRESH} n"
    restored = undo.run(
        f"""
        UPDATE {table} t SET {", ".join(sets)} FROM {source}
        WHERE t.tenant_id = %(tenant)s::uuid AND t.id = n.id
          AND ({now}) IS DISTINCT FROM ({then})"""
    )
    undo.counts.restored += restored
    return restored


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
