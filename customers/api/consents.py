"""Consents over the API: words are added, never changed."""

from __future__ import annotations

from typing import Any

from rest_framework import mixins

from crm.api.serializers import RecordSerializer
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


class ConsentViewSet(mixins.CreateModelMixin, ReadOnlyViewSet):
    """What customers agreed to and took back, by channel and purpose; the newest word counts."""

    resource = "consents"
    queryset = Consent.objects.all()
    serializer_class = ConsentSerializer
    capabilities = {"list": "customers.view", "retrieve": "customers.view", "create": "customers.change"}
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
