"""Lookups that take a value as it is given, so that the SQL of a query can be kept.

``prefix``: starts with, by an operator that may use an index under the policies (``LIKE`` may not).
``holds``: the words stand somewhere within, whatever their case.
"""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Lookup, TextField


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
