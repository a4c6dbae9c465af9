"""Words within long texts, found over all of a company's rows by an index.

Migrations import this module: treat it as frozen. New behaviour is a new function.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crm.tenancy.rls import _TableOperation

# The latest are read first: there is what most ask for, and a word that many texts have need not be asked of the index,
# which gives every match before the first is taken. The index is asked whatever the planner expects of it: of texts
# nobody knows how many hold a word. Chinese words are shorter than a trigram: their signs and pairs have an index of
# their own, and are not asked by LIKE, or the trigrams' would be taken and give everything, as it does for fewer than
# three letters in a row.
_FUNCTION = r"""
CREATE FUNCTION {function}(q text, most integer) RETURNS TABLE (found_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_indexscan = on SET enable_indexonlyscan = on AS $$
DECLARE
    ours uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
    inside text := '%' || replace(replace(replace(q, '\', '\\'), '%', '\%'), '_', '\_') || '%';
    grams text[] := public.name_grams(q);
    pairs text[] := ARRAY(SELECT g FROM unnest(grams) g WHERE length(g) = 2);
    found uuid[];
BEGIN
    IF ours IS NULL OR btrim(q) = '' OR most < 1 THEN
        RETURN;
    END IF;
    found := ARRAY(
        SELECT n.id FROM (
            SELECT t.id, {text} AS said FROM public.{table} t
            WHERE t.tenant_id = ours{only} ORDER BY {order} LIMIT 500
        ) n WHERE n.said ILIKE inside LIMIT most
    );
    IF cardinality(found) < most THEN
        PERFORM set_config(one, 'off', true) FROM unnest(ARRAY['enable_indexscan', 'enable_indexonlyscan']) one;
        IF grams <> '{{}}' THEN
            found := found || ARRAY(
                SELECT t.id FROM public.{table} t
                WHERE t.tenant_id = ours{only} AND strpos(lower({text}), lower(q)) > 0
                  AND public.name_grams({text}) @> CASE WHEN pairs = '{{}}' THEN grams ELSE pairs END
                LIMIT 4 * most
            );
        ELSIF q ~ '[[:alnum:]]{{3}}' THEN
            found := found || ARRAY(
                SELECT t.id FROM public.{table} t
                WHERE t.tenant_id = ours{only} AND {text} ILIKE inside LIMIT 4 * most
            );
        END IF;
        PERFORM set_config(one, 'on', true) FROM unnest(ARRAY['enable_indexscan', 'enable_indexonlyscan']) one;
    END IF;
    RETURN QUERY SELECT DISTINCT unnest(found);
END $$
"""


class search_within(_TableOperation):
    """Give a model's table ``function(words, most)``: ids of the company's rows whose texts hold the words.

    ``order`` puts the latest first and has an index; ``only`` leaves rows out. The ids are joined back under the
    policies by who asks. Needs ``name_grams``, which the customers' migrations make.
    """

    def __init__(self, model: str, function: str, *columns: str, order: str, only: str = "") -> None:
        super().__init__(model)
        self.function, self.columns, self.order, self.only = function, columns, order, only

    def deconstruct(self) -> Any:
        named = {"order": self.order, "only": self.only}
        return type(self).__name__, [self.model, self.function, *self.columns], named

    def statements(self, model: Any) -> Iterable[str]:
        table, signature = model._meta.db_table, f"{self.function}(text, integer)"
        only = f" AND t.{self.only}" if self.only else ""
        yield _FUNCTION.format(
            function=self.function, table=table, text=self._text("t."), order=self.order, only=only
        )
        yield f"GRANT SELECT ON {table} TO crm_search"
        yield "GRANT CREATE ON SCHEMA public TO crm_search"
        yield f"ALTER FUNCTION {signature} OWNER TO crm_search"
        yield "REVOKE CREATE ON SCHEMA public FROM crm_search"
        yield f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {signature} TO crm_app"
        part = f" WHERE {self.only}" if self.only else ""
        text = self._text("")
        yield f"CREATE INDEX {table}_trigrams ON {table} USING gin (tenant_id, {text} gin_trgm_ops){part}"
        yield f"CREATE INDEX {table}_grams ON {table} USING gin (tenant_id, name_grams({text})){part}"

    def _text(self, alias: str) -> str:
        return f"({' || chr(10) || '.join(f'{alias}{column}' for column in self.columns)})"


# Words too short for a trigram: of one or two letters or digits, as they stand ("5G", "IT").
SHORT_WORDS = r"""
CREATE FUNCTION short_words(said text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(
        SELECT DISTINCT w FROM regexp_split_to_table(lower(said), '[^a-z0-9]+') w WHERE length(w) BETWEEN 1 AND 2
    )
$$
"""
_SHORT = """
        ELSIF short <> '{{}}' THEN
            found := found || ARRAY(
                SELECT t.id FROM public.{table} t
                WHERE t.tenant_id = ours{only} AND strpos(lower({text}), lower(q)) > 0
                  AND public.short_words({text}) @> short
                LIMIT 4 * most
            );
        END IF;
        PERFORM set_config(one, 'on', true)"""


class search_short_words(search_within):
    """Let the function that ``search_within`` made find words of one or two letters over all rows, too.

    Needs ``short_words``, which the customers' migrations make.
    """

    def statements(self, model: Any) -> Iterable[str]:
        body = _FUNCTION.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
        body = body.replace(
            "    found uuid[];", "    short text[] := public.short_words(q);\n    found uuid[];", 1
        )
        body = body.replace("\n        END IF;\n        PERFORM set_config(one, 'on', true)", _SHORT, 1)
        only = f" AND t.{self.only}" if self.only else ""
        yield body.format(
            function=self.function,
            table=model._meta.db_table,
            text=self._text("t."),
            order=self.order,
            only=only,
        )
        part = f" WHERE {self.only}" if self.only else ""
        table, words = model._meta.db_table, f"short_words({self._text('')})"
        yield f"CREATE INDEX {table}_short_words ON {table} USING gin (tenant_id, {words}){part}"
