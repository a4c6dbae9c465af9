"""How long what is kept, over the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from crm.api.serializers import RecordSerializer
from crm.api.views import RecordViewSet
from crm.errors import Conflict
from customers.models import RetentionPeriod
from customers.services.privacy import retention


class RetentionPeriodSerializer(RecordSerializer):
    days = serializers.IntegerField(min_value=30, max_value=36_500)
    would_end = serializers.SerializerMethodField(help_text="Rows older than that now, counted to 10,000.")

    class Meta:
        model = RetentionPeriod
        fields = ["id", "kind", "days", "would_end"]
        validators: list[Any] = []

    def get_would_end(self, period: RetentionPeriod) -> int:
        return retention.would_end(period.kind, period.days)

    def validate_kind(self, kind: str) -> str:
        if self.instance is not None and kind != self.instance.kind:
            raise serializers.ValidationError(_("This never changes."))
        return kind


class RetentionPeriodViewSet(RecordViewSet):
    """For how many days each kind of data is kept; a kind without a period is kept for good. What is older goes at
    night and does not come back."""

    resource = "retention-periods"
    queryset = RetentionPeriod.objects.all()
    serializer_class = RetentionPeriodSerializer
    capabilities = dict.fromkeys(
        ("list", "retrieve", "create", "update", "partial_update", "destroy"), "settings.manage"
    )
    filters = {"kind": ["exact", "in"]}
    ordering_fields = ("kind",)
    ordering = ("kind",)

    def perform_create(self, serializer: Any) -> None:
        kind = serializer.validated_data["kind"]
        if RetentionPeriod.objects.filter(kind=kind).exists():
            raise Conflict(_("This kind has a period already: change that one."))
        self._set(kind, serializer.validated_data["days"])
        serializer.instance = RetentionPeriod.objects.get(kind=kind)

    def perform_update(self, serializer: Any) -> None:
        period = serializer.instance
        self._set(period.kind, serializer.validated_data.get("days", period.days))
        period.refresh_from_db()

    def perform_destroy(self, instance: RetentionPeriod) -> None:
        self._set(instance.kind, None)

    def _set(self, kind: str, days: int | None) -> None:
        retention.set_period(kind=kind, days=days, actor=self.request.member)
