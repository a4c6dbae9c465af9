"""Whole words of the latest names are compared before the index of words is asked, half words only where nothing is near.

Each of the hundreds of writings asked of the index takes some thirty microseconds; among the latest names they are
looked up in a table of hashes.
"""

from importlib import import_module

from django.db import migrations

_before = import_module("customers.migrations.0024_search_near")

_LATEST = """    IF cardinality(begun) < most AND (han OR length(q) > 4 AND word1 <> '{}') THEN
        latest := ARRAY("""
_HALF = """            WHERE CASE WHEN han THEN sounds <> '{}' AND position(sounds[1] IN n.pinyin) > 0
                       ELSE public.word_similarity(q, n.name_norm) >= 0.5 END
            LIMIT 4 * most
        );
    END IF;
"""
_WHOLE = """            WHERE CASE WHEN han THEN sounds <> '{}' AND position(sounds[1] IN n.pinyin) > 0
                       ELSE EXISTS (SELECT FROM unnest(string_to_array(n.name_norm, ' ')) w WHERE w = ANY (word1))
                        AND (word2 = '{}' OR EXISTS (
                            SELECT FROM unnest(string_to_array(n.name_norm, ' ')) w WHERE w = ANY (word2))) END
            LIMIT 4 * most
        );
    END IF;
"""
_END = "    RETURN QUERY\n"


def _anew(sql: str) -> str:
    head, end, _rest = sql.partition("END $$;")
    body = head + end
    first, latest, rest = body.partition(_LATEST)
    names, half, rest = rest.partition(_HALF)
    rest, returned, last = rest.partition(_END)
    if not last:
        raise LookupError("the function is not as it was")
    first += "    IF cardinality(begun) < most AND (han OR word1 <> '{}') THEN\n        latest := ARRAY("
    alike = f"""    IF cardinality(begun || latest || words) = 0 AND NOT han AND length(q) > 4 AND begins <> '{{}}' THEN
        latest := ARRAY({names}            WHERE public.word_similarity(q, n.name_norm) >= 0.5
            LIMIT 4 * most
        );
    END IF;
"""
    body = first + names + _WHOLE + rest + alike + returned + last
    return body.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("customers", "0025_consent_of_a_form")]

    operations = [
        migrations.RunSQL(_anew(text), migrations.RunSQL.noop)
        for text in (_before.CUSTOMERS, _before.CONTACTS)
    ]
