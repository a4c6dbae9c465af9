"""Maintenance plans from outside."""

from __future__ import annotations

from crm.api.serializers import RecordSerializer
from crm.api.views import RecordViewSet, rights
from maintenance.models import MaintenancePlan
from maintenance.services import plans


class MaintenancePlanSerializer(RecordSerializer):
    class Meta:
        model = MaintenancePlan
        fields = [
            "id",
            "name",
            "customer_class",
            "every",
            "channel",
            "subject",
            "guide",
            "fallback_owner",
            "active",
            "version",
        ]
        read_only_fields = ["version"]


class MaintenancePlanViewSet(RecordViewSet):
    """What every customer of a class is owed in each period."""

    resource = "maintenance-plans"
    queryset = MaintenancePlan.objects.all()
    serializer_class = MaintenancePlanSerializer
    capabilities = rights("maintenance.view", "maintenance.manage")
    filters = {
        "name": ["exact"],
        "customer_class": ["exact", "in"],
        "every": ["exact", "in"],
        "active": ["exact"],
    }
    ordering_fields = ("name",)
    ordering = ("name",)

    def perform_create(self, serializer):
        serializer.instance = plans.create_plan(**serializer.validated_data, actor=self.request.member)

    def perform_update(self, serializer):
        serializer.instance = plans.update_plan(
            plan=serializer.instance, actor=self.request.member, **serializer.validated_data
        )

    def perform_destroy(self, instance):
        plans.delete_plan(plan=instance, actor=self.request.member)
