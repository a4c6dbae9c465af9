"""Custom fields over the API: their definitions, and their values on records, in filters and orders."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api import keyset
from crm.api.pagination import COUNT_LIMIT, KeysetPagination, limit_of
from crm.api.parameters import flag
from crm.api.serializers import PlainSerializer, RecordSerializer, body_of
from crm.api.views import WritableViewSet, rights
from customers.models import CustomField
from customers.models.custom import RecordType
from customers.selectors.custom import fields_of
from customers.selectors.custom_search import PREFIX, condition_of, names_of_filters, sort_of, sortable
from customers.selectors.keyset import Sort, page_of
from customers.services import custom_fields as services


@extend_schema_field({"type": "object", "additionalProperties": {}})
class CustomValuesField(serializers.Field):
    """``{key: value}``, every active field of the company by its key. Written, only the keys given change; null clears.

    The service checks the values and names each that is wrong as ``custom.<key>``.
    """

    default_error_messages = {"invalid": gettext_lazy("Must be an object of keys and values.")}

    def __init__(self, *, of: str, **options: Any) -> None:
        self.of = of
        super().__init__(default=dict, **options)

    def to_representation(self, value: Any) -> dict[str, Any]:
        return {field.key: value.get(field.key) for field in fields_of(self.of)}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("invalid")
        return data


class CustomPagination(KeysetPagination):
    """``ordering=custom.<key>`` too, alone: records with a value first, in an index's order, then those without."""

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        query = request.query_params
        order = query.get("ordering", "")
        found = self.indexed(queryset, order, view)
        if found is None:
            return super().paginate_queryset(queryset, request, view)
        self.url = request.build_absolute_uri()
        self.count = queryset.at_most(COUNT_LIMIT + 1) if flag(query, "count") else None
        rows, sort = found
        place = ""
        if "cursor" in query:
            place = keyset.Cursor.decode(query["cursor"], order, [_PLACE]).values[0]
        page = page_of(rows, sort, cursor=place, size=limit_of(query.get("limit")))
        self.next, self.previous = (self._at(order, text) for text in (page.next, page.previous))
        return page.rows

    def indexed(self, queryset: Any, order: str, view: Any) -> tuple[Any, Sort] | None:
        """The rows with what they are to be sorted by, where this order has an index of its own."""
        found = sort_of(view.custom_of, order, id_path="id")
        return (sortable(queryset, found[0], ""), found[1]) if found else None

    def _at(self, order: str, place: str) -> str | None:
        return self.cursor_url(keyset.Cursor(order, [place], False)) if place else None


_PLACE = keyset.Term("place", models.CharField(), False, False)


class CustomValuesMixin:
    """Filters and orders over the custom fields of ``custom_of``."""

    custom_of: str
    pagination_class = CustomPagination

    def own_names(self) -> Iterable[str]:
        return names_of_filters(self.custom_of, fields_of(self.custom_of))

    def narrow(self, queryset: Any, query: Any) -> Any:
        for name in query:
            if name.startswith(PREFIX):
                try:
                    condition = condition_of(self.custom_of, name, query[name])
                except ValueError as wrong:
                    raise serializers.ValidationError({name: [str(wrong)]}) from wrong
                if condition is not None:
                    queryset = condition.narrow(queryset, "pk")
        return queryset


class CustomChoiceSerializer(serializers.Serializer):
    value = serializers.CharField(max_length=80, required=False)
    label = serializers.CharField(max_length=80)


class CustomFieldSerializer(RecordSerializer):
    choices = CustomChoiceSerializer(many=True, required=False)
    key = serializers.CharField(max_length=40, required=False)
    archived = serializers.SerializerMethodField()

    class Meta:
        model = CustomField
        fields = [
            *("id", "record", "key", "label", "kind", "help", "choices", "required", "default"),
            *("personal", "position"),
            *("archived", "created_at", "version"),
        ]
        read_only_fields = ["position", "created_at", "version"]
        validators: list[Any] = []

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        fixed = {name for name in ("record", "key", "kind") if self.instance and name in values}
        changed = [name for name in fixed if values.pop(name) != getattr(self.instance, name)]
        if changed:
            raise serializers.ValidationError({name: [_("This never changes.")] for name in changed})
        return values

    def get_archived(self, field: CustomField) -> bool:
        return field.archived_at is not None


class OrderSerializer(PlainSerializer):
    record = serializers.ChoiceField(choices=RecordType.choices)
    keys = serializers.ListField(
        child=serializers.CharField(max_length=40),
        help_text="Every active field of the record, in its new order.",
    )


class CustomFieldViewSet(WritableViewSet):
    """The fields a company adds to its customers and contacts. An archived one keeps its values and can be restored."""

    resource = "custom-fields"
    queryset = CustomField.objects.all()
    serializer_class = CustomFieldSerializer
    capabilities = rights(
        "customers.view",
        "settings.manage",
        archive="settings.manage",
        restore="settings.manage",
        order="settings.manage",
    )
    filters = {
        "record": ["exact"],
        "key": ["exact", "in"],
        "kind": ["exact", "in"],
        "archived_at": ["isnull"],
    }
    ordering_fields = ("position", "created_at", "key")
    ordering = ("position",)

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = services.create_field(actor=self.request.member, **serializer.validated_data)

    def perform_update(self, serializer: Any) -> None:
        serializer.instance = services.change_field(
            field=serializer.instance,
            actor=self.request.member,
            version=self.expected_version,
            **serializer.validated_data,
        )

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def archive(self, request: Any, pk: Any = None) -> Response:
        """Take the field out of forms, lists and the API. Its values are kept."""
        field = services.archive_field(field=self.get_object(), actor=request.member)
        return Response(self.get_serializer(field).data)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def restore(self, request: Any, pk: Any = None) -> Response:
        """Bring an archived field back with its values."""
        field = services.restore_field(field=self.get_object(), actor=request.member)
        return Response(self.get_serializer(field).data)

    @extend_schema(request=OrderSerializer, responses=CustomFieldSerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def order(self, request: Any) -> Response:
        """Put the active fields of customers, or of contacts, into the order of ``keys``."""
        given = body_of(OrderSerializer, request)
        known = {field.key: field for field in fields_of(given["record"])}
        if sorted(given["keys"]) != sorted(known):
            told = _("Name each of these once: %(keys)s.") % {"keys": ", ".join(known)}
            raise serializers.ValidationError({"keys": [told]})
        fields = [known[key] for key in given["keys"]]
        services.order_fields(record=given["record"], fields=fields, actor=request.member)
        return Response(self.get_serializer(fields, many=True).data)
