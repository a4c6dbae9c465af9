"""Many records in one call, each standing or falling by itself."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.parameters import BadParameter
from crm.api.problems import describe
from crm.api.serializers import PlainSerializer, ProblemSerializer, body_of
from crm.errors import NotFound

MOST = 1_000


class BulkSerializer(PlainSerializer):
    """Up to 1,000 items: as for POST, or with an ``id`` as for PATCH.

    With ``by`` each names its record by that field, and what is not there yet is made.
    """

    items = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=MOST)


class BulkItemSerializer(serializers.Serializer):
    """How one item fared."""

    index = serializers.IntegerField()
    status = serializers.IntegerField()
    id = serializers.UUIDField(required=False)
    error = ProblemSerializer(required=False)


class BulkAnswerSerializer(serializers.Serializer):
    """One entry for each item, in order."""

    results = BulkItemSerializer(many=True)


class BulkMixin:
    """``POST /api/v1/<resource>/bulk``; the answer is 200 and says how each item fared."""

    @extend_schema(request=BulkSerializer, responses={200: BulkAnswerSerializer})
    @action(detail=False, methods=["post"], pagination_class=None, filter_backends=[])
    def bulk(self, request: Any) -> Response:
        """Make or change up to 1,000 records. Items that fail leave the others standing."""
        if request.query_params.get("by", self.natural_key) != self.natural_key:  # type: ignore[attr-defined]
            raise BadParameter("by", _("Must be %(name)s.") % {"name": self.natural_key})  # type: ignore[attr-defined]
        items = body_of(BulkSerializer, request)["items"]
        return Response({"results": [self._settle(index, item) for index, item in enumerate(items)]})

    def _settle(self, index: int, item: dict[str, Any]) -> dict[str, Any]:
        try:
            with transaction.atomic():
                status, record = self._write(item)
        except Exception as error:
            problem = describe(error)
            if problem is None:
                raise
            return {"index": index, "status": problem.status, "error": problem.as_dict()}
        return {"index": index, "status": status, "id": str(record.pk)}

    def _write(self, item: dict[str, Any]) -> tuple[int, Any]:
        by = self.request.query_params.get("by")  # type: ignore[attr-defined]
        if by is not None:
            if not isinstance(item.get(by), str) or not item[by].strip():
                raise serializers.ValidationError({by: [_("Say which record.")]})
            serializer, made = self.upsert(item[by], item)  # type: ignore[attr-defined]
            return 201 if made else 200, serializer.instance
        if "id" not in item:
            serializer = self.get_serializer(data=item)  # type: ignore[attr-defined]
            serializer.is_valid(raise_exception=True)
            self.perform_create(serializer)  # type: ignore[attr-defined]
            return 201, serializer.instance
        if not hasattr(self, "perform_update"):
            raise serializers.ValidationError({"id": [_("These records cannot be changed here.")]})
        key = serializers.UUIDField().run_validation(item["id"])
        record = self.get_queryset().filter(pk=key).first()  # type: ignore[attr-defined]
        if record is None:
            raise NotFound
        serializer = self.get_serializer(record, data=item, partial=True)  # type: ignore[attr-defined]
        serializer.is_valid(raise_exception=True)
        self.perform_update(serializer)
        return 200, serializer.instance
