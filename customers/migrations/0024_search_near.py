"""Finding what was meant when a finger slipped, in two functions beside the searches and behind the same wall.

The writings one slip away come from outside as arrays; each is asked of an index: how names, their pinyin, addresses
and numbers begin, and, by an index of their own, the whole words of names. A slip in half a word, or two in one,
is looked for among the latest names alone: asked of the trigrams of a million names, common ones took half a second.

The searches learn to take addresses and numbers whole alone, for members who are shown neither: by the beginnings
of a number its digits could be found out one by one.
"""

from importlib import import_module

from django.db import migrations

_first = import_module("customers.migrations.0003_search")
_before = import_module("customers.migrations.0012_search_further_back")

NEAR = r"""
CREATE FUNCTION {function}(
    q text, most integer, begins text[], word1 text[], word2 text[],
    swaps text[], sounds text[], mails text[], numbers text[]
)
RETURNS TABLE ({answer} uuid, rank integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
SET search_path = pg_catalog, public SET plan_cache_mode = force_custom_plan
SET enable_seqscan = off SET enable_indexscan = on SET enable_indexonlyscan = on AS $$
DECLARE
    ours uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
    beyond text := chr(1114111);
    han boolean := public.name_grams(q) <> '{{}}';
    begun uuid[];
    latest uuid[] := '{{}}';
    words uuid[] := '{{}}';
BEGIN
    IF ours IS NULL OR q = '' OR most < 1 THEN
        RETURN;
    END IF;
    begun := ARRAY(
        SELECT n.id FROM unnest(begins) v, LATERAL (
            SELECT c.id FROM public.{table} c
            WHERE c.tenant_id = ours AND c.name_norm >= v AND c.name_norm < v || beyond {alive}
            ORDER BY c.name_norm LIMIT most) n
        UNION
        SELECT n.id FROM unnest(sounds) v, LATERAL (
            SELECT c.id FROM public.{table} c
            WHERE c.tenant_id = ours AND c.pinyin >= v AND c.pinyin < v || beyond AND c.pinyin <> '' {alive}
            ORDER BY c.pinyin LIMIT most) n
        UNION
        SELECT n.id FROM unnest(mails) v, LATERAL (
            SELECT c.id FROM public.{table} c
            WHERE c.tenant_id = ours AND c.email_norm >= v AND c.email_norm < v || beyond
              AND c.email_norm <> '' {alive}
            ORDER BY c.email_norm LIMIT most) n
        UNION
        SELECT n.id FROM unnest(numbers) v, LATERAL (
            SELECT c.id FROM public.{table} c
            WHERE c.tenant_id = ours AND c.phone_norm = v AND c.phone_norm <> '' {alive} LIMIT most) n
        LIMIT 4 * most
    );
    IF cardinality(begun) < most AND (han OR length(q) > 4 AND word1 <> '{{}}') THEN
        latest := ARRAY(
            SELECT n.id FROM (
                SELECT c.id, c.name_norm, c.pinyin FROM public.{table} c WHERE c.tenant_id = ours {alive}
                ORDER BY c.id DESC LIMIT least(100 * most, 1000)
            ) n
            WHERE CASE WHEN han THEN sounds <> '{{}}' AND position(sounds[1] IN n.pinyin) > 0
                       ELSE public.word_similarity(q, n.name_norm) >= 0.5 END
            LIMIT 4 * most
        );
    END IF;
    IF cardinality(begun || latest) < most THEN
        -- How few rows have any of many writings is more than the planner can know: it would read all names until it
        -- has enough. So what follows asks its own index, whatever it expects.
        PERFORM set_config(one, 'off', true) FROM unnest(ARRAY['enable_indexscan', 'enable_indexonlyscan']) one;
        {narrow}
        words := ARRAY(
            SELECT c.id FROM public.{table} c
            WHERE word1 <> '{{}}' AND c.tenant_id = ours AND string_to_array(c.name_norm, ' ') && word1
              AND (word2 IS NULL OR string_to_array(c.name_norm, ' ') && word2) {alive}
            LIMIT 4 * most
        ) || ARRAY(
            SELECT n.id FROM unnest(swaps) v, LATERAL (
                SELECT c.id FROM public.{table} c
                WHERE c.tenant_id = ours AND public.name_grams(c.name_norm) @> public.name_grams(v)
                  AND position(v IN c.name_norm) > 0 {alive}
                LIMIT most) n
        );
        PERFORM set_config(one, 'on', true) FROM unnest(ARRAY['enable_indexscan', 'enable_indexonlyscan']) one;
    END IF;
    RETURN QUERY
    SELECT c.id, min(h.place) FROM (
        SELECT unnest(begun || words) AS id, 1 AS place UNION ALL SELECT unnest(latest), 2
    ) h JOIN public.{table} c ON c.tenant_id = ours AND c.id = h.id
    GROUP BY c.id, c.name_norm
    ORDER BY min(h.place), public.word_similarity(q, c.name_norm) DESC, length(c.name_norm), c.name_norm, c.id
    LIMIT most;
END $$;
GRANT CREATE ON SCHEMA public TO crm_search;
ALTER FUNCTION {function}({signature}) OWNER TO crm_search;
REVOKE CREATE ON SCHEMA public FROM crm_search;
REVOKE ALL ON FUNCTION {function}({signature}) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {function}({signature}) TO crm_app;
CREATE INDEX {table}_words ON {table} USING gin (tenant_id, string_to_array(name_norm, ' '));
"""
# A word that some name has is meant; of the hundreds of writings of another, those that some name has: asked together,
# an index of words looks at each of its hits once for every one of them. The word itself stands first.
NARROW = """{word} := CASE WHEN {word} = '{{{{}}}}' THEN NULL ELSE ARRAY(
            SELECT v FROM unnest(CASE WHEN EXISTS (
                SELECT FROM public.{{table}} c
                WHERE c.tenant_id = ours AND string_to_array(c.name_norm, ' ') @> {word}[1:1]
            ) THEN {word}[1:1] ELSE {word}[2:] END) v, LATERAL (
                SELECT FROM public.{{table}} c
                WHERE c.tenant_id = ours AND string_to_array(c.name_norm, ' ') @> ARRAY[v] LIMIT 1) n
        ) END;"""
