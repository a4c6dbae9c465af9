"""The SQL functions of the kernel, written once; the first migrations install them.

Frozen like ``rls.py``: a change is a new constant and a new migration. Those that write the history
stand in ``history_functions.py``.
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

# As ``WAKE_TO_SEAL``, without a copy of every entry of the statement: an entry is of the company that is open.
WAKE_TO_SEAL_QUICKER = """
DROP TRIGGER wake_to_seal ON crm_auditentry;
CREATE OR REPLACE FUNCTION wake_to_seal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    company uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
    INSERT INTO crm_wakeup (id, tenant_id, at)
    SELECT uuid7(), company, clock_timestamp() + interval '5 minutes'
    WHERE company IS NOT NULL AND NOT EXISTS (
        SELECT FROM crm_wakeup w WHERE w.tenant_id = company
        AND w.at > clock_timestamp() AND w.at <= clock_timestamp() + interval '5 minutes'
    );
    RETURN NULL;
END $$;
CREATE TRIGGER wake_to_seal AFTER INSERT ON crm_auditentry FOR EACH STATEMENT EXECUTE FUNCTION wake_to_seal();
"""

# The one way values leave the history: columns of entries of the open company become null, nothing else changes.
# Owned by crm_search, for crm_app may only add to the history.
ERASE_HISTORY = """
CREATE FUNCTION erase_history(entries uuid[], columns text[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    company uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
    emptied bigint;
BEGIN
    UPDATE public.crm_auditentry e SET
        before = CASE WHEN jsonb_typeof(e.before) = 'object' THEN coalesce(
            (SELECT jsonb_object_agg(v.key, CASE WHEN v.key <> ALL (columns) THEN v.value ELSE 'null' END)
             FROM jsonb_each(e.before) v), '{}') END,
        after = CASE WHEN jsonb_typeof(e.after) = 'object' THEN coalesce(
            (SELECT jsonb_object_agg(v.key, CASE WHEN v.key <> ALL (columns) THEN v.value ELSE 'null' END)
             FROM jsonb_each(e.after) v), '{}') END
    WHERE e.tenant_id = company AND e.id = ANY (entries);
    GET DIAGNOSTICS emptied = ROW_COUNT;
    RETURN emptied;
END $$;
GRANT SELECT, UPDATE ON crm_auditentry TO crm_search;
GRANT CREATE ON SCHEMA public TO crm_search;
ALTER FUNCTION erase_history(uuid[], text[]) OWNER TO crm_search;
REVOKE CREATE ON SCHEMA public FROM crm_search;
REVOKE ALL ON FUNCTION erase_history(uuid[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_history(uuid[], text[]) TO crm_app;
"""
