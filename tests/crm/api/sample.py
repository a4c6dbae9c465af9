"""A small resource with everything the base offers, and addresses that hold only it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import include, path
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from crm.api.bulk import BulkMixin
from crm.api.filters import On
from crm.api.serializers import RecordSerializer
from crm.api.views import ResourceViewSet
from crm.errors import Conflict
from customers.models import Customer
from customers.services import customers as services

before_create: list[Callable[[], Any]] = []


class SampleSerializer(RecordSerializer):
    class Meta:
        model = Customer
        fields = ["id", "name", "notes", "owner", "created_at", "version"]
        read_only_fields = ["created_at", "version"]


class SampleViewSet(
    BulkMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    mixins.ListModelMixin,
    ResourceViewSet,
):
    resource = "samples"
    queryset = Customer.objects.living()
    serializer_class = SampleSerializer
    capabilities = {
        "list": "customers.view",
        "retrieve": "customers.view",
        "create": "customers.change",
        "update": "customers.change",
        "partial_update": "customers.change",
        "destroy": "customers.delete",
        "refuse": "customers.change",
    }
    filters = {"name": ["prefix"], "orders": On("stats__orders", "gte", "exact"), "owner": ["exact", "in"]}
    ordering_fields = {"name": "name_norm", "orders": "stats__orders", "owner": "owner"}
    ordering = ("name",)

    def perform_create(self, serializer: Any) -> None:
        for hook in before_create:
            hook()
        serializer.instance = services.create_customer(actor=self.request.member, **serializer.validated_data)

    def perform_update(self, serializer: Any) -> None:
        serializer.instance = services.update_customer(
            customer=serializer.instance,
            actor=self.request.member,
            version=self.expected_version,
            **serializer.validated_data,
        )

    def perform_destroy(self, instance: Customer) -> None:
        services.delete_customer(customer=instance, actor=self.request.member)

    @action(detail=True, methods=["post"])
    def refuse(self, request: Any, pk: Any = None) -> Response:
        customer = self.get_object()
        services.update_customer(customer=customer, actor=request.member, name="changed before the refusal")
        raise Conflict("No.")

    @action(detail=False, methods=["post"])
    def forgotten(self, request: Any) -> Response:
        return Response({})


router = SimpleRouter(trailing_slash=False)
router.register("samples", SampleViewSet, basename="samples")
urlpatterns = [path("api/v1/", include(router.urls))]

handler400 = "crm.api.problems.bad_request"
handler404 = "crm.api.problems.page_not_found"
handler500 = "crm.api.problems.server_error"
