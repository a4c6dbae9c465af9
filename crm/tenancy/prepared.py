"""Queries that every page asks, put together once.

Django builds the SQL of a query set anew each time it runs, which takes five to ten times as long as PostgreSQL needs
to answer a question about a handful of rows.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import connections, models

from crm.tenancy.context import current_or_none, current_tenant_id


class Prepared:
    """A query set whose SQL is kept: ``make(*given)`` builds it, a call with the same number of values gives its rows.

    ``make`` compares each value with a column of ids or texts and does nothing else with it: it is called once, with
    stand-ins. The tenant, where the query asks for it, and the values are told to the database each time, and masks
    are put on as ever. ``None`` equals nothing. Those named in ``spare`` need not be asked for. ``given`` names the
    values where ``make`` takes any number of them, ``kinds`` says of which type those are that are no ids or texts:
    whole numbers, days, moments.
    """

    def __init__(
        self,
        make: Callable[..., models.QuerySet[Any]],
        *,
        spare: Collection[str] = (),
        given: Collection[str] = (),
        kinds: Mapping[str, type] = MappingProxyType({}),
    ) -> None:
        self._make = make
        self._spare = spare
        names = given or inspect.signature(make).parameters
        self._slots = {name: _STAND_INS[kinds.get(name, UUID)](place) for place, name in enumerate(names)}
        self._kept: tuple[models.QuerySet[Any], Any, str, list[Any]] | None = None

    def __call__(self, *given: UUID | str | int | None) -> list[Any]:
        try:
            rows, compiler, sql, asked = self._kept or self._keep()
        except EmptyResultSet:  # it asks for nothing, or for what is nothing today
            return []
        values = dict(zip(self._slots, given, strict=True))
        # Asked for only where the query does: who signed in is found before a tenant is open.
        tenant = str(current_tenant_id()) if _TENANT in asked else None
        params = tuple(
            values[one.name] if isinstance(one, _Slot) else tenant if one is _TENANT else one for one in asked
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
        context, slots = current_or_none(), {_mark(slot): _Slot(name) for name, slot in self._slots.items()}
        tenant = str(context.tenant_id) if context else None
        asked = [_TENANT if str(one) == tenant else slots.get(_mark(one), one) for one in params]
        missing = [slot.name for slot in slots.values() if slot not in asked and slot.name not in self._spare]
        assert not missing, f"not asked for as they are: {', '.join(missing)}"
        self._kept = rows, compiler, sql, asked
        return self._kept


@dataclass(frozen=True)
class _Slot:
    """Where a value goes."""

    name: str


def _mark(value: Any) -> Any:
    """An id as text: some columns ask for the one, some for the other. Of a number or a day itself, since somebody
    may ask for an equal one.
    """
    return str(value) if isinstance(value, UUID | str) else id(value)


# Of the place among the values: no two are the same, and each fits the smallest column.
_STAND_INS: dict[type, Callable[[int], Any]] = {
    UUID: lambda place: uuid4(),
    str: lambda place: uuid4(),
    int: lambda place: 30_000 + place,
    date: lambda place: date.fromordinal(1_000 + place),
    datetime: lambda place: datetime(1000, 1, 1, tzinfo=UTC) + timedelta(microseconds=place),
}
_TENANT = object()
