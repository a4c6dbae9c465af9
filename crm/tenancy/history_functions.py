"""The SQL functions that write the history, as ``functions.py``: a change is a new constant and a new migration."""

# Statement triggers with transition tables: one INSERT … SELECT however many rows came.
AUDIT = """
CREATE FUNCTION audit_visible(row_image jsonb, hidden text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT jsonb_strip_nulls(row_image - hidden - '{id,tenant_id}'::text[]) $$;

CREATE FUNCTION audit_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_auditentry (tenant_id, id, at, kind, deed, subject_type, subject_id,
                                member_id, request_id, source, after)
    SELECT n.tenant_id, uuid7(), clock_timestamp(), 'insert', '', TG_ARGV[0], n.id,
           NULLIF(current_setting('app.member_id', true), '')::uuid,
           NULLIF(current_setting('app.request_id', true), '')::uuid,
           coalesce(current_setting('app.source', true), ''),
           audit_visible(to_jsonb(n), TG_ARGV[1]::text[])
    FROM new_rows n;
    RETURN NULL;
END $$;

CREATE FUNCTION audit_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_auditentry (tenant_id, id, at, kind, deed, subject_type, subject_id,
                                member_id, request_id, source, before, after)
    SELECT n.tenant_id, uuid7(), clock_timestamp(), 'update', '', TG_ARGV[0], n.id,
           NULLIF(current_setting('app.member_id', true), '')::uuid,
           NULLIF(current_setting('app.request_id', true), '')::uuid,
           coalesce(current_setting('app.source', true), ''),
           diff.before, diff.after
    FROM new_rows n JOIN old_rows o ON o.id = n.id AND o.tenant_id = n.tenant_id
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(e.key, to_jsonb(o) -> e.key) AS before, jsonb_object_agg(e.key, e.value) AS after
        FROM jsonb_each(to_jsonb(n)) e
        WHERE e.value IS DISTINCT FROM to_jsonb(o) -> e.key AND NOT e.key = ANY (TG_ARGV[1]::text[])
    ) diff
    WHERE diff.after IS NOT NULL;
    RETURN NULL;
END $$;

CREATE FUNCTION audit_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_auditentry (tenant_id, id, at, kind, deed, subject_type, subject_id,
                                member_id, request_id, source, before)
    SELECT o.tenant_id, uuid7(), clock_timestamp(), 'delete', '', TG_ARGV[0], o.id,
           NULLIF(current_setting('app.member_id', true), '')::uuid,
           NULLIF(current_setting('app.request_id', true), '')::uuid,
           coalesce(current_setting('app.source', true), ''),
           audit_visible(to_jsonb(o), TG_ARGV[1]::text[])
    FROM old_rows o;
    RETURN NULL;
END $$;
"""

# A column ``custom`` is written down field by field, as ``custom.<key>``: who changed which, and nothing of the others.
AUDIT_BY_FIELD = """
CREATE FUNCTION audit_flat(row_image jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(row_image -> 'custom') = 'object' THEN (row_image - 'custom') || coalesce(
        (SELECT jsonb_object_agg('custom.' || e.key, e.value) FROM jsonb_each(row_image -> 'custom') e), '{}'
    ) ELSE row_image END
$$;

CREATE OR REPLACE FUNCTION audit_visible(row_image jsonb, hidden text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT jsonb_strip_nulls(audit_flat(row_image) - hidden - '{id,tenant_id}'::text[]) $$;

CREATE OR REPLACE FUNCTION audit_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_auditentry (tenant_id, id, at, kind, deed, subject_type, subject_id,
                                member_id, request_id, source, before, after)
    SELECT n.tenant_id, uuid7(), clock_timestamp(), 'update', '', TG_ARGV[0], n.id,
           NULLIF(current_setting('app.member_id', true), '')::uuid,
           NULLIF(current_setting('app.request_id', true), '')::uuid,
           coalesce(current_setting('app.source', true), ''),
           diff.before, diff.after
    FROM new_rows n JOIN old_rows o ON o.id = n.id AND o.tenant_id = n.tenant_id
    CROSS JOIN LATERAL (
        SELECT audit_flat(to_jsonb(n)) AS new_image, audit_flat(to_jsonb(o)) AS old_image OFFSET 0
    ) image
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(k.key, image.old_image -> k.key) AS before,
               jsonb_object_agg(k.key, image.new_image -> k.key) AS after
        FROM jsonb_object_keys(image.old_image || image.new_image) k(key)
        WHERE image.new_image -> k.key IS DISTINCT FROM image.old_image -> k.key
          AND NOT k.key = ANY (TG_ARGV[1]::text[])
    ) diff
    WHERE diff.after IS NOT NULL;
    RETURN NULL;
END $$;
"""

