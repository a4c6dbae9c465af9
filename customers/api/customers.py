"""Customers over the API."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api import parameters
from crm.api.bulk import BulkMixin
from crm.api.filters import RANGE, On
from crm.api.serializers import PlainSerializer, ProblemSerializer, RecordSerializer, Reference, body_of
from crm.api.upsert import UpsertMixin, upserting
from crm.api.views import RecordViewSet, RestoreMixin, rights
from crm.errors import NotFound
from crm.filtering.grammar import parse
from crm.models import Member
from crm.texts import clean
from customers.api.bulk import ManyMixin
from customers.api.custom import CustomValuesField, CustomValuesMixin
from customers.api.history import HISTORY, HistoryMixin
from customers.api.ordering import CustomerPagination
from customers.api.privacy import PERSON, PersonMixin
from customers.api.upkeep import UPKEEP, UPKEEP_PARAMETER, UpkeepMixin
from customers.errors import ExternalIdTaken, LikelyDuplicate, MergedAway
from customers.models import Customer, Duplicate
from customers.models.custom import RecordType
from customers.normalize import email_norm, name_norm, phone_norm
from customers.selectors.asking import CUSTOMER, answered, asker_of
from customers.selectors.duplicates import Candidate, candidates
from customers.selectors.figures import FIGURES
from customers.selectors.near import near_to
from customers.selectors.search import matching_customers
from customers.services import customers as services

MOST_HITS = 500
MOST_NEAR = 8


class CustomerSerializer(RecordSerializer):
    custom = CustomValuesField(of=RecordType.CUSTOMER)
    quality = serializers.IntegerField(read_only=True)

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
            *("custom", "quality", "updated_at", "version"),
        ]
        read_only_fields = ["updated_at", "version"]
        # Uniqueness is the service's to refuse, as a conflict.
        validators: list[Any] = []
        extra_kwargs = {"external_id": {"validators": []}}

    def validate_name(self, name: str) -> str:
        if not clean(name):
            raise serializers.ValidationError(self.fields["name"].error_messages["blank"])
        return name


class AssignSerializer(PlainSerializer):
    """Whose the customer is from now on; `null` for nobody's."""

    owner = Reference(queryset=Member.objects.all(), allow_null=True)


