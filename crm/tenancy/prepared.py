"""Queries that every page asks, put together once.

Django builds the SQL of a query set anew each time it runs, which takes five to ten times as long as PostgreSQL needs
to answer a question about a handful of rows.
"""

from __future__ import annotations

import copy
import inspect
import random
from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID, uuid4

from django.db import connections, models

from crm.tenancy.context import current_or_none, current_tenant_id


class Prepared:
    """A query set whose SQL is kept: ``make(*given)`` builds it, a call with the same number of values gives its rows.

    ``make`` compares each value with a column of ids or texts and does nothing else with it: it is called once, with
    stand-ins. The tenant, where the query asks for it, and the values are told to the database each time, and masks
    are put on as ever. ``None`` equals nothing. Those named in ``spare`` need not be asked for. ``given`` names the
    values where ``make`` takes any number of them, ``whole`` those that are compared with whole numbers.
    """

    def __init__(
        self,
        make: Callable[..., models.QuerySet[Any]],
        *,
        spare: Collection[str] = (),
        given: Collection[str] = (),
        whole: Collection[str] = (),
    ) -> None:
        self._make = make
        self._spare = spare
        names = given or inspect.signature(make).parameters
        self._slots = {name: random.randrange(2**30, 2**31) if name in whole else uuid4() for name in names}
        self._kept: tuple[models.QuerySet[Any], Any, str, list[Any]] | None = None

    def __call__(self, *given: UUID | str | int | None) -> list[Any]:
        rows, compiler, sql, asked = self._kept or self._keep()
        values: Mapping[Any, Any] = dict(zip(map(_plain, self._slots.values()), given, strict=True))
        # Asked for only where the query does: who signed in is found before a tenant is open.
        tenant = str(current_tenant_id()) if _TENANT in asked else None
        params = tuple(
            tenant if one is _TENANT else values.get(one, one) if isinstance(one, str | int) else one
            for one in asked
        )
        again, found = copy.copy(compiler), rows.all()
        again.connection = connections[rows.db]
        again.as_sql = lambda *args, **options: (sql, params)
        found.query.get_compiler = lambda *args, **options: again  # type: ignore[method-assign]
        return list(found)

    def first(self, *given: UUID | str | int | None) -> Any:
        """The first row, or ``None``."""
        return next(iter(self(*given)), None)

    def _keep(self) -> tuple[models.QuerySet[Any], Any, str, list[Any]]:
        rows = self._make(*self._slots.values())
        compiler = rows.query.get_compiler(using=rows.db)
        sql, params = compiler.as_sql()
        context, slots = current_or_none(), {_plain(slot): name for name, slot in self._slots.items()}
        tenant = str(context.tenant_id) if context else None
        asked = [
            _TENANT if str(one) == tenant else _plain(one) if _plain(one) in slots else one for one in params
        ]
        missing = [name for slot, name in slots.items() if slot not in asked and name not in self._spare]
        assert not missing, f"not asked for as they are: {', '.join(missing)}"
        self._kept = rows, compiler, sql, asked
        return self._kept


def _plain(value: Any) -> str | int | None:
    """An id as text: some columns ask for the one, some for the other."""
    return str(value) if isinstance(value, UUID) else value if isinstance(value, str | int) else None


_TENANT = object()