# As ``AUDIT`` and ``AUDIT_BY_FIELD``, at about half the price: ids of version 7 count up from one random start
# per statement, where ``uuid7()`` asks the system for randomness per row; each row becomes JSON once.
# ``history_ids()`` gives the text before the counter and where it starts.
AUDIT_QUICKER = """
CREATE FUNCTION history_ids(OUT head text, OUT start bigint) LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
               || left(gen_random_uuid()::text, 3),
           (-9223372036854775808 + floor(random() * 2305843009213693952)::numeric)::bigint
$$;

CREATE OR REPLACE FUNCTION audit_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head text;
    start bigint;
    hidden text[] := TG_ARGV[1]::text[] || '{id,tenant_id}'::text[];
BEGIN
    SELECT * INTO head, start FROM history_ids();
    INSERT INTO crm_auditentry (tenant_id, id, at, kind, deed, subject_type, subject_id,
                                member_id, request_id, source, after)
    SELECT n.tenant_id, (head || to_hex(start + row_number() OVER ()))::uuid, clock_timestamp(), 'insert', '',
           TG_ARGV[0], n.id,
           NULLIF(current_setting('app.member_id', true), '')::uuid,
           NULLIF(current_setting('app.request_id', true), '')::uuid,
           coalesce(current_setting('app.source', true), ''),
           jsonb_strip_nulls(CASE WHEN image.new ? 'custom' THEN audit_flat(image.new) ELSE image.new END - hidden)
    FROM new_rows n CROSS JOIN LATERAL (SELECT to_jsonb(n) AS new OFFSET 0) image;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION audit_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head text;
    start bigint;
    hidden text[] := TG_ARGV[1]::text[] || '{id,tenant_id}'::text[];
BEGIN
    SELECT * INTO head, start FROM history_ids();
    INSERT INTO crm_auditentry (tenant_id, id, at, kind, deed, subject_type, subject_id,
                                member_id, request_id, source, before, after)
    SELECT pair.tenant_id, (head || to_hex(start + row_number() OVER ()))::uuid, clock_timestamp(), 'update', '',
           TG_ARGV[0], pair.id,
           NULLIF(current_setting('app.member_id', true), '')::uuid,
           NULLIF(current_setting('app.request_id', true), '')::uuid,
           coalesce(current_setting('app.source', true), ''),
           diff.before, diff.after
    FROM (
        SELECT n.tenant_id, n.id, audit_flat(to_jsonb(o)) - hidden AS old, audit_flat(to_jsonb(n)) - hidden AS new
        FROM new_rows n JOIN old_rows o ON o.id = n.id AND o.tenant_id = n.tenant_id
        OFFSET 0
    ) pair
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(k.key, pair.old -> k.key) AS before, jsonb_object_agg(k.key, pair.new -> k.key) AS after
        FROM jsonb_object_keys(pair.old || pair.new) k(key)
        WHERE pair.new -> k.key IS DISTINCT FROM pair.old -> k.key
    ) diff
    WHERE diff.after IS NOT NULL;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION audit_delete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head text;
    start bigint;
    hidden text[] := TG_ARGV[1]::text[] || '{id,tenant_id}'::text[];
BEGIN
    SELECT * INTO head, start FROM history_ids();
    INSERT INTO crm_auditentry (tenant_id, id, at, kind, deed, subject_type, subject_id,
                                member_id, request_id, source, before)
    SELECT o.tenant_id, (head || to_hex(start + row_number() OVER ()))::uuid, clock_timestamp(), 'delete', '',
           TG_ARGV[0], o.id,
           NULLIF(current_setting('app.member_id', true), '')::uuid,
           NULLIF(current_setting('app.request_id', true), '')::uuid,
           coalesce(current_setting('app.source', true), ''),
           jsonb_strip_nulls(CASE WHEN image.old ? 'custom' THEN audit_flat(image.old) ELSE image.old END - hidden)
    FROM old_rows o CROSS JOIN LATERAL (SELECT to_jsonb(o) AS old OFFSET 0) image;
    RETURN NULL;
END $$;

DROP FUNCTION audit_visible(jsonb, text[]);
"""

