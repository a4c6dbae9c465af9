"""Churn scores and early warnings for programs."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.serializers import PlainSerializer, RecordSerializer, Reference, body_of
from crm.api.views import ReadOnlyViewSet
from crm.models import Member
from customers.models.interactions import Channel
from retention.models import Score, Warning
from retention.services import warnings as services


class ReasonSerializer(serializers.Serializer):
    """What raises the chance of losing the customer, or lowers it, with the facts behind."""

    code = serializers.CharField()
    contribution = serializers.FloatField()
    facts = serializers.DictField(child=serializers.FloatField())
    raises = serializers.BooleanField()
    actionable = serializers.BooleanField()


@extend_schema_field(ReasonSerializer(many=True))
class ReasonsField(serializers.JSONField):
    """The reasons as they were written."""


class ScoreSerializer(RecordSerializer):
    as_of = serializers.DateField(source="run.as_of", read_only=True)
    horizon_days = serializers.IntegerField(source="run.horizon_days", read_only=True)
    level = serializers.IntegerField(source="run.level", read_only=True)
    model_version = serializers.CharField(source="run.model_version", read_only=True)
    reasons = ReasonsField(read_only=True)

    class Meta:
        model = Score
        fields = [
            "id",
            "customer",
            "as_of",
            "horizon_days",
            "level",
            "model_version",
            "probability",
            "risk",
            "reasons",
            "expected_purchases",
            "expected_value",
        ]


class ScoreViewSet(ReadOnlyViewSet):
    """Each customer's newest score. ``probability`` is null on level 0, where a rule speaks."""

    resource = "churn-scores"
    queryset = Score.objects.select_related("run")
    serializer_class = ScoreSerializer
    capabilities = {"list": "retention.view", "retrieve": "retention.view"}
    filters = {
        "customer": ["exact", "in"],
        "probability": ["gte", "lte"],
        "risk": ["exact", "in"],
    }
    ordering_fields = ("probability",)

    def get_queryset(self):
        return super().get_queryset().newest().filter(customer__deleted_at=None)


class WarningSerializer(RecordSerializer):
    reasons = ReasonsField(read_only=True)

    class Meta:
        model = Warning
        fields = [
            "id",
            "customer",
            "owner",
            "trigger",
            "probability",
            "value_at_risk",
            "reasons",
            "opened_at",
            "closed_at",
            "close_reason",
            "closed_by",
            "note",
            "follow_up",
        ]


class CloseSerializer(PlainSerializer):
    reason = serializers.ChoiceField(choices=[Warning.Close.DISMISSED.value, Warning.Close.HANDLED.value])
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class ActSerializer(PlainSerializer):
    subject = serializers.CharField(max_length=200)
    due_at = serializers.DateTimeField()
    owner = Reference(queryset=Member.objects.active(), required=False)
    channel = serializers.ChoiceField(choices=Channel.choices, default=Channel.PHONE)


class WarningViewSet(ReadOnlyViewSet):
    """Early warnings, open and closed."""

    resource = "warnings"
    queryset = Warning.objects.filter(customer__deleted_at=None)
    serializer_class = WarningSerializer
    capabilities = {
        "list": "retention.view",
        "retrieve": "retention.view",
        "close": "retention.change",
        "act": "retention.change",
    }
    filters = {
        "customer": ["exact", "in"],
        "owner": ["exact", "in", "isnull"],
        "closed_at": ["isnull", "gte", "lt"],
        "opened_at": ["gte", "lt"],
        "value_at_risk": ["gte", "lte"],
    }
    ordering_fields = ("value_at_risk", "opened_at")
    ordering = ("-opened_at",)

    @action(detail=True, methods=["post"], serializer_class=CloseSerializer)
    def close(self, request, pk=None):
        """Close by hand, with the reason."""
        given = body_of(CloseSerializer, request)
        warning = services.close_warning(warning=self.get_object(), actor=request.member, **given)
        return Response(WarningSerializer(warning, context=self.get_serializer_context()).data)

    @action(detail=True, methods=["post"], serializer_class=ActSerializer)
    def act(self, request, pk=None):
        """Answer with a follow-up, named in ``follow_up``; the warning is handled with it."""
        given = body_of(ActSerializer, request)
        warning = self.get_object()
        owner = given.pop("owner", None) or warning.customer.owner or request.member
        services.act_on_warning(warning=warning, owner=owner, actor=request.member, **given)
        return Response(WarningSerializer(warning, context=self.get_serializer_context()).data)
