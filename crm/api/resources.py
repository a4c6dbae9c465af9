"""The kernel's own resources: people, jobs, deliveries, history."""

from __future__ import annotations

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.serializers import ObjectField, RecordSerializer
from crm.api.views import ReadOnlyViewSet
from crm.models import AuditEntry, Delivery, Job, Member, Team
from crm.services import deliveries
from crm.services.jobs import cancel as cancel_job


class MemberSerializer(RecordSerializer):
    class Meta:
        model = Member
        fields = ["id", "display_name", "email", "role", "visibility", "team", "active", "joined_at"]


class MemberViewSet(ReadOnlyViewSet):
    """The people of the company; every owner and assignee is one of them."""

    resource = "members"
    queryset = Member.objects.all()
    serializer_class = MemberSerializer
    capabilities = {"list": "today.view", "retrieve": "today.view"}
    filters = {
        "email": ["exact"],
        "role": ["exact", "in"],
        "team": ["exact", "in", "isnull"],
        "active": ["exact"],
    }
    ordering_fields = ("display_name", "joined_at")
    ordering = ("display_name",)


class TeamSerializer(RecordSerializer):
    class Meta:
        model = Team
        fields = ["id", "name", "lead"]


class TeamViewSet(ReadOnlyViewSet):
    """Members who look after customers together."""

    resource = "teams"
    queryset = Team.objects.all()
    serializer_class = TeamSerializer
    capabilities = {"list": "today.view", "retrieve": "today.view"}
    filters = {"lead": ["exact", "isnull"]}
    ordering_fields = ("name",)
    ordering = ("name",)


class JobSerializer(RecordSerializer):
    result = serializers.DictField(read_only=True)

    class Meta:
        model = Job
        fields = [
            "id",
            "kind",
            "state",
            "progress",
            "total",
            "message",
            "result",
            "created_by",
            "created_at",
            "started_at",
            "finished_at",
            "cancel_asked_at",
        ]


def accepted(job: Job) -> Response:
    """The answer to what goes on in the background: the job, and where it is watched."""
    headers = {"Location": reverse("api-jobs-detail", args=[job.pk])}
    return Response(JobSerializer(job).data, status=202, headers=headers)


class JobViewSet(ReadOnlyViewSet):
    """Long work in the background: its progress and how it ended. Administrators see everybody's."""

    resource = "jobs"
    queryset = Job.objects.all()
    serializer_class = JobSerializer
    capabilities = {"list": "today.view", "retrieve": "today.view", "cancel": "today.view"}
    filters = {"kind": ["exact", "in"], "state": ["exact", "in"], "created_at": ["gte", "lt"]}
    ordering_fields = ("created_at", "finished_at", "kind")
    ordering = ("-created_at",)

    def get_queryset(self):
        jobs, member = super().get_queryset(), getattr(self.request, "member", None)
        if member is None or member.can("settings.manage"):
            return jobs
        return jobs.filter(created_by=member)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk=None):
        """Stop the job: at once while it waits, else after its current batch. What was done stays done."""
        job = cancel_job(self.get_object())
        return Response(self.get_serializer(job).data)


class DeliverySerializer(RecordSerializer):
    class Meta:
        model = Delivery
        fields = [
            "id",
            "kind",
            "dedup_key",
            "member",
            "address",
            "created_at",
            "next_at",
            "attempts",
            "done_at",
            "dead_at",
            "last_error",
        ]


class DeliveryViewSet(ReadOnlyViewSet):
    """What the company sends to the world; ``dead_at`` tells what was given up after its last attempt."""

    resource = "deliveries"
    queryset = Delivery.objects.all()
    serializer_class = DeliverySerializer
    capabilities = {"list": "settings.manage", "retrieve": "settings.manage", "requeue": "settings.manage"}
    filters = {
        "kind": ["exact", "in"],
        "member": ["exact"],
        "done_at": ["isnull"],
        "dead_at": ["isnull"],
        "next_at": ["gte", "lt"],
        "created_at": ["gte", "lt"],
    }
    ordering_fields = ("next_at", "created_at")

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def requeue(self, request, pk=None):
        """Give a dead letter all its tries again."""
        delivery = deliveries.requeue(delivery=self.get_object(), actor=request.member)
        return Response(self.get_serializer(delivery).data)


class AuditEntrySerializer(RecordSerializer):
    before = ObjectField(read_only=True)
    after = ObjectField(read_only=True)

    class Meta:
        model = AuditEntry
        fields = [
            "id",
            "at",
            "kind",
            "deed",
            "subject_type",
            "subject_id",
            "member_id",
            "request_id",
            "source",
            "before",
            "after",
        ]


class AuditViewSet(ReadOnlyViewSet):
    """The history: every change of every record, and the deeds behind them."""

    resource = "audit"
    queryset = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    capabilities = {"list": "audit.view", "retrieve": "audit.view"}
    filters = {
        "at": ["gte", "lt"],
        "kind": ["exact"],
        "deed": ["exact"],
        "subject_type": ["exact"],
        "subject_id": ["exact"],
        "member_id": ["exact"],
        "request_id": ["exact"],
    }
    ordering_fields = ("at",)
    ordering = ("-at",)
