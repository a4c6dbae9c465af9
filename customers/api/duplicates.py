"""Duplicates over the API: what was found, merging, taking a merge back, and the search as a job."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.resources import JobSerializer, accepted
from crm.api.serializers import PlainSerializer, RecordSerializer, body_of
from crm.api.views import ReadOnlyViewSet
from crm.errors import NotFound
from customers.models import Customer, Duplicate, Merge
from customers.services.duplicates.deciding import tell_apart
from customers.services.duplicates.merging import merge_customers, unmerge
from customers.services.duplicates.scanning import start_scan


class DuplicateSerializer(RecordSerializer):
    reasons = serializers.DictField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Duplicate
        fields = [
            *("id", "left", "right", "probability", "level", "reasons", "status", "found_at", "decided_at"),
            "decided_by",
        ]
        read_only_fields = fields


class MergeSerializer(RecordSerializer):
    merged = serializers.ListField(child=serializers.UUIDField(), read_only=True)
    kept = serializers.ListField(child=serializers.DictField(), read_only=True)

    class Meta:
        model = Merge
        fields = ["id", "survivor", "merged", "merged_at", "merged_by", "undone_at", "undone_by", "kept"]
        read_only_fields = fields


class PairMergeSerializer(PlainSerializer):
    """Which of the two survives (default: ``left``), and by field whose value is taken."""

    survivor = serializers.UUIDField(required=False)
    choices = serializers.DictField(child=serializers.UUIDField(), default=dict)


class ManyMergeSerializer(PlainSerializer):
    """Who survives, who becomes part of it, and by field whose value is taken."""

    survivor = serializers.UUIDField()
    others = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=9)
    choices = serializers.DictField(child=serializers.UUIDField(), default=dict)


class UnmergeSerializer(PlainSerializer):
    """The merge to take back."""

    merge = serializers.UUIDField()


class DuplicateViewSet(ReadOnlyViewSet):
    """Pairs of customers that may be one, each with its probability and the reasons by field."""

    resource = "duplicates"
    # Actions whose body names records that may be absent.
    names_records = ("merge", "unmerge")
    queryset = Duplicate.objects.all()
    serializer_class = DuplicateSerializer
    capabilities = {
        "list": "customers.view",
        "retrieve": "customers.view",
        "not_duplicate": "customers.merge",
        "merge_pair": "customers.merge",
        "merge": "customers.merge",
        "unmerge": "customers.merge",
        "scan": "customers.merge",
    }
    filters = {
        "left": ["exact"],
        "right": ["exact"],
        "level": ["exact", "in"],
        "status": ["exact", "in"],
        "probability": ["gte", "lte"],
        "found_at": ["gte", "lt"],
    }
    ordering_fields = ("probability", "found_at")
    ordering = ("-probability",)

    @extend_schema(request=None, responses={200: DuplicateSerializer})
    @action(detail=True, methods=["post"], url_path="not-duplicate")
    def not_duplicate(self, request: Any, pk: Any = None) -> Response:
        """These are two; the pair is never proposed again."""
        duplicate = tell_apart(duplicate=self.get_object(), actor=request.member)
        return Response(self.get_serializer(duplicate).data)

    @extend_schema(request=PairMergeSerializer, responses={200: MergeSerializer})
    @action(detail=True, methods=["post"], url_path="merge", url_name="merge-pair")
    def merge_pair(self, request: Any, pk: Any = None) -> Response:
        """Make the pair one customer."""
        pair = self.get_object()
        given = body_of(PairMergeSerializer, request)
        survivor = given.get("survivor", pair.left_id)
        others = [side for side in (pair.left_id, pair.right_id) if side != survivor]
        return self._merge(survivor, others, given["choices"])

    @extend_schema(request=ManyMergeSerializer, responses={200: MergeSerializer})
    @action(detail=False, methods=["post"], pagination_class=None, filter_backends=[])
    def merge(self, request: Any) -> Response:
        """Make up to ten customers one. The others' ids and external ids lead to the survivor from then on."""
        given = body_of(ManyMergeSerializer, request)
        return self._merge(given["survivor"], given["others"], given["choices"])

    @extend_schema(request=UnmergeSerializer, responses={200: MergeSerializer})
    @action(detail=False, methods=["post"], pagination_class=None, filter_backends=[])
    def unmerge(self, request: Any) -> Response:
        """Take a merge back; ``kept`` lists what was changed since and therefore left alone."""
        pk = body_of(UnmergeSerializer, request)["merge"]
        seen = Customer.objects.visible_to(request.member).order_by().values("pk")
        merge = Merge.objects.filter(pk=pk, survivor__in=seen).first()
        if merge is None:
            raise NotFound
        return Response(MergeSerializer(unmerge(merge=merge, actor=request.member)).data)

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=False, methods=["post"], pagination_class=None, filter_backends=[])
    def scan(self, request: Any) -> Response:
        """Search the whole company in the background; the answer is the job."""
        return accepted(start_scan(actor=request.member))

    def _merge(self, survivor: Any, others: list[Any], choices: dict[str, Any]) -> Response:
        seen = Customer.objects.living().visible_to(self.request.member).in_bulk([survivor, *others])
        if len(seen) < len({survivor, *others}):
            raise NotFound
        merge = merge_customers(
            survivor=seen[survivor],
            others=[seen[pk] for pk in others],
            actor=self.request.member,
            choices=choices,
        )
        return Response(MergeSerializer(merge).data)
