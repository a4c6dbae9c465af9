"""The past of a record over the API."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.serializers import PlainSerializer, body_of
from crm.errors import NotFound
from crm.models import AuditEntry
from customers.selectors.history import image_then
from customers.selectors.images import image_of
from customers.services import restoring


class ThenSerializer(PlainSerializer):
    """A record as the history writes it: columns with their values, custom fields as `custom.<key>`."""

    at = serializers.DateTimeField()
    existed = serializers.BooleanField()
    values = serializers.DictField()


class RestoreValueSerializer(PlainSerializer):
    """Which field, and the entry of the history before which it held the value."""

    entry = serializers.UUIDField(help_text="Of `/audit`.")
    field = serializers.CharField(max_length=100, help_text="As the entry names it.")
    anyway = serializers.BooleanField(default=False, help_text="Also where it was changed again since.")


HISTORY = {"as_of": "customers.view", "restore_value": "customers.change"}
AT = OpenApiParameter("at", OpenApiTypes.DATETIME, description="The moment; now, unless said.")


class HistoryMixin:
    """``as-of`` and ``restore-value`` beside a record. Add ``HISTORY`` to the capabilities."""

    @extend_schema(parameters=[AT], responses={200: ThenSerializer})
    @action(detail=True, methods=["get"], url_path="as-of", pagination_class=None, filter_backends=[])
    def as_of(self, request: Any, pk: Any = None) -> Response:
        """The record as it stood at a moment."""
        record = self.get_object()  # type: ignore[attr-defined]
        at = timezone.now()
        if "at" in request.query_params:
            try:
                at = serializers.DateTimeField().run_validation(request.query_params["at"])
            except serializers.ValidationError as wrong:
                raise serializers.ValidationError({"at": wrong.detail}) from None
        then = image_then(record, at, image_of(record))
        return Response({"at": at.isoformat(), "existed": then is not None, "values": then or {}})

    @extend_schema(request=RestoreValueSerializer)
    @action(detail=True, methods=["post"], url_path="restore-value")
    def restore_value(self, request: Any, pk: Any = None) -> Response:
        """Give a field back what stood there before an entry of the history; 409 where it was changed since."""
        told = body_of(RestoreValueSerializer, request)
        record = self.get_object()  # type: ignore[attr-defined]
        entry = AuditEntry.objects.about(record).filter(pk=told["entry"]).first()
        if entry is None:
            raise NotFound
        changed = restoring.restore_value(
            record=record,
            entry=entry,
            column=told["field"],
            actor=request.member,
            version=self.expected_version,  # type: ignore[attr-defined]
            anyway=told["anyway"],
        )
        return Response(self.get_serializer(changed).data)  # type: ignore[attr-defined]
