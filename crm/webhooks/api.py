"""Webhooks over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from crm.api.serializers import PlainSerializer, RecordSerializer, body_of
from crm.api.views import RecordViewSet
from crm.models import WebhookAttempt, WebhookEndpoint
from crm.services import webhooks as services
from crm.webhooks import selectors, signing

MANAGE = "settings.manage"
MOST_EVENTS = 1_000


class WebhookSerializer(RecordSerializer):
    event_types = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        max_length=200,
        help_text="Types as in the webhooks section; none means all, those to come included.",
    )
    disabled_because = serializers.ChoiceField(
        choices=WebhookEndpoint.Disabled.choices, allow_blank=True, read_only=True
    )

    class Meta:
        model = WebhookEndpoint
        fields = [
            *("id", "url", "description", "event_types", "payload", "active", "api_version"),
            *("disabled_at", "disabled_because", "failing_since", "previous_until", "created_at"),
        ]
        read_only_fields = [
            *(
                "api_version",
                "disabled_at",
                "disabled_because",
                "failing_since",
                "previous_until",
                "created_at",
            )
        ]


class WebhookSecretSerializer(WebhookSerializer):
    """With the secret that signs; it is given here only."""

    secret = serializers.SerializerMethodField()

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]

    def get_secret(self, endpoint: WebhookEndpoint) -> str:
        return signing.secret_of(endpoint)


class AttemptSerializer(RecordSerializer):
    class Meta:
        model = WebhookAttempt
        fields = ["at", "status", "milliseconds", "answer", "error"]


class LogEntrySerializer(serializers.Serializer):
    """One event on its way to the endpoint, with every try."""

    id = serializers.UUIDField(source="delivery.pk", help_text="As in deliveries.")
    event = serializers.UUIDField(source="event.pk", allow_null=True, help_text="The webhook-id.")
    type = serializers.CharField(source="event.type", allow_null=True)
    state = serializers.ChoiceField(choices=["done", "open", "dead"])
    created_at = serializers.DateTimeField(source="delivery.created_at")
    next_at = serializers.DateTimeField(source="delivery.next_at")
    last_error = serializers.CharField(source="delivery.last_error")
    attempts = AttemptSerializer(many=True)


class ReplaySerializer(PlainSerializer):
    """Which: events by their ids, or all since a moment. One of the two."""

    events = serializers.ListField(
        child=serializers.UUIDField(), required=False, min_length=1, max_length=MOST_EVENTS
    )
    since = serializers.DateTimeField(required=False)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if len(values) != 1:
            message = "Give either events or since."
            raise serializers.ValidationError({"events": [message], "since": [message]})
        return values


class ReplayedSerializer(serializers.Serializer):
    """How many are sent again."""

    deliveries = serializers.IntegerField()


class TestedSerializer(serializers.Serializer):
    """The event that is on its way."""

    event = serializers.UUIDField()


class WebhookViewSet(RecordViewSet):
    """Addresses that are told what happens, by the Standard Webhooks."""

    resource = "webhooks"
    queryset = WebhookEndpoint.objects.all()
    serializer_class = WebhookSerializer
    capabilities = dict.fromkeys(
        (
            *("list", "retrieve", "create", "update", "partial_update", "destroy"),
            *("rotate", "test", "replay", "deliveries"),
        ),
        MANAGE,
    )
    list_actions = ("list", "deliveries")
    filters = {"created_at": ["gte", "lt"]}
    ordering_fields = ("created_at",)
    ordering = ("-created_at",)

    def get_serializer_class(self) -> Any:
        return WebhookSecretSerializer if self.action == "create" else self.serializer_class

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = services.create_webhook(actor=self.request.member, **serializer.validated_data)

    def perform_update(self, serializer: Any) -> None:
        serializer.instance = services.change_webhook(
            endpoint=serializer.instance, actor=self.request.member, **serializer.validated_data
        )

    def perform_destroy(self, instance: WebhookEndpoint) -> None:
        services.delete_webhook(endpoint=instance, actor=self.request.member)

    @extend_schema(request=None, responses={200: WebhookSecretSerializer})
    @action(detail=True, methods=["post"])
    def rotate(self, request: Any, pk: Any = None) -> Response:
        """Make a new secret; for a day the one before signs as well."""
        endpoint = services.rotate_secret(endpoint=self.get_object(), actor=request.member)
        return Response(WebhookSecretSerializer(endpoint).data)

    @extend_schema(request=None, responses={200: TestedSerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Any, pk: Any = None) -> Response:
        """Send an event of the type ``ping``."""
        event = services.ping(endpoint=self.get_object(), actor=request.member)
        return Response({"event": str(event.pk)})

    @extend_schema(request=ReplaySerializer, responses={200: ReplayedSerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request: Any, pk: Any = None) -> Response:
        """Send what was done or given up once more, under the same ids."""
        given = body_of(ReplaySerializer, request)
        count = services.replay(
            endpoint=self.get_object(),
            actor=request.member,
            events_chosen=given.get("events"),
            since=given.get("since"),
        )
        return Response({"deliveries": count})

    @action(detail=True, serializer_class=LogEntrySerializer)
    def deliveries(self, request: Any, pk: Any = None) -> Response:
        """The log: what was sent or waits, newest first, with every try."""
        endpoint = get_object_or_404(self.get_queryset(), pk=pk)
        page = self.paginate_queryset(self.filter_queryset(services.deliveries_of(endpoint)))
        entries = selectors.entries(endpoint, page or [])
        return self.get_paginated_response(self.get_serializer(entries, many=True).data)