# The same history of a change at a third of the price: hidden columns are left out of the few that differ, not of both
# images, and custom fields are looked at one by one only where some differ. The images meet in a full join, though each
# has its other: a session keeps the plan of its first change, and a loop planned for one row would never end for many.
AUDIT_UPDATE_QUICKER = """
CREATE OR REPLACE FUNCTION audit_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head text;
    start bigint;
    hidden text[] := TG_ARGV[1]::text[] || '{id,tenant_id}'::text[];
BEGIN
    SELECT * INTO head, start FROM history_ids();
    INSERT INTO crm_auditentry (tenant_id, id, at, kind, deed, subject_type, subject_id,
                                member_id, request_id, source, before, after)
    SELECT pair.tenant_id, (head || to_hex(start + row_number() OVER ()))::uuid, clock_timestamp(), 'update', '',
           TG_ARGV[0], pair.id,
           NULLIF(current_setting('app.member_id', true), '')::uuid,
           NULLIF(current_setting('app.request_id', true), '')::uuid,
           coalesce(current_setting('app.source', true), ''),
           diff.before, diff.after
    FROM (
        SELECT n.tenant_id, n.id, to_jsonb(o) AS old, to_jsonb(n) AS new
        FROM new_rows n FULL JOIN old_rows o ON o.id = n.id AND o.tenant_id = n.tenant_id
        OFFSET 0
    ) pair
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(k.key, k.was) AS before, jsonb_object_agg(k.key, k.now) AS after
        FROM (
            SELECT e.key, pair.old -> e.key AS was, e.value AS now
            FROM jsonb_each(pair.new) e WHERE e.key <> 'custom'
            UNION ALL
            SELECT 'custom.' || c.key, pair.old -> 'custom' -> c.key, pair.new -> 'custom' -> c.key
            FROM jsonb_object_keys(
                CASE WHEN pair.old -> 'custom' <> pair.new -> 'custom'
                     THEN (pair.old -> 'custom') || (pair.new -> 'custom') ELSE '{}' END
            ) c(key)
        ) k
        WHERE k.now IS DISTINCT FROM k.was AND k.key <> ALL (hidden)
    ) diff
    WHERE diff.after IS NOT NULL;
    RETURN NULL;
END $$;
"""

# What is a part of something else (the lines of an order) comes into being with it: one entry per whole,
# told under the whole, with all its new parts. Arguments: the part's label, hidden columns, the column that
# points to the whole, the whole's label. Changes of a part and its end are told under the part itself.
AUDIT_PARTS = """
CREATE FUNCTION audit_insert_parts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head text;
    start bigint;
BEGIN
    SELECT * INTO head, start FROM history_ids();
    EXECUTE format($sql$
        INSERT INTO crm_auditentry (tenant_id, id, at, kind, deed, subject_type, subject_id,
                                    member_id, request_id, source, after)
        SELECT w.tenant_id, ($1 || to_hex($2 + row_number() OVER ()))::uuid, clock_timestamp(), 'insert', '',
               $3, w.whole,
               NULLIF(current_setting('app.member_id', true), '')::uuid,
               NULLIF(current_setting('app.request_id', true), '')::uuid,
               coalesce(current_setting('app.source', true), ''),
               jsonb_build_object($4, w.parts)
        FROM (
            SELECT n.tenant_id, n.%1$I AS whole, jsonb_agg(jsonb_strip_nulls(to_jsonb(n) - $5)) AS parts
            FROM new_rows n GROUP BY 1, 2
        ) w
    $sql$, TG_ARGV[2])
    USING head, start, TG_ARGV[3], TG_ARGV[0], TG_ARGV[1]::text[] || ARRAY['tenant_id', TG_ARGV[2]];
    RETURN NULL;
END $$;
"""

