"""A member's notifications over the API, and how the member wants to be told."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.serializers import PlainSerializer, RecordSerializer, body_of
from crm.api.views import ReadOnlyViewSet
from crm.models import Digest, Member, Notification
from crm.notifications.choices import Choice, Choices, choose, digest_of
from crm.notifications.kinds import ByMail, all_kinds, kinds_for
from crm.services.notifications import mark_read


class NotificationSerializer(RecordSerializer):
    class Meta:
        model = Notification
        fields = ["id", "kind", "title", "text", "url", "created_at", "read_at"]


class KindChoiceSerializer(PlainSerializer):
    """How one wants to be told of one kind."""

    kind = serializers.ChoiceField(choices=[])
    in_app = serializers.BooleanField()
    email = serializers.ChoiceField(choices=ByMail.choices)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [kind.key for kind in all_kinds()]


class DigestChoiceSerializer(PlainSerializer):
    """When the daily digest comes, by the company's clock."""

    days = serializers.ChoiceField(choices=Digest.Days.choices, required=False)
    hour = serializers.IntegerField(min_value=0, max_value=23, required=False)


class ChoicesSerializer(PlainSerializer):
    """What is not named stays as it is. Kinds that may not be silenced always stand in the app and come by e-mail."""

    kinds = KindChoiceSerializer(many=True, required=False, max_length=100)
    digest = DigestChoiceSerializer(required=False)


class NotificationViewSet(ReadOnlyViewSet):
    """What the key's member was told in the app, newest first."""

    resource = "notifications"
    queryset = Notification.objects.in_app()
    serializer_class = NotificationSerializer
    capabilities = {
        "list": "today.view",
        "retrieve": "today.view",
        "read": "today.view",
        "choices": "profile.change",
    }
    filters = {"kind": ["exact", "in"], "read_at": ["isnull"], "created_at": ["gte", "lt"]}
    ordering_fields = ("created_at",)
    ordering = ("-created_at",)

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(member=getattr(self.request, "member", None))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def read(self, request: Any, pk: Any = None) -> Response:
        """Take it as read."""
        note = self.get_object()
        mark_read(member=request.member, at=timezone.now(), notification=note)
        note.refresh_from_db()
        return Response(self.get_serializer(note).data)

    @extend_schema(methods=["GET"], responses={200: ChoicesSerializer})
    @extend_schema(methods=["PATCH"], request=ChoicesSerializer, responses={200: ChoicesSerializer})
    @action(detail=False, methods=["get", "patch"], pagination_class=None, filter_backends=[])
    def choices(self, request: Any) -> Response:
        """How the key's member is told of what; what is not named stays as it is."""
        if request.method == "PATCH":
            given = body_of(ChoicesSerializer, request)
            kinds = given.get("kinds", [])
            choose(
                member=request.member,
                choices={one["kind"]: Choice(one["in_app"], one["email"]) for one in kinds},
                **given.get("digest", {}),
            )
        return Response(_chosen(request.member))


def _chosen(member: Member) -> dict[str, Any]:
    made, digest = Choices([member.pk]), digest_of(member)
    chosen = [(kind.key, made.of(member.pk, kind.key)) for kind in kinds_for(member)]
    return {
        "kinds": [{"kind": key, "in_app": one.in_app, "email": one.email} for key, one in chosen],
        "digest": {"days": digest.days, "hour": digest.hour},
    }
