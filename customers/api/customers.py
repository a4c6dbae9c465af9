"""Customers over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api import parameters
from crm.api.bulk import BulkMixin
from crm.api.filters import On
from crm.api.serializers import RecordSerializer
from crm.api.views import ResourceViewSet
from customers.api.custom import CustomValuesField, CustomValuesMixin
from customers.errors import LikelyDuplicate
from customers.models import Customer
from customers.models.custom import RecordType
from customers.selectors.records import likely_duplicates
from customers.selectors.search import matching_customers
from customers.services import customers as services

MOST_HITS = 500


class CustomerSerializer(RecordSerializer):
    custom = CustomValuesField(of=RecordType.CUSTOMER)

    class Meta:
        model = Customer
        fields = [
            *(
                "id",
                "external_id",
                "kind",
                "name",
                "email",
                "phone",
                "website",
                "industry",
                "size",
                "region",
                "city",
            ),
            *(
                "address",
                "postcode",
                "birthday",
                "gender",
                "language",
                "source",
                "owner",
                "review",
                "notes",
                "created_at",
            ),
            *("custom", "updated_at", "version"),
        ]
        read_only_fields = ["updated_at", "version"]
        # Uniqueness is the service's to refuse, as a conflict.
        validators: list[Any] = []
        extra_kwargs = {"external_id": {"validators": []}}

    def validate_name(self, name: str) -> str:
        if not name.strip():
            raise serializers.ValidationError(self.fields["name"].error_messages["blank"])
        return name


def _search(queryset: Any, words: str) -> Any:
    return queryset.filter(
        pk__in=list(matching_customers(words, most=MOST_HITS).values_list("pk", flat=True))
    )


@extend_schema(
    parameters=[
        OpenApiParameter("allow_duplicates", bool, description="Make it although one like it exists.")
    ],
    methods=["POST"],
)
class CustomerViewSet(
    CustomValuesMixin,
    BulkMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    ResourceViewSet,
):
    """Companies and people, from lead to lost. Deleting one keeps it restorable."""

    resource = "customers"
    custom_of = RecordType.CUSTOMER
    queryset = Customer.objects.living()
    serializer_class = CustomerSerializer
    http_method_names = ["get", "post", "put", "patch", "delete", "head", "options"]
    capabilities = {
        "list": "customers.view",
        "retrieve": "customers.view",
        "create": "customers.change",
        "update": "customers.change",
        "partial_update": "customers.change",
        "destroy": "customers.delete",
        "by_external_id": "customers.change",
    }
    filters = {
        "external_id": ["exact", "in"],
        "kind": ["exact"],
        "industry": ["exact", "in"],
        "region": ["exact", "in"],
        "source": ["exact", "in"],
        "owner": ["exact", "in", "isnull"],
        "review": ["exact"],
        "created_at": ["gte", "lt"],
        "updated_at": ["gte", "lt"],
        "class": On("stats__class_code", "exact", "in"),
        "stage": On("stats__stage", "exact", "in"),
        "spend": On("stats__spend", "gte", "lte"),
        "last_purchase_on": On("stats__last_purchase_on", "gte", "lt", "isnull"),
        "next_follow_up_at": On("stats__next_follow_up_at", "gte", "lt", "isnull"),
    }
    ordering_fields = {"name": "name_norm", "created_at": "created_at", "updated_at": "updated_at"}
    ordering = ("name",)
    search = staticmethod(_search)
    parameters = {"create": ("allow_duplicates",), "bulk": ("allow_duplicates",)}

    def perform_create(self, serializer: Any) -> None:
        values = serializer.validated_data
        if not parameters.flag(self.request.query_params, "allow_duplicates"):
            self._refuse_duplicates(values)
        serializer.instance = services.create_customer(actor=self.request.member, **values)

    def perform_update(self, serializer: Any) -> None:
        serializer.instance = services.update_customer(
            customer=serializer.instance,
            actor=self.request.member,
            version=self.expected_version,
            **serializer.validated_data,
        )

    def perform_destroy(self, instance: Customer) -> None:
        services.delete_customer(customer=instance, actor=self.request.member)

    @extend_schema(responses={200: CustomerSerializer, 201: CustomerSerializer})
    @action(
        detail=False,
        methods=["put"],
        url_path=r"by-external-id/(?P<external_id>[^/]{1,100})",
        url_name="by-external-id",
        pagination_class=None,
        filter_backends=[],
    )
    def by_external_id(self, request: Any, external_id: str) -> Response:
        """Make the customer with this external id, or change it: 201 or 200."""
        existing = self.get_queryset().filter(external_id=external_id).first()
        data = (
            {**request.data, "external_id": external_id} if isinstance(request.data, dict) else request.data
        )
        serializer = self.get_serializer(existing, data=data, partial=existing is not None)
        serializer.is_valid(raise_exception=True)
        if existing is None:
            serializer.instance = services.create_customer(actor=request.member, **serializer.validated_data)
        else:
            self.perform_update(serializer)
        return Response(serializer.data, status=200 if existing else 201)

    def _refuse_duplicates(self, values: dict[str, Any]) -> None:
        found = likely_duplicates(**{name: values.get(name, "") for name in ("name", "email", "phone")})
        seen = self.get_queryset().filter(pk__in=[like.pk for like in found]).values_list("pk", flat=True)
        if found:
            raise LikelyDuplicate(errors={"candidates": [str(pk) for pk in seen]})