# The same history of many new rows at a third of the price: each becomes JSON once, column by column, where the whole
# row is made into JSON and then freed of hidden columns, own fields and blanks again. Of few rows the plan that is made
# anew for each statement would cost more than it saves. ``audit_image()`` gives the SQL for a row ``n`` of the table.
AUDIT_INSERT_MANY = """
CREATE FUNCTION audit_image(relation oid, hidden text[]) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT 'json_object(' || string_agg(format(
               CASE WHEN atttypid = 'jsonb'::regtype THEN '%L: nullif(jsonb_strip_nulls(n.%I), ''null'')'
                    ELSE '%L: n.%I' END, attname, attname
           ), ', ') FILTER (WHERE attname <> 'custom') || ' ABSENT ON NULL RETURNING jsonb)'
           || CASE WHEN bool_or(attname = 'custom') THEN ' || CASE WHEN n.custom = ''{}'' THEN ''{}'' '
                   'ELSE jsonb_strip_nulls(audit_flat(jsonb_build_object(''custom'', n.custom))) END' ELSE '' END
    FROM pg_attribute
    WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attname <> ALL (hidden)
$$;

CREATE OR REPLACE FUNCTION audit_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head text;
    start bigint;
    hidden text[] := TG_ARGV[1]::text[] || '{id,tenant_id}'::text[];
BEGIN
    SELECT * INTO head, start FROM history_ids();
    IF EXISTS (SELECT FROM new_rows OFFSET 30) THEN
        EXECUTE $sql$
            INSERT INTO crm_auditentry (tenant_id, id, at, kind, deed, subject_type, subject_id,
                                        member_id, request_id, source, after)
            SELECT n.tenant_id, ($1 || to_hex($2 + row_number() OVER ()))::uuid, clock_timestamp(), 'insert', '',
                   $3, n.id,
                   NULLIF(current_setting('app.member_id', true), '')::uuid,
                   NULLIF(current_setting('app.request_id', true), '')::uuid,
                   coalesce(current_setting('app.source', true), ''),
                   $sql$ || audit_image(TG_RELID, hidden) || ' FROM new_rows n'
        USING head, start, TG_ARGV[0];
        RETURN NULL;
    END IF;
    INSERT INTO crm_auditentry (tenant_id, id, at, kind, deed, subject_type, subject_id,
                                member_id, request_id, source, after)
    SELECT n.tenant_id, (head || to_hex(start + row_number() OVER ()))::uuid, clock_timestamp(), 'insert', '',
           TG_ARGV[0], n.id,
           NULLIF(current_setting('app.member_id', true), '')::uuid,
           NULLIF(current_setting('app.request_id', true), '')::uuid,
           coalesce(current_setting('app.source', true), ''),
           jsonb_strip_nulls(CASE WHEN image.new ? 'custom' THEN audit_flat(image.new) ELSE image.new END - hidden)
    FROM new_rows n CROSS JOIN LATERAL (SELECT to_jsonb(n) AS new OFFSET 0) image;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION audit_insert_parts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head text;
    start bigint;
    hidden text[] := TG_ARGV[1]::text[] || ARRAY['tenant_id', TG_ARGV[2]];
BEGIN
    SELECT * INTO head, start FROM history_ids();
    EXECUTE format($sql$
        INSERT INTO crm_auditentry (tenant_id, id, at, kind, deed, subject_type, subject_id,
                                    member_id, request_id, source, after)
        SELECT w.tenant_id, ($1 || to_hex($2 + row_number() OVER ()))::uuid, clock_timestamp(), 'insert', '',
               $3, w.whole,
               NULLIF(current_setting('app.member_id', true), '')::uuid,
               NULLIF(current_setting('app.request_id', true), '')::uuid,
               coalesce(current_setting('app.source', true), ''),
               jsonb_build_object($4, w.parts)
        FROM (SELECT n.tenant_id, n.%1$I AS whole, to_jsonb(array_agg(%2$s)) AS parts FROM new_rows n GROUP BY 1, 2) w
    $sql$, TG_ARGV[2], audit_image(TG_RELID, hidden))
    USING head, start, TG_ARGV[3], TG_ARGV[0];
    RETURN NULL;
END $$;
"""