NEAR = NEAR.replace("{narrow}", "\n        ".join(NARROW.format(word=word) for word in ("word1", "word2")))
SIGNATURE = "text, integer, text[], text[], text[], text[], text[], text[], text[]"

CUSTOMERS = NEAR.format(
    function="near_customers",
    table="customers_customer",
    answer="customer_id",
    alive="AND c.deleted_at IS NULL",
    signature=SIGNATURE,
)
CONTACTS = NEAR.format(
    function="near_contacts",
    table="customers_contact",
    answer="contact_id",
    alive="",
    signature=SIGNATURE,
)


def _wholly(sql: str, function: str) -> str:
    """The search with one more question: whether an address and a number count by their whole alone."""
    body = _before._anew(sql).replace("CREATE OR REPLACE FUNCTION", "CREATE FUNCTION")
    _begin, _end, rights = sql.partition("END $$;")
    rights, _create, _indexes = rights.partition("CREATE INDEX")
    for old, new in (
        ("number text DEFAULT '')", "number text DEFAULT '', whole boolean DEFAULT false)"),
        ("c.email_norm < letters || beyond", "c.email_norm <= letters || further"),
        ("c.phone_norm < number || beyond", "c.phone_norm <= number || further"),
        ("WHERE number <> '' AND length(ending) > 3", "WHERE NOT whole AND number <> '' AND length(ending) > 3"),
        ("beyond text := chr(1114111);", _FURTHER),
    ):
        if old not in body:
            raise LookupError(old)
        body = body.replace(old, new)
    rights = rights.replace("(text, integer, text, text)", "(text, integer, text, text, boolean)")
    return f"DROP FUNCTION {function}(text, integer, text, text);\n{body}\n{rights}"


_FURTHER = """beyond text := chr(1114111);
    further text := CASE WHEN whole THEN '' ELSE chr(1114111) END;"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0023_upkeep")]

    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop)
        for sql in (
            *(CUSTOMERS, CONTACTS),
            _wholly(_first.CUSTOMERS, "search_customers"),
            _wholly(_first.CONTACTS, "search_contacts"),
        )
    ]
