"""The SQL that keeps tables of values equal to the column ``custom`` of their records.

Frozen: migrations install it. A record type that is to carry custom fields gets the column, a table of values
and ``keep_values`` in a migration of its own.
"""

from __future__ import annotations

# Texts are found and sorted without regard to case and width, by their beginning.
FOLD = """
CREATE FUNCTION custom_fold(given text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT left(lower(normalize(given, NFKC)), 200) $$;
"""

# A key that is no field of the company's gives a row without a field, which the table refuses.
_ROWS = """
    INSERT INTO public.{values} (tenant_id, id, field_id, record_id, text, whole, moment, ref)
    SELECT n.tenant_id, uuid7(), f.id, n.id,
           CASE WHEN f.kind IN ('text', 'long_text', 'link') THEN custom_fold(e.value #>> '{{}}')
                WHEN f.kind = 'choice' THEN e.value #>> '{{}}' ELSE item.value END,
           CASE f.kind WHEN 'number' THEN round((e.value #>> '{{}}')::numeric * 1000000)::bigint
                       WHEN 'money' THEN (e.value #>> '{{}}')::bigint
                       WHEN 'date' THEN (e.value #>> '{{}}')::date - DATE '1970-01-01'
                       WHEN 'yes_no' THEN (e.value #>> '{{}}')::boolean::int END,
           CASE f.kind WHEN 'moment' THEN (e.value #>> '{{}}')::timestamptz END,
           CASE WHEN f.kind IN ('member', 'customer') THEN (e.value #>> '{{}}')::uuid END
    FROM {changed}
    CROSS JOIN LATERAL jsonb_each(n.custom) e
    LEFT JOIN public.customers_customfield f
      ON f.tenant_id = n.tenant_id AND f.record = '{record}' AND f.key = e.key
    CROSS JOIN LATERAL (
        SELECT DISTINCT each.value FROM jsonb_array_elements_text(
            CASE f.kind WHEN 'multi_choice' THEN e.value ELSE '[null]' END
        ) each
    ) item
    WHERE {differs};
"""

_KEEP = """
CREATE FUNCTION keep_{values}_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows WHERE custom <> '{{}}') THEN {inserted} END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER keep_values_insert AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION keep_{values}_insert();
CREATE TRIGGER keep_values_update AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_{values}_update();
"""

# Both images of each record. A session keeps the plan its first change was given: a join planned for one record would
# compare ten thousand with ten thousand, and only a full join can never be such a loop.
_PAIRS = """(
        SELECT n.tenant_id, n.id, o.custom AS was, n.custom
        FROM new_rows n FULL JOIN old_rows o ON o.tenant_id = n.tenant_id AND o.id = n.id
        OFFSET 0
    ) n"""

# Most changes are to other columns: then the two images are joined once, and nothing else is asked.
_FOLLOW = """
CREATE OR REPLACE FUNCTION keep_{values}_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM {pairs} WHERE n.was <> n.custom) THEN RETURN NULL; END IF;
    IF EXISTS (SELECT FROM old_rows WHERE custom <> '{{}}') THEN
        DELETE FROM public.{values} v USING (
            SELECT n.tenant_id, n.id, f.id AS field_id
            FROM {pairs}
            CROSS JOIN LATERAL jsonb_each(n.was) e
            JOIN public.customers_customfield f
              ON f.tenant_id = n.tenant_id AND f.record = '{record}' AND f.key = e.key
            WHERE n.was <> n.custom AND e.value IS DISTINCT FROM n.custom -> e.key
        ) gone
        WHERE v.tenant_id = gone.tenant_id AND v.record_id = gone.id AND v.field_id = gone.field_id;
    END IF;
    IF EXISTS (SELECT FROM new_rows WHERE custom <> '{{}}') THEN {updated} END IF;
    RETURN NULL;
END $$;
"""


def keep_values(*, table: str, values: str, record: str) -> str:
    """SQL that makes ``values`` follow the column ``custom`` of ``table``, however it is written.

    A delete takes its values along by their foreign key. What is not of the field's kind is refused.
    """
    inserted = _ROWS.format(values=values, record=record, changed="new_rows n", differs="TRUE")
    return follow_changes(values=values, record=record) + _KEEP.format(
        table=table, values=values, inserted=inserted
    )


def follow_changes(*, values: str, record: str) -> str:
    """SQL of what a change of records does to their ``values``, new or in place of what stands."""
    updated = _ROWS.format(
        values=values,
        record=record,
        changed=_PAIRS,
        differs="n.custom <> n.was AND e.value IS DISTINCT FROM n.was -> e.key",
    )
    return _FOLLOW.format(values=values, record=record, pairs=_PAIRS, updated=updated)
