"""The SQL functions of the kernel, written once; the first migrations install them.

Frozen like ``rls.py``: a change is a new constant and a new migration.
"""

UUID7 = """
CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $$
DECLARE
    ms bytea := substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3);
    bytes bytea := ms || substring(uuid_send(gen_random_uuid()) FROM 7);
BEGIN
    bytes := set_byte(bytes, 6, (get_byte(bytes, 6) & 15) | 112);
    RETURN encode(bytes, 'hex')::uuid;
END $$;
DO $$ BEGIN
    IF current_setting('server_version_num')::int >= 180000 THEN
        CREATE OR REPLACE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS 'SELECT uuidv7()';
    END IF;
END $$;
"""

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

# Owned by crm_search, which may look past the policies and cannot log in.
COMPANIES_OF = """
CREATE FUNCTION companies_of(wanted uuid) RETURNS TABLE (tenant_id uuid, name text, slug text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT t.id, t.name::text, t.slug::text
    FROM public.crm_member m JOIN public.crm_tenant t ON t.id = m.tenant_id
    WHERE m.user_id = wanted AND m.active AND t.closed_at IS NULL
    ORDER BY t.name, t.id
$$;
GRANT SELECT ON crm_member, crm_tenant TO crm_search;
GRANT CREATE ON SCHEMA public TO crm_search;
ALTER FUNCTION companies_of(uuid) OWNER TO crm_search;
REVOKE CREATE ON SCHEMA public FROM crm_search;
REVOKE ALL ON FUNCTION companies_of(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION companies_of(uuid) TO crm_app;
CREATE INDEX crm_member_user ON crm_member (user_id) INCLUDE (tenant_id, active);
"""

# A delivery that ripens wakes its company: one row a statement, never a lock that others wait for.
WAKE_ON_DELIVERY = """
CREATE FUNCTION wake_on_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_wakeup (id, tenant_id, at)
    SELECT uuid7(), n.tenant_id, min(n.next_at) FROM new_rows n
    WHERE n.done_at IS NULL AND n.dead_at IS NULL GROUP BY n.tenant_id;
    RETURN NULL;
END $$;
CREATE TRIGGER wake_on_delivery AFTER INSERT ON crm_delivery
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION wake_on_delivery();
"""

# A follow-up that becomes due, or due earlier, wakes its company in time to remind of it.
WAKE_ON_FOLLOW_UP = """
CREATE FUNCTION wake_on_follow_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_wakeup (id, tenant_id, at)
    SELECT uuid7(), n.tenant_id, min(n.due_at) FROM new_rows n WHERE n.closed_at IS NULL GROUP BY n.tenant_id;
    RETURN NULL;
END $$;
CREATE TRIGGER wake_on_follow_up AFTER INSERT ON customers_followup
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION wake_on_follow_up();
"""

# What is written down is sealed within minutes. One wake-up ahead is enough, however much is written:
# only those still ahead count, since a round that runs now may be past its sealing.
WAKE_TO_SEAL = """
CREATE FUNCTION wake_to_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_wakeup (id, tenant_id, at)
    SELECT uuid7(), n.tenant_id, clock_timestamp() + interval '5 minutes'
    FROM (SELECT tenant_id FROM new_rows LIMIT 1) n
    WHERE NOT EXISTS (
        SELECT FROM crm_wakeup w WHERE w.tenant_id = n.tenant_id
        AND w.at > clock_timestamp() AND w.at <= clock_timestamp() + interval '5 minutes'
    );
    RETURN NULL;
END $$;
CREATE TRIGGER wake_to_seal AFTER INSERT ON crm_auditentry
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION wake_to_seal();
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
