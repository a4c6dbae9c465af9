"""Contracts over the API. Amounts are in minor units."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.bulk import BulkMixin
from crm.api.filters import RANGE
from crm.api.serializers import PlainSerializer, RecordSerializer, body_of
from crm.api.upsert import UpsertMixin, upserting
from crm.api.views import RecordViewSet, RestoreMixin, rights
from crm.texts import clean
from customers.api.history import HISTORY, HistoryMixin
from customers.models import Contract
from customers.models.contracts import Status
from customers.services import contracts as services

MOST = 2**53


class ContractSerializer(RecordSerializer):
    currency = serializers.RegexField(r"^[A-Za-z]{3}$", required=False)
    value = serializers.IntegerField(required=False, allow_null=True, min_value=-MOST, max_value=MOST)
    value_home = serializers.IntegerField(required=False, allow_null=True, min_value=-MOST, max_value=MOST)
    status = serializers.ChoiceField(choices=Status.choices, read_only=True)
    renews_on = serializers.DateField(read_only=True, allow_null=True)
    notice_by = serializers.DateField(read_only=True, allow_null=True)
    notice_from = serializers.ChoiceField(choices=Contract.From.choices, allow_blank=True, read_only=True)

    class Meta:
        model = Contract
        fields = [
            *(
                "id",
                "customer",
                "number",
                "title",
                "status",
                "starts_on",
                "ends_on",
                "renewal",
                "term_months",
            ),
            *(
                "notice",
                "notice_unit",
                "notice_by",
                "renews_on",
                "remind_days",
                "value",
                "currency",
                "value_home",
            ),
            *("every", "owner", "notes", "notice_given_on", "notice_from", "ended_because", "author"),
            *("created_at", "updated_at", "version"),
        ]
        read_only_fields = [
            *("notice_given_on", "ended_because", "author", "created_at", "updated_at", "version"),
        ]
        validators: list[Any] = []
        extra_kwargs = {"number": {"validators": []}}

    def validate_title(self, title: str) -> str:
        if not clean(title):
            raise serializers.ValidationError(self.fields["title"].error_messages["blank"])
        return title


class NoticeSerializer(PlainSerializer):
    """Who ended it, from which day, and why."""

    notice_from = serializers.ChoiceField(choices=Contract.From.choices)
    given_on = serializers.DateField(required=False, help_text="Today, unless said.")
    ends_on = serializers.DateField(required=False, help_text="The last day of the term, unless said.")
    because = serializers.CharField(required=False, allow_blank=True, max_length=300)


class ContractViewSet(HistoryMixin, RestoreMixin, UpsertMixin, BulkMixin, RecordViewSet):
    """What was agreed with customers. Deleting one keeps it restorable."""

    resource = "contracts"
    queryset = Contract.objects.living()
    serializer_class = ContractSerializer
    restorable = Contract.objects.filter(customer__deleted_at=None)
    natural_key = "number"
    by_number = upserting("number", ContractSerializer)
    http_method_names = ["get", "post", "put", "patch", "delete", "head", "options"]
    capabilities = rights(
        "customers.view",
        "customers.change",
        "customers.delete",
        by_number="customers.change",
        restore="customers.delete",
        notice="customers.change",
        withdraw_notice="customers.change",
        **HISTORY,
    )
    filters = {
        "customer": ["exact", "in"],
        "number": ["exact", "in"],
        "owner": ["exact", "in", "isnull"],
        "renewal": ["exact", "in"],
        "every": ["exact"],
        "currency": ["exact"],
        "starts_on": ["gte", "lt"],
        "ends_on": ["gte", "lt", "isnull"],
        "notice_by": ["gte", "lt"],
        "value_home": ["exact", *RANGE],
        "created_at": ["gte", "lt"],
        "updated_at": ["gte", "lt"],
    }
    ordering_fields = ("starts_on", "created_at", "updated_at")
    ordering = ("-created_at",)
    parameters = {"list": ("status",), "as_of": ("at",)}

    @extend_schema(
        parameters=[
            OpenApiParameter("status", enum=Status.values, description="Where it stands today, by its dates.")
        ]
    )
    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def narrow(self, queryset: Any, query: Any) -> Any:
        queryset = super().narrow(queryset, query)
        if "status" not in query:
            return queryset
        status = serializers.ChoiceField(choices=Status.choices)
        try:
            wanted = status.run_validation(query["status"])
        except serializers.ValidationError as wrong:
            raise serializers.ValidationError({"status": wrong.detail}) from None
        return queryset.standing(wanted, timezone.localdate())

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = services.create_contract(actor=self.request.member, **serializer.validated_data)

    def perform_update(self, serializer: Any) -> None:
        serializer.instance = services.update_contract(
            contract=serializer.instance,
            actor=self.request.member,
            version=self.expected_version,
            **serializer.validated_data,
        )

    def perform_destroy(self, instance: Contract) -> None:
        services.delete_contract(contract=instance, actor=self.request.member)

    def perform_restore(self, instance: Contract) -> Contract:
        return services.restore_contract(contract=instance, actor=self.request.member)

    @extend_schema(request=NoticeSerializer, responses={200: ContractSerializer})
    @action(detail=True, methods=["post"])
    def notice(self, request: Any, pk: Any = None) -> Response:
        """Give notice: it ends with its term, or on the day that is said."""
        given = body_of(NoticeSerializer, request)
        contract = services.give_notice(
            contract=self.get_object(),
            actor=request.member,
            version=self.expected_version,
            **given,
        )
        return Response(self.get_serializer(contract).data)

    @extend_schema(request=None, responses={200: ContractSerializer})
    @action(detail=True, methods=["post"], url_path="withdraw-notice")
    def withdraw_notice(self, request: Any, pk: Any = None) -> Response:
        """Take a notice back: the contract goes on."""
        contract = services.take_notice_back(contract=self.get_object(), actor=request.member)
        return Response(self.get_serializer(contract).data)
