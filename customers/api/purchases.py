"""Products and purchases over the API. Amounts are in minor units, unit prices in major ones."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.bulk import BulkMixin
from crm.api.filters import RANGE
from crm.api.serializers import PlainSerializer, RecordSerializer, body_of
from crm.api.views import ReadOnlyViewSet, WritableViewSet, rights
from customers.api.contacts import of_seen_customers
from customers.models import Product, Purchase, PurchaseLine
from customers.services import purchases as services

MOST_LINES = 1_000


class ProductSerializer(RecordSerializer):
    class Meta:
        model = Product
        fields = ["id", "code", "name", "category", "price", "active", "created_at"]
        validators: list[Any] = []
        extra_kwargs = {"code": {"validators": []}}


class ProductViewSet(BulkMixin, WritableViewSet):
    """What is sold. One no longer sold has ``active`` false."""

    resource = "products"
    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    capabilities = rights("customers.view", "customers.change")
    filters = {"code": ["exact", "in"], "category": ["exact", "in"], "active": ["exact"]}
    ordering_fields = ("code", "created_at")
    ordering = ("code",)

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = services.save_product(
            product=None, actor=self.request.member, **serializer.validated_data
        )

    def perform_update(self, serializer: Any) -> None:
        serializer.instance = services.save_product(
            product=serializer.instance, actor=self.request.member, **serializer.validated_data
        )


class PurchaseLineSerializer(RecordSerializer):
    amount = serializers.IntegerField(required=False, min_value=-(2**53), max_value=2**53)

    class Meta:
        model = PurchaseLine
        fields = ["position", "product", "description", "quantity", "unit_price", "amount"]
        read_only_fields = ["position"]
        validators: list[Any] = []


class PurchaseSerializer(RecordSerializer):
    lines = PurchaseLineSerializer(many=True, required=False, max_length=MOST_LINES)
    currency = serializers.RegexField(r"^[A-Za-z]{3}$", required=False)
    amount = serializers.IntegerField(required=False, min_value=-(2**53), max_value=2**53)
    amount_home = serializers.IntegerField(required=False, min_value=-(2**53), max_value=2**53)

    class Meta:
        model = Purchase
        fields = [
            *(
                "id",
                "customer",
                "order_no",
                "purchased_at",
                "amount",
                "currency",
                "amount_home",
                "lines",
                "return_of",
                "return_reason",
                "created_at",
            ),
        ]
        validators: list[Any] = []
        extra_kwargs = {"order_no": {"validators": []}}

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("amount") is None and not values.get("lines"):
            raise serializers.ValidationError({"amount": [self.fields["amount"].error_messages["required"]]})
        return values


class ReturnSerializer(PlainSerializer):
    """How much comes back of a purchase, in its currency's minor units; without ``amount``, all that is left."""

    amount = serializers.IntegerField(required=False, min_value=1, max_value=2**53)
    returned_at = serializers.DateTimeField(required=False, help_text="Now, unless said.")
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300)
    order_no = serializers.CharField(required=False, allow_blank=True, max_length=100)


class PurchaseViewSet(BulkMixin, mixins.CreateModelMixin, mixins.DestroyModelMixin, ReadOnlyViewSet):
    """Orders and transactions with their lines; larger amounts come in by a file."""

    resource = "purchases"
    queryset = Purchase.objects.prefetch_related("lines")
    serializer_class = PurchaseSerializer
    capabilities = {
        "list": "customers.view",
        "retrieve": "customers.view",
        "create": "customers.change",
        "destroy": "customers.delete",
        "take_back": "customers.change",
    }
    filters = {
        "customer": ["exact", "in"],
        "order_no": ["exact", "in"],
        "return_of": ["exact", "in", "isnull"],
        "amount_home": ["exact", *RANGE],
        "currency": ["exact"],
        "purchased_at": ["gte", "lt"],
    }
    ordering_fields = ("purchased_at", "created_at")
    ordering = ("-purchased_at",)

    def get_queryset(self) -> Any:
        return of_seen_customers(super().get_queryset(), self.request)

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = services.record_purchase(actor=self.request.member, **serializer.validated_data)

    @extend_schema(request=ReturnSerializer, responses={201: PurchaseSerializer})
    @action(detail=True, methods=["post"], url_path="return")
    def take_back(self, request: Any, pk: Any = None) -> Response:
        """Record that all of it, or some, was returned: a purchase with a negative amount, which is no purchase."""
        values = {"returned_at": timezone.now(), **body_of(ReturnSerializer, request)}
        made = services.record_return(purchase=self.get_object(), actor=request.member, **values)
        return Response(self.get_serializer(made).data, status=201)

    def perform_destroy(self, instance: Purchase) -> None:
        services.delete_purchase(purchase=instance, actor=self.request.member)
