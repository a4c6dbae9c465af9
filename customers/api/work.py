"""What happened with customers and what is promised to them, over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.bulk import BulkMixin
from crm.api.resources import JobSerializer
from crm.api.serializers import PlainSerializer, RecordSerializer, body_of
from crm.api.views import ReadOnlyViewSet
from customers.api.contacts import of_seen_customers
from customers.api.many import ManyRecordsMixin, ManyRecordsSerializer
from customers.models import FollowUp, Interaction
from customers.services import follow_ups as services
from customers.services.interactions import log_interaction


class InteractionSerializer(RecordSerializer):
    class Meta:
        model = Interaction
        fields = [
            *(
                "id",
                "customer",
                "contact",
                "author",
                "kind",
                "channel",
                "direction",
                "happened_at",
                "text",
                "outcome",
            ),
            "created_at",
        ]
        read_only_fields = ["author", "created_at"]
        validators: list[Any] = []


class InteractionViewSet(BulkMixin, mixins.CreateModelMixin, ReadOnlyViewSet):
    """Every contact that happened; the key's member is its author."""

    resource = "interactions"
    queryset = Interaction.objects.all()
    serializer_class = InteractionSerializer
    capabilities = {"list": "customers.view", "retrieve": "customers.view", "create": "customers.change"}
    filters = {
        "customer": ["exact", "in"],
        "author": ["exact", "in"],
        "contact": ["exact", "in"],
        "kind": ["exact", "in"],
        "channel": ["exact", "in"],
        "direction": ["exact"],
        "happened_at": ["gte", "lt"],
    }
    ordering_fields = ("happened_at",)
    ordering = ("-happened_at",)

    def get_queryset(self) -> Any:
        return of_seen_customers(super().get_queryset(), self.request)

    def perform_create(self, serializer: Any) -> None:
        values = {"kind": Interaction.Kind.NOTE, **serializer.validated_data}
        serializer.instance = log_interaction(actor=self.request.member, **values)


class FollowUpSerializer(RecordSerializer):
    outcome = serializers.ChoiceField(choices=FollowUp.Outcome.choices, allow_blank=True, read_only=True)

    class Meta:
        model = FollowUp
        fields = [
            *("id", "customer", "owner", "subject", "reason", "channel", "origin", "due_at", "first_due_at"),
            *(
                "moved_because",
                "closed_at",
                "closed_by",
                "outcome",
                "result",
                "interaction",
                "created_at",
                "version",
            ),
        ]
        read_only_fields = [
            *("origin", "first_due_at", "moved_because", "closed_at", "closed_by", "outcome", "result"),
            *("interaction", "created_at", "version"),
        ]


class CompletionSerializer(PlainSerializer):
    """What came of it."""

    result = serializers.CharField(allow_blank=True, default="", max_length=10_000)
    kind = serializers.ChoiceField(choices=Interaction.Kind.choices, default=Interaction.Kind.CALL)


class MoveSerializer(PlainSerializer):
    """When it is to be, and why not before."""

    due_at = serializers.DateTimeField()
    because = serializers.CharField(allow_blank=True, default="", max_length=200)


class SkipSerializer(PlainSerializer):
    """Why it is let go."""

    because = serializers.CharField(max_length=300)


class FollowUpViewSet(ManyRecordsMixin, mixins.CreateModelMixin, ReadOnlyViewSet):
    """Promises to customers: who, what, by when."""

    many_rows, many_list = "follow_ups", "follow-ups"

    resource = "follow-ups"
    queryset = FollowUp.objects.all()
    serializer_class = FollowUpSerializer
    capabilities = {
        "list": "customers.view",
        "retrieve": "customers.view",
        "create": "customers.change",
        "complete": "customers.change",
        "move": "customers.change",
        "skip": "customers.change",
        "change_many": "customers.change",
        "undo_many": "customers.change",
    }
    filters = {
        "customer": ["exact", "in"],
        "owner": ["exact", "in"],
        "origin": ["exact", "in"],
        "outcome": ["exact"],
        "due_at": ["gte", "lt"],
        "closed_at": ["gte", "lt", "isnull"],
    }
    ordering_fields = ("due_at", "closed_at", "created_at")
    ordering = ("due_at",)

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = services.schedule_follow_up(
            actor=self.request.member, **serializer.validated_data
        )

    @extend_schema(request=CompletionSerializer, responses={200: FollowUpSerializer})
    @action(detail=True, methods=["post"])
    def complete(self, request: Any, pk: Any = None) -> Response:
        """Keep the promise; the contact goes onto the timeline."""
        return self._do(services.complete_follow_up, CompletionSerializer)

    @extend_schema(request=MoveSerializer, responses={200: FollowUpSerializer})
    @action(detail=True, methods=["post"])
    def move(self, request: Any, pk: Any = None) -> Response:
        """Promise another moment."""
        return self._do(services.move_follow_up, MoveSerializer, versioned=True)

    @extend_schema(request=SkipSerializer, responses={200: FollowUpSerializer})
    @action(detail=True, methods=["post"])
    def skip(self, request: Any, pk: Any = None) -> Response:
        """Let the promise go."""
        return self._do(services.skip_follow_up, SkipSerializer)

    @extend_schema(request=ManyRecordsSerializer, responses={202: JobSerializer})
    @action(detail=False, methods=["post"], url_path="change-many")
    def change_many(self, request: Any) -> Response:
        """Do one thing to many open follow-ups in the background; `undo-many` takes it back.

        Deeds and their values: `hand_over` (owner), `move` (due_at, because), `complete` (kind, result), `skip`
        (because).
        """
        return self.do_to_many(request)

    def _do(self, service: Any, serializer: Any, *, versioned: bool = False) -> Response:
        given = body_of(serializer, self.request)
        found = self.get_object()
        values = given | ({"version": self.expected_version} if versioned else {})
        follow_up = service(follow_up=found, actor=self.request.member, **values)
        return Response(self.get_serializer(follow_up).data)
