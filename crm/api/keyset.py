"""Pages by position, not by number: nothing is skipped or repeated while records come and go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core import signing
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext as _

from crm.api.parameters import BadParameter
from crm.tenancy.context import current_tenant_id


@dataclass(frozen=True)
class Term:
    """One column of the order. Null counts as greater than every value, as PostgreSQL sorts it."""

    path: str
    field: models.Field
    descending: bool
    nullable: bool

    @property
    def order(self) -> Any:
        return F(self.path).desc() if self.descending else F(self.path).asc()

    def reversed(self) -> Term:
        return replace(self, descending=not self.descending)

    def equal(self, value: Any) -> Q:
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})

    def beyond(self, value: Any) -> Q:
        """Strictly after ``value`` in this order; an empty ``Q`` with ``pk__in=[]`` where nothing is."""
        if value is None:
            return Q(**{f"{self.path}__isnull": False}) if self.descending else Q(pk__in=[])
        comparison = Q(**{f"{self.path}__{'lt' if self.descending else 'gt'}": value})
        if self.nullable and not self.descending:
            return comparison | Q(**{f"{self.path}__isnull": True})
        return comparison


class RowComparison(Func):
    """``(a, b) > (x, y)``: one index range, where all columns run the same way and hold no nulls."""

    output_field = models.BooleanField()
    conditional = True

    def __init__(self, terms: Sequence[Term], values: Sequence[Any]) -> None:
        half = len(terms)
        names, places = ", ".join(["%s"] * half), ", ".join(["%s"] * half)
        self._shape = f"({names}) {'<' if terms[0].descending else '>'} ({places})"
        constants = [Value(value, output_field=term.field) for term, value in zip(terms, values, strict=True)]
        super().__init__(*[F(term.path) for term in terms], *constants)

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:
        parts, parameters = [], []
        for expression in self.source_expressions:
            sql, values = compiler.compile(expression)
            parts.append(sql)
            parameters += values
        return self._shape % tuple(parts), parameters


def terms_of(model: type[models.Model], names: Iterable[str]) -> list[Term]:
    """The order by ``names`` (``-`` in front means descending), made total by the id."""
    terms = [_term(model, name.lstrip("-"), name.startswith("-")) for name in names]
    if all(term.path not in ("id", "pk") for term in terms):
        terms.append(_term(model, "id", terms[-1].descending if terms else True))
    return terms


def _term(model: type[models.Model], path: str, descending: bool) -> Term:
    nullable = False
    field: Any = None
    for part in path.split("__"):
        field = model._meta.get_field(part)
        nullable = nullable or field.null or (field.is_relation and not field.concrete)
        model = field.related_model if field.is_relation else model
    if field.is_relation:
        path, field = f"{path}_id", field.target_field
    return Term(path, field, descending, nullable)


def beyond(terms: Sequence[Term], values: Sequence[Any]) -> Any:
    """The condition for rows after the row with ``values``."""
    if not any(t.nullable for t in terms) and len({t.descending for t in terms}) == 1:
        return RowComparison(terms, values)
    condition, prefix = Q(pk__in=[]), Q()
    for term, value in zip(terms, values, strict=True):
        condition |= prefix & term.beyond(value)
        prefix &= term.equal(value)
    return condition


@dataclass(frozen=True)
class Cursor:
    """A signed place in one order of one company's records; not readable, not to be made up."""

    order: str
    values: list[Any]
    backward: bool

    def encode(self) -> str:
        return _signer().sign_object([self.order, self.values, self.backward], compress=True)

    @classmethod
    def decode(cls, text: str, order: str, terms: Sequence[Term]) -> Cursor:
        try:
            given, values, backward = _signer().unsign_object(text)
        except (signing.BadSignature, ValueError) as error:
            raise BadParameter("cursor", _("This cursor is not one of ours.")) from error
        if given != order:
            raise BadParameter("cursor", _("This cursor belongs to another ordering."))
        typed = [None if v is None else t.field.to_python(v) for t, v in zip(terms, values, strict=True)]
        return cls(order, typed, backward)


def _signer() -> signing.Signer:
    return signing.Signer(salt=f"tenure.cursor.{current_tenant_id()}")