class CandidateSerializer(serializers.Serializer):
    """A customer that may be the same one, and how each field agrees."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    external_id = serializers.CharField()
    probability = serializers.FloatField()
    level = serializers.ChoiceField(choices=Duplicate.Level.choices)
    reasons = serializers.DictField(child=serializers.CharField())


class CustomerConflictSerializer(ProblemSerializer):
    """Why not; of a likely duplicate also whom it is like."""

    candidates = CandidateSerializer(many=True, required=False)


class CustomerMissingSerializer(ProblemSerializer):
    """Of a customer that was merged also the survivor."""

    merged_into = serializers.UUIDField(required=False)


_DUPLICATES = extend_schema(
    parameters=[
        OpenApiParameter("allow_duplicates", bool, description="Make it although one like it exists.")
    ]
)


@extend_schema_view(create=_DUPLICATES, bulk=_DUPLICATES)
class CustomerViewSet(
    UpkeepMixin,
    PersonMixin,
    CustomValuesMixin,
    ManyMixin,
    HistoryMixin,
    RestoreMixin,
    UpsertMixin,
    BulkMixin,
    RecordViewSet,
):
    """Companies and people, from lead to lost. Deleting one keeps it restorable."""

    resource = "customers"
    custom_of = RecordType.CUSTOMER
    queryset = Customer.objects.living()
    serializer_class = CustomerSerializer
    restorable = Customer.objects.all()
    natural_key = "external_id"
    by_external_id = upserting("external_id", CustomerSerializer)
    problems = {404: CustomerMissingSerializer, 409: CustomerConflictSerializer}
    http_method_names = ["get", "post", "put", "patch", "delete", "head", "options"]
    capabilities = rights(
        "customers.view",
        "customers.change",
        "customers.delete",
        by_external_id="customers.change",
        restore="customers.delete",
        assign="customers.change",
        change_many="customers.change",
        undo_many="customers.change",
        **HISTORY,
        **PERSON,
        **UPKEEP,
    )
    filters = {
        "external_id": ["exact", "in"],
        "kind": ["exact"],
        "name": On("name_norm", "exact", "prefix", norm=name_norm),
        "email": On("email_norm", "exact", "in", norm=email_norm),
        "phone": On("phone_norm", "exact", "in", norm=phone_norm),
        "city": ["exact", "in"],
        "postcode": ["exact", "in"],
        "size": ["exact", "in"],
        "gender": ["exact"],
        "language": ["exact", "in"],
        "birthday": ["exact", "gte", "lte"],
        "industry": ["exact", "in"],
        "region": ["exact", "in"],
        "source": ["exact", "in"],
        "owner": ["exact", "in", "isnull"],
        "review": ["exact"],
        "quality": ["exact", *RANGE],
        "created_at": ["gte", "lt"],
        "updated_at": ["gte", "lt"],
        "class": On("stats__class_code", "exact", "in"),
        "stage": On("stats__stage", "exact", "in"),
        "spend": On("stats__spend", "exact", *RANGE),
        "last_purchase_on": On("stats__last_purchase_on", "gte", "lt", "isnull"),
        "next_follow_up_at": On("stats__next_follow_up_at", "gte", "lt", "isnull"),
    }
    ordering_fields = {
        "name": "name_norm",
        "quality": "quality",
        "created_at": "created_at",
        "updated_at": "updated_at",
        **FIGURES,
    }
    ordering = ("name",)
    pagination_class = CustomerPagination
    parameters = {
        "create": ("allow_duplicates",),
        "bulk": ("allow_duplicates",),
        "list": ("where", "upkeep"),
        "as_of": ("at",),
    }

    def search(self, queryset: Any, words: str) -> Any:
        """As the palette: where nothing answers to the words, the customers nearly so and those of such people."""
        found = list(matching_customers(words, most=MOST_HITS).values_list("pk", flat=True))
        if not found:
            near = near_to(words, self.request.member, most=MOST_NEAR)
            found = [one.pk for one in near.near_customers] + [one.customer_id for one in near.near_contacts]
        return queryset.filter(pk__in=found)

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self._duplicates_allowed = parameters.flag(request.query_params, "allow_duplicates")

    @extend_schema(
        parameters=[
            OpenApiParameter("where", str, description="A filter with and, or and not; see the guide."),
            UPKEEP_PARAMETER,
        ]
    )
    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def narrow(self, queryset: Any, query: Any) -> Any:
        """The company's own names, and ``where``."""
        queryset = super().narrow(queryset, query)
        if "where" in query:
            group = parse(query["where"])
            queryset = answered(queryset, group, asker_of(self.request.member), CUSTOMER)
        return queryset

    def perform_create(self, serializer: Any) -> None:
        if not self._duplicates_allowed:
            self._refuse_duplicates(serializer.validated_data)
        self.perform_upsert(serializer)

    def perform_update(self, serializer: Any) -> None:
        serializer.instance = services.update_customer(
            customer=serializer.instance,
            actor=self.request.member,
            version=self.expected_version,
            **serializer.validated_data,
        )

    def perform_destroy(self, instance: Customer) -> None:
        services.delete_customer(customer=instance, actor=self.request.member)

    @extend_schema(request=AssignSerializer, responses={200: CustomerSerializer})
    @action(detail=True, methods=["post"])
    def assign(self, request: Any, pk: Any = None) -> Response:
        """Hand the customer over to another member, or to nobody."""
        given = body_of(AssignSerializer, request)
        changed = services.update_customer(
            customer=self.get_object(),
            actor=request.member,
            version=self.expected_version,
            owner=given["owner"],
        )
        return Response(self.get_serializer(changed).data)

    def perform_restore(self, instance: Customer) -> Customer:
        return services.restore_customer(customer=instance, actor=self.request.member)

    def known_as(self, value: str) -> Customer | None:
        """The customer with this external id, or the one it was merged into."""
        merged = self.get_queryset().filter(merged_records__external_id=value)
        return super().known_as(value) or merged.first()

    def perform_upsert(self, serializer: Any) -> None:
        """Who goes by the external id is not asked about duplicates."""
        values = serializer.validated_data
        serializer.instance = services.create_customer(actor=self.request.member, **values)

    def get_object(self) -> Customer:
        """The record; of one that was merged a 404 that names the survivor."""
        try:
            return super().get_object()
        except Http404:
            raise self._merged_away() or NotFound() from None

    def _merged_away(self) -> MergedAway | None:
        merged = Customer.objects.exclude(merged_into=None).visible_to(self.request.member)
        try:
            survivor = merged.filter(pk=self.kwargs["pk"]).values_list("merged_into", flat=True).first()
        except ValidationError:
            return None
        return MergedAway(more={"merged_into": str(survivor)}) if survivor else None

    def _refuse_duplicates(self, values: dict[str, Any]) -> None:
        if (known := values.get("external_id")) and Customer.objects.filter(external_id=known).exists():
            raise ExternalIdTaken(errors={"external_id": [str(ExternalIdTaken.message)]})
        found = candidates(self.request.member, **values)
        if any(one.same or one.level != "possible" for one in found):
            raise LikelyDuplicate(
                errors={"candidates": [str(one.customer.pk) for one in found]},
                more={"candidates": [_told(one) for one in found]},
            )


def _told(candidate: Candidate) -> dict[str, Any]:
    return {
        "id": str(candidate.customer.pk),
        "name": candidate.customer.name,
        "external_id": candidate.customer.external_id,
        "probability": candidate.probability,
        "level": candidate.level,
        "reasons": candidate.reasons,
    }
