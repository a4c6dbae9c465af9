"""Contact data that needs somebody, over the API: what bounced, and a word that it is right."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.serializers import RecordSerializer
from crm.api.views import ReadOnlyViewSet
from crm.errors import NotFound
from customers.models import Confirmation, MailBounce
from customers.selectors.upkeep import REASONS, narrowed
from customers.services import bounces, upkeep


class BounceSerializer(RecordSerializer):
    """``marks`` and no ``cleared_at``: nothing is mailed to the address."""

    email = serializers.CharField(source="email_norm", read_only=True)
    why = serializers.CharField(read_only=True)

    class Meta:
        model = MailBounce
        fields = [
            *("id", "email", "kind", "status", "why", "diagnostic", "at", "delivery", "marks"),
            *("cleared_at", "cleared_by"),
        ]
        read_only_fields = fields


class BounceViewSet(ReadOnlyViewSet):
    """Addresses that mail came back from. One that ``marks`` stands until it is cleared."""

    resource = "bounces"
    queryset = MailBounce.objects.exclude(email_norm="")
    serializer_class = BounceSerializer
    capabilities = {
        "list": "customers.view",
        "retrieve": "customers.view",
        "clear": "customers.change",
        "undo": "customers.change",
    }
    filters = {
        "kind": ["exact"],
        "marks": ["exact"],
        "cleared_at": ["isnull"],
        "at": ["gte", "lt"],
        "delivery": ["exact"],
    }
    ordering_fields = ("at",)
    ordering = ("-at",)

    @extend_schema(request=None, responses={200: BounceSerializer})
    @action(detail=True, methods=["post"])
    def clear(self, request: Any, pk: Any = None) -> Response:
        """The address works again: nothing that came back from it counts any more."""
        bounce = bounces.clear_address(bounce=self.get_object(), actor=request.member)
        return Response(self.get_serializer(bounce).data)

    @extend_schema(request=None, responses={200: BounceSerializer})
    @action(detail=True, methods=["post"])
    def undo(self, request: Any, pk: Any = None) -> Response:
        """Mark the address again, if it was cleared."""
        bounce = bounces.mark_again(bounce=self.get_object(), actor=request.member)
        return Response(self.get_serializer(bounce).data)


class ConfirmationSerializer(RecordSerializer):
    class Meta:
        model = Confirmation
        fields = ["id", "customer", "at", "by", "changed"]
        read_only_fields = fields


UPKEEP = {"confirm": "customers.change", "unconfirm": "customers.change"}
UPKEEP_PARAMETER = OpenApiParameter(
    "upkeep",
    str,
    enum=[*REASONS, "any"],
    description="Customers whose contact data needs somebody, for this reason or for any.",
)


class UpkeepMixin:
    """A customer's contact data: which needs somebody, and that it is right. Add ``UPKEEP`` to the capabilities."""

    def narrow(self, queryset: Any, query: Any) -> Any:
        queryset = super().narrow(queryset, query)  # type: ignore[misc]
        if (reason := query.get("upkeep")) is None:
            return queryset
        if reason not in (*REASONS, "any"):
            raise serializers.ValidationError({"upkeep": [f"One of {', '.join(REASONS)}, any."]})
        return narrowed(queryset, reason, at=timezone.now())

    @extend_schema(request=None, responses={200: ConfirmationSerializer})
    @action(detail=True, methods=["post"])
    def confirm(self, request: Any, pk: Any = None) -> Response:
        """The contact data is right, says the key's member: its addresses are marked no more."""
        word = upkeep.confirm(customer=self.get_object(), actor=request.member)  # type: ignore[attr-defined]
        return Response(ConfirmationSerializer(word).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def unconfirm(self, request: Any, pk: Any = None) -> Response:
        """Take the newest word of the key's member back."""
        mine = Confirmation.objects.filter(customer=self.get_object(), by=request.member, changed=False)  # type: ignore[attr-defined]
        word = mine.select_related("customer").first()
        if word is None:
            raise NotFound
        upkeep.take_back(confirmation=word, actor=request.member)
        return Response(status=204)
