"""Segments, classes and moves between them, for programs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from crm.api.filters import On
from crm.api.resources import JobSerializer, accepted
from crm.api.serializers import RecordSerializer
from crm.api.views import ReadOnlyViewSet, RecordViewSet, ResourceViewSet, rights
from crm.models import Job
from crm.personal import MARK, is_masked, mask_json
from customers.api.contacts import of_seen_customers
from customers.models import Customer
from segmentation.models import ClassChange, ClassMembership, CustomerClass, Segment
from segmentation.services import classes, segments

_CRITERION = {
    "type": "object",
    "required": ["field"],
    "properties": {
        "field": {"type": "string"},
        "op": {"enum": ["eq", "ne", "gte", "lte", "gt", "lt", "in", "is_null", "not_null"]},
        "value": {},
    },
}
_RULE = {
    "type": "array",
    "description": (
        "Alternatives; of one, all criteria must hold. An empty list holds for everyone. "
        f"Over keys that are shown masks, a criterion on personal data is `{MARK}` as its field, alone."
    ),
    "items": {"type": "array", "items": _CRITERION},
}


@extend_schema_field(_RULE)
class RuleField(serializers.JSONField):
    """A rule as JSON; the service reads it and says what is wrong. Of what is masked only its place is told."""

    def to_representation(self, value: Any) -> Any:
        if not is_masked():
            return value
        return [[_told(one) for one in alternative] for alternative in mask_json(value)]


def _told(criterion: dict[str, Any]) -> dict[str, Any]:
    return {"field": MARK} if criterion["field"] == MARK else criterion


class DecidedSerializer(serializers.Serializer):
    """One criterion of the alternative that held: the limit, and the customer's value at the time; masked: nothing."""

    alternative = serializers.IntegerField()
    field = serializers.CharField()
    op = serializers.CharField(allow_null=True)
    threshold = serializers.JSONField()
    value = serializers.JSONField()
    met = serializers.BooleanField(allow_null=True)


@extend_schema_field(DecidedSerializer(many=True))
class WhyField(serializers.JSONField):
    """Each criterion with the customer's value at the time."""


class SegmentSerializer(RecordSerializer):
    criteria = RuleField(required=False, default=[])  # type: ignore[arg-type]

    class Meta:
        model = Segment
        fields = ["id", "name", "description", "criteria", "created_by", "created_at", "version"]
        read_only_fields = ["created_by", "created_at", "version"]


class MeantSerializer(RecordSerializer):
    class Meta:
        model = Customer
        fields = ["id", "external_id", "name", "kind", "owner"]


class SegmentViewSet(RecordViewSet):
    """Saved rules over what is known of customers."""

    resource = "segments"
    queryset = Segment.objects.all()
    serializer_class = SegmentSerializer
    capabilities = rights("segments.view", "segments.change", customers="segments.view")
    list_actions = ("list", "customers")
    filters = {"name": ["exact"], "created_at": ["gte", "lt"]}
    ordering_fields = ("name", "created_at")
    ordering = ("name",)

    def perform_create(self, serializer: Any) -> None:
        fields = dict(serializer.validated_data)
        given = fields.pop("criteria")
        serializer.instance = segments.create_segment(given=given, actor=self.request.member, **fields)

    def perform_update(self, serializer: Any) -> None:
        segment = serializer.instance
        serializer.instance = segments.save_segment(
            segment=segment,
            version=self.expected_version or segment.version,
            actor=self.request.member,
            **serializer.validated_data,
        )

    def perform_destroy(self, instance: Segment) -> None:
        segments.delete_segment(segment=instance, actor=self.request.member)

    @action(detail=True, serializer_class=MeantSerializer)
    def customers(self, request: Any, pk: Any = None) -> Response:
        """Whom the segment means now, of those the caller may see."""
        segment = get_object_or_404(self.get_queryset(), pk=pk)
        meant = self.filter_queryset(segment.customers().visible_to(request.member))
        page = self.paginate_queryset(meant)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class ClassSerializer(RecordSerializer):
    criteria = RuleField(required=False)
    rank = serializers.IntegerField(min_value=1, max_value=9, required=False)

    class Meta:
        model = CustomerClass
        fields = ["id", "code", "name", "description", "rank", "priority", "criteria", "active", "version"]
        read_only_fields = ["code", "priority", "active", "version"]


