"""Consents over the API: words are added, never changed."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.serializers import PlainSerializer, RecordSerializer, body_of
from crm.api.views import ReadOnlyViewSet
from customers.models import Consent
from customers.services.consents import record_consent


class ConsentSerializer(RecordSerializer):
    class Meta:
        model = Consent
        fields = [
            *("id", "customer", "contact", "channel", "purpose", "given", "at", "source", "proof"),
            *("author", "created_at"),
        ]
        read_only_fields = ["source", "author", "created_at"]


class WithdrawalSerializer(PlainSerializer):
    """When it was taken back (now, unless said), and what shows it."""

    at = serializers.DateTimeField(required=False)
    proof = serializers.CharField(allow_blank=True, default="", max_length=2_000)


class ConsentViewSet(mixins.CreateModelMixin, ReadOnlyViewSet):
    """What customers agreed to and took back, by channel and purpose; the newest word counts."""

    resource = "consents"
    queryset = Consent.objects.all()
    serializer_class = ConsentSerializer
    capabilities = {
        "list": "customers.view",
        "retrieve": "customers.view",
        "create": "customers.change",
        "withdraw": "customers.change",
    }
    filters = {
        "customer": ["exact", "in"],
        "contact": ["exact"],
        "channel": ["exact"],
        "purpose": ["exact"],
        "given": ["exact"],
        "at": ["gte", "lt"],
    }
    ordering_fields = ("at",)
    ordering = ("-at",)

    def perform_create(self, serializer: Any) -> None:
        values = serializer.validated_data
        serializer.instance = record_consent(source=Consent.Source.API, actor=self.request.member, **values)

    @extend_schema(request=WithdrawalSerializer, responses={201: ConsentSerializer})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Any, pk: Any = None) -> Response:
        """Take back what was agreed to: one more word, which counts from then on."""
        given = body_of(WithdrawalSerializer, request)
        word = self.get_object()
        said = {name: getattr(word, name) for name in ("customer", "contact", "channel", "purpose")}
        taken_back = record_consent(
            **said, **given, given=False, source=Consent.Source.API, actor=request.member
        )
        return Response(self.get_serializer(taken_back).data, status=201)
