"""Questions of one column of a table, as conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

import crm.api.lookups  # noqa: F401  registers ``prefix``
from crm.filtering.fields import Asker, FilterField, Kind, days


def column(
    key: str,
    label: Any,
    kind: Kind = Kind.TEXT,
    path: str = "",
    *,
    blank: Any = "usual",
    norm: Any = str,
    **more: Any,
) -> FilterField:
    """A field that stands in the column at ``path``. ``blank`` is what is there where nothing is (``None``: NULL)."""
    if blank == "usual":
        blank = "" if kind in (Kind.TEXT, Kind.CHOICE) else None

    def ask(operator: str, values: Sequence[Any], asker: Asker, root: str) -> Q:
        return asked_of_column(path or key, kind, operator, values, asker, blank=blank, norm=norm)

    return FilterField(key, label, kind, ask, **more)


def asked_of_column(
    path: str,
    kind: Kind,
    operator: str,
    values: Sequence[Any],
    asker: Asker,
    *,
    blank: Any = None,
    norm: Callable[[str], str] = str,
) -> Q:
    """What a question of the column at ``path`` means; ``norm`` brings a text into the form the column holds."""
    if operator in ("empty", "filled"):
        empty = Q(**{f"{path}__isnull": True}) if blank is None else Q(**{path: blank})
        return empty if operator == "empty" else ~empty
    if kind == Kind.TEXT:
        values = [norm(value) for value in values]
    if kind in (Kind.DATE, Kind.MOMENT):
        return _between(path, *days(operator, values, asker.today), moment=kind == Kind.MOMENT)
    if operator == "between":
        bounds = zip(values, ("gte", "lte"), strict=True)
        return _plain(path, operator, [_whole(value, bound) for value, bound in bounds])
    if operator == "is" and isinstance(values[0], Decimal) and values[0] != int(values[0]):
        return Q(pk__in=[])  # a whole number is never a fraction
    return _plain(path, operator, [_whole(value, operator) for value in values])


def _whole(value: Any, operator: str) -> Any:
    """A number as an integer column compares it: bounds are moved to the next whole number within."""
    if not isinstance(value, Decimal):
        return value
    if value == value.to_integral_value():
        return int(value)
    if operator in ("gte", "lt"):
        return int(value.to_integral_value(rounding="ROUND_CEILING"))
    return int(value.to_integral_value(rounding="ROUND_FLOOR")) if operator in ("lte", "gt") else value


def _plain(path: str, operator: str, values: Sequence[Any]) -> Q:
    if operator in ("is", "in"):
        return Q(**{path: values[0]}) if len(values) == 1 else Q(**{f"{path}__in": list(values)})
    if operator in ("not", "not_in"):
        return ~Q(**{f"{path}__in": list(values)})
    if operator == "between":
        return Q(**{f"{path}__gte": values[0], f"{path}__lte": values[1]})
    return Q(**{f"{path}__{'prefix' if operator == 'starts' else operator}": values[0]})


def _between(path: str, first: date | None, last: date | None, *, moment: bool) -> Q:
    found = Q()
    if first is not None:
        found &= Q(**{f"{path}__gte": midnight(first) if moment else first})
    if last is not None:
        bound = ("lt", midnight(last + timedelta(days=1))) if moment else ("lte", last)
        found &= Q(**{f"{path}__{bound[0]}": bound[1]})
    return found


def midnight(day: date) -> datetime:
    """When a day of the company begins."""
    return timezone.make_aware(datetime.combine(day, time.min))
