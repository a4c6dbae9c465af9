"""Substring search past the policies, in two functions that look at one company only.

Only leakproof operators become index conditions under row-level security, and a substring's are not.
So the functions belong to ``crm_search``, which may look past the policies; they read the company from
the setting themselves and answer with ids and ranks alone, which callers join back under the policies.

Every way to a hit takes at most a few rows and none sorts all that match; a word that many are called
by is found among the latest names before an index is asked for all of them. A Chinese name is shorter than a trigram:
its single characters and pairs stand in an index of their own.
"""

from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension
from django.db import migrations, models
from django.db.models import Q

GRAMS = """
CREATE FUNCTION name_grams(name text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    grams text[] := '{}';
    earlier text := '';
    sign text;
BEGIN
    IF name IS NULL OR octet_length(name) = length(name) THEN
        RETURN grams;
    END IF;
    FOREACH sign IN ARRAY regexp_split_to_array(name, '') LOOP
        IF ascii(sign) BETWEEN 13312 AND 40959 OR ascii(sign) BETWEEN 63744 AND 64255
           OR ascii(sign) BETWEEN 131072 AND 262143 THEN
            grams := grams || sign;
            IF earlier <> '' THEN
                grams := grams || (earlier || sign);
            END IF;
            earlier := sign;
        ELSE
            earlier := '';
        END IF;
    END LOOP;
    RETURN grams;
END $$;
"""

# Ranks: 0 the thing itself, 1 its name begins so, 2–3 something else of it does, 4 it stands within the name.
SEARCH = r"""
CREATE FUNCTION {function}(q text, most integer, typed text DEFAULT '', number text DEFAULT '')
RETURNS TABLE ({answer} uuid, rank integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
SET search_path = pg_catalog, public SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    ours uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
    beyond text := chr(1114111);
    letters text := replace(q, ' ', '');
    inside text := '%' || replace(replace(replace(q, '\', '\\'), '%', '\%'), '_', '\_') || '%';
    grams text[] := public.name_grams(q);
    pairs text[] := ARRAY(SELECT g FROM unnest(grams) g WHERE length(g) = 2);
    ending text := reverse(ltrim(regexp_replace(q, '\D', '', 'g'), '0'));
BEGIN
    IF ours IS NULL OR q = '' OR most < 1 THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH begins (id, place) AS (
        {own_id}
        (SELECT c.id, CASE WHEN c.name_norm = q THEN 0 ELSE 1 END FROM public.{table} c
         WHERE c.tenant_id = ours AND c.name_norm >= q AND c.name_norm < q || beyond {alive}
         ORDER BY c.name_norm LIMIT most)
        UNION ALL
        (SELECT c.id, CASE WHEN c.pinyin = letters THEN 1 ELSE 2 END FROM public.{table} c
         WHERE letters ~ '^[a-z0-9]+$' AND c.tenant_id = ours
           AND c.pinyin >= letters AND c.pinyin < letters || beyond AND c.pinyin <> '' {alive}
         ORDER BY c.pinyin LIMIT most)
        UNION ALL
        (SELECT c.id, CASE WHEN c.initials = letters THEN 2 ELSE 3 END FROM public.{table} c
         WHERE letters ~ '^[a-z0-9]+$' AND c.tenant_id = ours
           AND c.initials >= letters AND c.initials < letters || beyond AND c.initials <> '' {alive}
         ORDER BY c.initials LIMIT most)
        UNION ALL
        (SELECT c.id, CASE WHEN c.email_norm = letters THEN 0 ELSE 2 END FROM public.{table} c
         WHERE c.tenant_id = ours AND c.email_norm >= letters AND c.email_norm < letters || beyond
           AND c.email_norm <> '' {alive}
         ORDER BY c.email_norm LIMIT most)
        UNION ALL
        (SELECT c.id, CASE WHEN c.phone_norm = number THEN 0 ELSE 2 END FROM public.{table} c
         WHERE length(number) > 2 AND c.tenant_id = ours AND c.phone_norm >= number AND c.phone_norm < number || beyond
           AND c.phone_norm <> '' {alive}
         ORDER BY c.phone_norm LIMIT most)
        UNION ALL
        (SELECT c.id, 3 FROM public.{table} c
         WHERE number <> '' AND length(ending) > 3 AND c.tenant_id = ours
           AND reverse(c.phone_norm) COLLATE "C" >= ending AND reverse(c.phone_norm) COLLATE "C" < ending || beyond
           AND c.phone_norm <> '' {alive}
         LIMIT most)
    ), latest (id, place) AS (
        SELECT n.id, 4 FROM (
            SELECT c.id, c.name_norm FROM public.{table} c WHERE c.tenant_id = ours {alive}
            ORDER BY c.id DESC LIMIT least(60 * most, 4000)
        ) n WHERE position(q IN n.name_norm) > 0 AND (grams <> '{{}}' OR length(letters) > 2)
    ), within (id, place) AS (
        (SELECT c.id, 4 FROM public.{table} c
         WHERE (SELECT count(*) FROM (SELECT b.id FROM begins b UNION SELECT l.id FROM latest l) d) < most
           AND grams = '{{}}' AND length(letters) > 2 AND c.tenant_id = ours AND c.name_norm LIKE inside {alive}
         LIMIT 4 * most)
        UNION ALL
        (SELECT c.id, 4 FROM public.{table} c
         WHERE (SELECT count(*) FROM (SELECT b.id FROM begins b UNION SELECT l.id FROM latest l) d) < most
           AND grams <> '{{}}' AND c.tenant_id = ours AND public.name_grams(c.name_norm) @> CASE WHEN pairs = '{{}}' THEN grams ELSE pairs END
           AND position(q IN c.name_norm) > 0 {alive}
         LIMIT 4 * most)
    ), best (id, place) AS (
        SELECT h.id, min(h.place) FROM (
            SELECT * FROM begins UNION ALL SELECT * FROM latest UNION ALL SELECT * FROM within
        ) h GROUP BY h.id
    )
    SELECT best.id, best.place FROM best JOIN public.{table} c ON c.tenant_id = ours AND c.id = best.id
    ORDER BY best.place, length(c.name_norm), c.name_norm, c.id LIMIT most;
END $$;
GRANT SELECT ON {table} TO crm_search;
GRANT CREATE ON SCHEMA public TO crm_search;
ALTER FUNCTION {function}(text, integer, text, text) OWNER TO crm_search;
REVOKE CREATE ON SCHEMA public FROM crm_search;
REVOKE ALL ON FUNCTION {function}(text, integer, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {function}(text, integer, text, text) TO crm_app;
CREATE INDEX {table}_trigrams ON {table} USING gin (tenant_id, name_norm gin_trgm_ops);
CREATE INDEX {table}_grams ON {table} USING gin (tenant_id, name_grams(name_norm));
CREATE INDEX {table}_phone_end ON {table} (tenant_id, reverse(phone_norm) COLLATE "C") WHERE phone_norm <> '';
"""

