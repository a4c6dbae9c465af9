"""Lookups that take a value as it is given, so that the SQL of a query can be kept.

``prefix``: starts with, by an operator that may use an index under the policies (``LIKE`` may not).
``holds``: the words stand somewhere within, whatever their case.
``among``: an id that stands in an array, written by ``as_array``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, F, Func, IntegerField, Lookup, TextField, UUIDField, Value
from django.db.models.functions import Cast


@CharField.register_lookup
@TextField.register_lookup
class Prefix(Lookup):
    lookup_name = "prefix"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        return f"{left} ^@ {right}", [*left_values, *right_values]


@CharField.register_lookup
@TextField.register_lookup
class Holds(Lookup):
    lookup_name = "holds"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        return f"strpos(upper({left}), upper({right})) > 0", [*left_values, *right_values]


@UUIDField.register_lookup
class Among(Lookup):
    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        return f"{left} = ANY({right}::uuid[])", [*left_values, *right_values]


def place_among(ids: Any) -> Func:
    """Where a row's id stands in an array of ids, to order by."""
    array = Cast(Value(ids), ArrayField(UUIDField()))
    return Func(array, F("pk"), function="array_position", output_field=IntegerField())


def as_array(values: Iterable[Any]) -> str:
    """An array as PostgreSQL reads it from a text: a tenth of the time of telling it value by value."""
    texts = [str(value) for value in values]
    if any('"' in text or "\\" in text for text in texts):
        texts = [text.replace("\\", r"\\").replace('"', r"\"") for text in texts]
    return '{"' + '","'.join(texts) + '"}' if texts else "{}"