class ChangedClassSerializer(ClassSerializer):
    """A class just changed, and the job that applies it where too many customers are for doing so at once."""

    job = serializers.UUIDField(
        read_only=True,
        allow_null=True,
        help_text="Applies the change at /api/v1/jobs/<id>; null: it is applied.",
    )

    class Meta(ClassSerializer.Meta):
        fields = [*ClassSerializer.Meta.fields, "job"]


class ClassViewSet(mixins.UpdateModelMixin, ReadOnlyViewSet):
    """The classes; the first by ``priority`` whose criteria hold takes a customer.

    A change applies at once; in a company of many customers a job applies it, which the answer names.
    """

    resource = "classes"
    queryset = CustomerClass.objects.all()
    serializer_class = ClassSerializer
    capabilities = {
        "list": "segments.view",
        "retrieve": "segments.view",
        "update": "segments.manage",
        "partial_update": "segments.manage",
        "destroy": "segments.manage",
    }
    filters = {"code": ["exact", "in"], "active": ["exact"]}
    ordering_fields = ("priority", "rank")
    ordering = ("priority",)

    def get_queryset(self) -> Any:
        found = super().get_queryset()
        return found.active() if self.action == "destroy" else found

    def get_serializer_class(self) -> Any:
        return ChangedClassSerializer if self.action in ("update", "partial_update") else ClassSerializer

    def perform_update(self, serializer: Any) -> None:
        customer_class = serializer.instance
        applied = classes.save_class(
            customer_class=customer_class,
            version=self.expected_version or customer_class.version,
            actor=self.request.member,
            **serializer.validated_data,
        )
        customer_class.job = applied.pk if isinstance(applied, Job) else None

    @extend_schema(responses={204: None, 202: JobSerializer})
    def destroy(self, request: Any, pk: Any = None) -> Response:
        """Take a class away. 202 with the job where one moves its customers to the other classes.

        A class with history is kept, inactive. Refused while plans serve it, and for the last by priority.
        """
        customer_class = self.get_object()
        applied = classes.delete_class(
            customer_class=customer_class,
            version=self.expected_version or customer_class.version,
            actor=request.member,
        )
        if isinstance(applied, Job):
            return accepted(applied)
        return Response(status=204)


class ClassChangeSerializer(RecordSerializer):
    why = WhyField(read_only=True)

    class Meta:
        model = ClassChange
        fields = ["id", "customer", "from_class", "to_class", "at", "why", "changed_by"]


class ClassChangeViewSet(ReadOnlyViewSet):
    """Moves between classes, with the criteria that decided."""

    resource = "class-changes"
    queryset = ClassChange.objects.filter(customer__deleted_at=None)
    serializer_class = ClassChangeSerializer
    capabilities = {"list": "segments.view", "retrieve": "segments.view"}
    filters = {
        "customer": ["exact", "in"],
        "from_class": ["exact", "in"],
        "to_class": ["exact", "in"],
        "at": ["gte", "lt"],
        "to": On("to_class__code", "exact"),
    }
    ordering_fields = ("at",)
    ordering = ("-at",)

    def get_queryset(self) -> Any:
        return of_seen_customers(super().get_queryset(), self.request)


class ClassMembershipSerializer(RecordSerializer):
    why = WhyField(read_only=True)

    class Meta:
        model = ClassMembership
        fields = [
            *("customer", "customer_class", "since", "why", "set_by", "override_reason", "override_until"),
        ]


class ClassMembershipViewSet(mixins.RetrieveModelMixin, ResourceViewSet):
    """The class a customer is in now, by the customer's id: since when, by which criteria or by whose hand."""

    resource = "class-memberships"
    queryset = ClassMembership.objects.filter(customer__deleted_at=None)
    serializer_class = ClassMembershipSerializer
    capabilities = {"retrieve": "segments.view"}

    def get_queryset(self) -> Any:
        return of_seen_customers(super().get_queryset(), self.request)
