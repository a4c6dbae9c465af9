"""Saved views over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.filters import On
from crm.api.serializers import RecordSerializer
from crm.api.views import RecordViewSet
from crm.models import SavedView
from crm.saved_views.lists import all_lists
from crm.saved_views.selectors import readable
from crm.services import saved_views as services


class SavedViewSerializer(RecordSerializer):
    list = serializers.ChoiceField(source="listing", choices=[], help_text="Which list; never changes.")
    filters = serializers.DictField(
        child=serializers.CharField(max_length=4_000, allow_blank=False),
        required=False,
        help_text="Names and values as in the list's address.",
    )
    columns = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=100
    )
    pinned = serializers.BooleanField(required=False, help_text="A tab for everyone who sees the view.")

    class Meta:
        model = SavedView
        fields = [
            *("id", "list", "name", "filters", "sort", "columns", "sharing", "pinned"),
            *("owner", "team", "created_at", "version"),
        ]
        read_only_fields = ["owner", "team", "created_at", "version"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["list"].choices = [kind.key for kind in all_lists()]

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if self.instance and values.pop("listing", self.instance.listing) != self.instance.listing:
            raise serializers.ValidationError({"list": ["This never changes."]})
        return values


class SavedViewViewSet(RecordViewSet):
    """Lists as members keep them: one's own, those of one's team, everybody's. A deleted one can be restored."""

    resource = "saved-views"
    queryset = SavedView.objects.living()
    serializer_class = SavedViewSerializer
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    capabilities = dict.fromkeys(
        ("list", "retrieve", "create", "update", "partial_update", "destroy", "restore"), "today.view"
    )
    filters = {"list": On("listing"), "sharing": ["exact", "in"], "owner": ["exact"]}
    ordering_fields = ("name", "created_at")
    ordering = ("name",)

    def get_queryset(self) -> Any:
        if self.action == "restore":
            return readable(SavedView.objects.visible_to(self.request.member))
        return readable(super().get_queryset())

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = services.save_view(actor=self.request.member, **serializer.validated_data)

    def perform_update(self, serializer: Any) -> None:
        serializer.instance = services.change_view(
            view=serializer.instance,
            actor=self.request.member,
            version=self.expected_version,
            **serializer.validated_data,
        )

    def perform_destroy(self, instance: SavedView) -> None:
        services.delete_view(view=instance, actor=self.request.member)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def restore(self, request: Any, pk: Any = None) -> Response:
        """Bring a deleted view back."""
        view = services.restore_view(view=self.get_object(), actor=request.member)
        return Response(self.get_serializer(view).data)