OWN_ID = """(SELECT c.id, CASE WHEN c.external_id = typed THEN 0 ELSE 2 END FROM public.customers_customer c
         WHERE typed <> '' AND c.tenant_id = ours AND c.external_id >= typed AND c.external_id < typed || beyond
           AND c.external_id <> '' AND c.deleted_at IS NULL
         ORDER BY c.external_id LIMIT most)
        UNION ALL"""

CUSTOMERS = SEARCH.format(
    function="search_customers",
    table="customers_customer",
    answer="customer_id",
    alive="AND c.deleted_at IS NULL",
    own_id=OWN_ID,
)
CONTACTS = SEARCH.format(
    function="search_contacts", table="customers_contact", answer="contact_id", alive="", own_id=""
)


def _prefix_index(model: str, field: str) -> migrations.AddIndex:
    index = models.Index(fields=["tenant", field], condition=~Q(**{field: ""}), name=f"{model}_{field}")
    return migrations.AddIndex(model_name=model, index=index)


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_isolate")]

    operations = [
        TrigramExtension(),
        BtreeGinExtension(),
        _prefix_index("customer", "pinyin"),
        _prefix_index("customer", "initials"),
        _prefix_index("contact", "pinyin"),
        _prefix_index("contact", "initials"),
        migrations.RunSQL(GRAMS, migrations.RunSQL.noop),
        migrations.RunSQL(CUSTOMERS, migrations.RunSQL.noop),
        migrations.RunSQL(CONTACTS, migrations.RunSQL.noop),
    ]
