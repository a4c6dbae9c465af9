"""Filters of lists: declared by name on the viewset, each value as strict as a field of a body.

``filters = {"created_at": ["gte", "lt"], "owner": ["exact", "in", "isnull"],
"spend": On("stats__spend", "gte", "lte")}`` gives ``created_at__gte=``, ``owner=``, ``owner__in=a,b``,
``owner__isnull=true``, ``spend__gte=`` …
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import django_filters
from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.filters import BaseFilterBackend

import crm.api.lookups  # noqa: F401  registers ``prefix``
from crm.personal import Personal, is_masked

BIGGEST = 2**63 - 1
MOST_VALUES = 200
LONGEST_WRITING = 300
RANGE = ("gte", "gt", "lte", "lt")


class On:
    """A filter whose public name differs from the model's path; ``norm`` brings a text into the form kept there."""

    def __init__(self, path: str, *lookups: str, norm: Callable[[str], str] | None = None) -> None:
        self.path, self.lookups, self.norm = path, lookups or ("exact",), norm


class ApiField(forms.Field):
    """A query value checked by a field of the REST framework; absent is ``None``, empty is refused."""

    def __init__(self, *, field: serializers.Field, **kwargs: Any) -> None:
        super().__init__(required=False)
        self.field = field

    def read(self, text: str) -> Any:
        return self.field.run_validation(text)

    def clean(self, value: Any) -> Any:
        if value is None:
            return None
        try:
            return self.read(value)
        except serializers.ValidationError as error:
            raise forms.ValidationError([str(message) for message in error.detail]) from error


class ManyField(ApiField):
    """Values between commas."""

    def read(self, text: str) -> Any:
        parts = text.split(",")
        if len(parts) > MOST_VALUES:
            raise forms.ValidationError(_("At most %(most)s values."), params={"most": MOST_VALUES})
        return [self.field.run_validation(part) for part in parts]


class ApiFilter(django_filters.Filter):
    """``personal``: asks about what some may not see, who may then not ask either."""

    field_class = ApiField
    personal = False
    norm: Callable[[str], str] | None = None

    def filter(self, qs: Any, value: Any) -> Any:
        if value is None:
            return qs
        if self.norm is not None:
            value = [self.norm(one) for one in value] if isinstance(value, list) else self.norm(value)
            # What comes to nothing (a number without a digit) is nobody's: it is not asked for blanks.
            value = [one for one in value if one] if isinstance(value, list) else value
            if not value:
                return qs.none()
        return self.get_method(qs)(**{f"{self.field_name}__{self.lookup_expr}": value})


class ManyFilter(ApiFilter):
    field_class = ManyField


def names_to_ask(filterset: Any) -> set[str]:
    """The filters there are for whoever asks: none about what is masked to them."""
    masked = is_masked()
    return {
        name
        for name, one in filterset.base_filters.items()
        if not (masked and getattr(one, "personal", False))
    }


class ResourceFilters(django_filters.FilterSet):
    """Makes the filters that are asked for: to make all the fifty there are takes a quarter of a list."""

    def __init__(self, given: Mapping[str, str], **more: Any) -> None:
        every = type(self).base_filters
        self.base_filters = {name: every[name] for name in every if name in given}
        super().__init__(given, **more)


class FieldFilters(BaseFilterBackend):
    """Applies the view's filter set and its search."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        if view.action not in view.list_actions:
            return queryset
        filters = view.filterset()(request.query_params, queryset=queryset, request=request)
        if not filters.is_valid():
            raise serializers.ValidationError(_messages(filters.errors))
        queryset = view.narrow(filters.qs, request.query_params)
        if view.search is not None and request.query_params.get("search"):
            queryset = view.search(queryset, request.query_params["search"])
        return queryset

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [_documented(view, name, filter) for name, filter in view.filterset().base_filters.items()]


def _messages(errors: Any) -> dict[str, list[str]]:
    return {name: [str(message) for message in messages] for name, messages in errors.items()}


def _documented(view: Any, name: str, filter: Any) -> dict[str, Any]:
    field = filter.extra.get("field")
    schema = view.schema.map_field(field) if field is not None else {"type": "string"}
    parameter = {"name": name, "in": "query", "required": False, "schema": schema}
    if isinstance(filter, ManyFilter):
        parameter["schema"] = {"type": "array", "items": schema, "minItems": 1, "maxItems": MOST_VALUES}
        parameter |= {"style": "form", "explode": False}
    return parameter


def filterset_for(model: type[models.Model], declared: Mapping[str, Any]) -> type[ResourceFilters]:
    """The filter set of a viewset's ``filters``."""
    filters: dict[str, Any] = {}
    for name, given in declared.items():
        on = given if isinstance(given, On) else On(name, *given)
        for lookup in on.lookups:
            public = name if lookup == "exact" else f"{name}__{lookup}"
            filters[public] = _filter(model, on, lookup)
    return type(f"{model.__name__}Filters", (ResourceFilters,), filters)


def _filter(model: type[models.Model], on: On, lookup: str) -> ApiFilter:
    if lookup == "isnull":
        return ApiFilter(on.path, "isnull", field=serializers.BooleanField())
    kind, column = ManyFilter if lookup == "in" else ApiFilter, _model_field(model, on.path)
    found = kind(on.path, lookup, field=value_field(column) if on.norm is None else _written())
    found.personal, found.norm = isinstance(column, Personal), on.norm
    return found


def _written() -> serializers.Field:
    """A text in any writing, which may be longer than the form it is kept in."""
    return serializers.CharField(max_length=LONGEST_WRITING)


def _model_field(model: Any, path: str) -> Any:
    field: Any = None
    for part in path.split("__"):
        field = model._meta.get_field(part)
        model = field.related_model if field.is_relation else None
    return field.target_field if field.is_relation else field


def value_field(field: models.Field) -> serializers.Field:
    """The field that reads a query's value for a column."""
    if isinstance(field, models.GeneratedField):
        field = field.output_field
    if field.choices:
        return serializers.ChoiceField(choices=list(field.flatchoices))
    for kind, make in _VALUES:
        if isinstance(field, kind):
            return make(field)
    raise LookupError(f"{field}: nobody has said how to filter by a {type(field).__name__}")


_VALUES: list[tuple[type, Any]] = [
    (models.UUIDField, lambda field: serializers.UUIDField()),
    (models.BooleanField, lambda field: serializers.BooleanField()),
    (models.DateTimeField, lambda field: serializers.DateTimeField()),
    (models.DateField, lambda field: serializers.DateField()),
    (models.BigIntegerField, lambda field: serializers.IntegerField(min_value=-BIGGEST, max_value=BIGGEST)),
    (models.IntegerField, lambda field: serializers.IntegerField(min_value=-(2**31), max_value=2**31 - 1)),
    (models.FloatField, lambda field: serializers.FloatField()),
    (
        models.DecimalField,
        lambda field: serializers.DecimalField(
            max_digits=field.max_digits, decimal_places=field.decimal_places
        ),
    ),
    (
        models.CharField,
        lambda field: serializers.CharField(trim_whitespace=False, max_length=field.max_length),
    ),
    (models.TextField, lambda field: serializers.CharField(trim_whitespace=False, max_length=1_000)),
]
