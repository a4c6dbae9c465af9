"""Plausible bodies: what a form or an operation's description asks for, with records of one company or another."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

from django import forms
from django.db import models
from django.utils import timezone

from crm.models import AuditEntry
from tests.isolation.rows import tenant_models

Rows = dict[type[models.Model], models.Model]
WORD = "Plausible"


@contextmanager
def seen_forms() -> Iterator[list[forms.BaseForm]]:
    """The forms that are made meanwhile."""
    found: list[forms.BaseForm] = []
    original = forms.BaseForm.__init__

    def init(form: forms.BaseForm, *args: Any, **kwargs: Any) -> None:
        original(form, *args, **kwargs)
        found.append(form)

    with mock.patch.object(forms.BaseForm, "__init__", init):
        yield found


class Filled:
    """Bodies for some forms: ``own`` refers to own records alone, ``foreign`` swaps one record at a time."""

    def __init__(self, found: list[forms.BaseForm], own: Rows, foreign: Rows) -> None:
        self._rows, self._foreign = own, foreign
        self._models = {str(row.pk): model for model, row in own.items()}
        self._fields = {form.add_prefix(name): field for form in found for name, field in form.fields.items()}
        self.own = {name: self._value(field) for name, field in self._fields.items()}

    def foreign(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, field in self._fields.items():
            if (model := self._model_of(field)) is not None:
                pk = str(self._foreign[model].pk)
                many = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
                yield name, self.own | {name: [pk] if many else pk}

    def _model_of(self, field: forms.Field) -> type[models.Model] | None:
        """The model whose record the field takes."""
        if isinstance(field, forms.ModelChoiceField):
            return field.queryset.model if field.queryset.model in self._foreign else None
        if isinstance(field, forms.ChoiceField):
            found = [self._models.get(value) for value in _values(field)]
            return next(filter(None, found), None)
        return None

    def _value(self, field: forms.Field) -> Any:
        if isinstance(field, forms.ModelMultipleChoiceField):
            return [str(row.pk) for row in field.queryset[:1]]
        if isinstance(field, forms.ModelChoiceField):
            return str(getattr(field.queryset.first(), "pk", ""))
        if isinstance(field, forms.MultipleChoiceField):
            return _values(field)[:1]
        if isinstance(field, forms.ChoiceField):
            return next(iter(_values(field)), "")
        for kind, value in _PLAIN_FIELDS:
            if isinstance(field, kind):
                return value
        if isinstance(field, forms.IntegerField):
            return str(field.min_value or 1)
        return WORD[: getattr(field, "max_length", None) or len(WORD)]


def _values(field: Any) -> list[str]:
    """The choices of a field, those of its groups among them."""
    flat: list[str] = []
    for value, label in field.choices:
        flat += [str(inner) for inner, _label in label] if isinstance(label, list | tuple) else [str(value)]
    return [value for value in flat if value]


_DAY = timezone.now() + timedelta(days=2)
_PLAIN_FIELDS: list[tuple[Any, Any]] = [
    (forms.EmailField, "plausible@example.com"),
    (forms.URLField, "https://example.com/"),
    (forms.DateTimeField, _DAY.strftime("%Y-%m-%dT%H:%M")),
    (forms.DateField, _DAY.strftime("%Y-%m-%d")),
    (forms.BooleanField, "on"),
    (forms.JSONField, "[]"),
    (forms.FileField, ""),
]


class Described:
    """Bodies for an operation, built from its schema: ``uuid`` fields take records, by the field's name."""

    def __init__(
        self, document: dict[str, Any], operation: dict[str, Any], own: Rows, foreign: Rows, *, many: bool
    ) -> None:
        self._document, self._own, self._foreign, self._many = document, own, foreign, many
        content = operation.get("requestBody", {}).get("content", {})
        self._schema = next(iter(content.values()), {}).get("schema")
        self._swapped: int | None = None
        self._names: list[str] = []

    @property
    def own(self) -> Any:
        return self._build(None)

    def foreign(self) -> Iterator[tuple[str, Any]]:
        self._build(None)
        for place, name in enumerate(list(self._names)):
            yield name, self._build(place)

    def _build(self, swapped: int | None) -> Any:
        self._swapped, self._names = swapped, []
        body = None if self._schema is None else self._value(self._schema, "")
        return {"items": [body]} if self._many else body

    def _value(self, schema: dict[str, Any], name: str) -> Any:
        schema = self._resolved(schema)
        if "enum" in schema:
            return next(value for value in schema["enum"] if value)
        kinds = schema.get("type", "string")
        kind = kinds if isinstance(kinds, str) else kinds[0]
        if kind == "object":
            fields = schema.get("properties", {}).items()
            return {key: self._value(inner, key) for key, inner in fields if not inner.get("readOnly")}
        if kind == "array":
            return (
                [self._value(schema["items"], name)]
                if "properties" in self._resolved(schema["items"])
                else []
            )
        if kind == "string":
            return self._text(schema, name)
        return {"integer": schema.get("minimum", 1), "boolean": False}.get(kind, 1)

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        for way in ("allOf", "oneOf", "anyOf"):
            if way in schema:
                return self._resolved(schema[way][0])
        if "$ref" in schema:
            return self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def _text(self, schema: dict[str, Any], name: str) -> str:
        if schema.get("format") == "uuid":
            return self._record(name)
        plain = {
            "date": _DAY.strftime("%Y-%m-%d"),
            "date-time": _DAY.strftime("%Y-%m-%dT%H:%M:00Z"),
            "email": "plausible@example.com",
            "uri": "https://example.com/",
            "decimal": "1",
        }
        by_name = {"currency": "USD", "language": "en"}
        return plain.get(schema.get("format", "")) or by_name.get(name) or WORD[: schema.get("maxLength", 99)]

    def _record(self, name: str) -> str:
        self._names.append(name)
        rows = self._foreign if len(self._names) - 1 == self._swapped else self._own
        return str(rows[references()[name]].pk)


@functools.cache
def references() -> dict[str, type[models.Model]]:
    """What the references of our models are called, and to which model they lead."""
    tenants = set(tenant_models())
    found = [field for model in tenants for field in model._meta.local_fields]
    known = {field.name: field.related_model for field in found if field.related_model in tenants}
    return {"entry": AuditEntry} | known
