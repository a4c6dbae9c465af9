"""One row of every model of a company, made from the models themselves: a new model needs no line here."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from crm.ids import uuid7
from crm.tenancy.fields import TenantModel
from tests import factories as make


def tenant_models() -> list[type[TenantModel]]:
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]


class Rows:
    """Builds rows in the open context; every free text of them holds ``marker``."""

    def __init__(self, marker: str) -> None:
        self.marker = marker
        self.made: dict[type[models.Model], models.Model] = {}

    def one_of_each(self) -> dict[type[models.Model], models.Model]:
        for model in tenant_models():
            self.row(model)
        return self.made

    def row(self, model: type[models.Model]) -> models.Model:
        if model not in self.made:
            values = {f.name: self._value(f) for f in model._meta.local_fields if self._is_needed(f)}
            self.made[model] = model.objects.create(**values)
        return self.made[model]

    def _is_needed(self, field: models.Field) -> bool:
        if field.name == "tenant" or (field.primary_key and not field.is_relation):
            return False
        if str(field) in _SHAPES:
            return True
        is_free_text = (
            isinstance(field, models.CharField | models.TextField) and field.editable and not field.choices
        )
        if is_free_text and field.blank and getattr(field, "db_collation", None):
            return False  # a code or a search column
        has_own = field.has_default() or field.null or getattr(field, "auto_now_add", False)
        if isinstance(field, models.ForeignKey):
            return not field.null or field.name in ("customer", "owner")
        return is_free_text or not (has_own or field.blank)

    def _value(self, field: models.Field) -> Any:
        if (shape := _SHAPES.get(str(field))) is not None:
            return shape
        if isinstance(field, models.ForeignKey):
            return (
                make.user()
                if not issubclass(field.related_model, TenantModel)
                else self.row(field.related_model)
            )
        if field.choices:
            return field.choices[0][0]
        if isinstance(field, models.EmailField):
            return f"{self.marker.lower()}-{uuid7().hex[:8]}@example.com"
        if isinstance(field, models.CharField | models.TextField):
            return self._text(field)
        for kind, value in _PLAIN:
            if isinstance(field, kind):
                return value() if callable(value) else value
        raise LookupError(f"{field}: no value known for a {type(field).__name__}")

    def _text(self, field: models.Field) -> str:
        if field.max_length and field.max_length < len(self.marker):
            return {3: "USD"}.get(field.max_length, "x")
        return uuid7().hex * 2 if field.max_length == 64 and not field.editable else self.marker


# What a page reads out of a JSON column.
_SHAPES: dict[str, Any] = {
    "customers.MergeStep.model": "customers.customer",
    "customers.Import.preview": {"header": ["name"], "rows": [["a"]], "guess": {}},
}

_PLAIN: list[tuple[Any, Any]] = [
    (models.DateTimeField, lambda: timezone.now() + timedelta(hours=1)),
    (models.DateField, date.today),
    (models.UUIDField, uuid7),
    (models.DecimalField, 1),
    (models.FloatField, 1.0),
    (models.IntegerField, 1),
    (models.JSONField, list),
    (models.BooleanField, True),
]


def fingerprint(*tables: str) -> dict[str, str]:
    """A digest of every row of the open context's company, by table; of these tables alone, if any are named."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables or tables_of_companies():
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM {table} t"
            )
            found[table] = cursor.fetchone()[0]
    return found


def tables_of_companies() -> list[str]:
    return [model._meta.db_table for model in tenant_models()]


def written() -> dict[str, int]:
    """How many rows of each table this transaction wrote up to now, those of savepoints it went back to included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables "
            "WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND relname = ANY (%s)",
            [tables_of_companies()],
        )
        return dict(cursor.fetchall())
