"""The people at customers over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.bulk import BulkMixin
from crm.api.filters import On
from crm.api.resources import JobSerializer
from crm.api.serializers import RecordSerializer
from crm.api.views import RecordViewSet, rights
from customers.api.custom import CustomValuesField, CustomValuesMixin
from customers.api.history import HISTORY, HistoryMixin
from customers.api.many import ManyRecordsMixin, ManyRecordsSerializer
from customers.api.privacy import PERSON, PersonMixin
from customers.models import Contact, Customer
from customers.models.custom import RecordType
from customers.normalize import email_norm, name_norm, phone_norm
from customers.services import contacts as services


class ContactSerializer(RecordSerializer):
    custom = CustomValuesField(of=RecordType.CONTACT)

    class Meta:
        model = Contact
        fields = [
            *(
                "id",
                "customer",
                "name",
                "job_title",
                "role",
                "email",
                "phone",
                "birthday",
                "language",
                "primary",
            ),
            *("custom", "created_at", "version"),
        ]
        validators: list[Any] = []
        read_only_fields = ["created_at", "version"]


class ManyContactsSerializer(ManyRecordsSerializer):
    """Which people, and what is done to them."""

    of_the_deed = ("custom", "add", "remove")

    custom = serializers.DictField(
        required=False, help_text="Of an edit: custom fields by key; null empties."
    )
    add = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Of a tag: choices to add, by the key of a field that holds several.",
    )
    remove = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Of a tag: choices to take off.",
    )


class ContactViewSet(
    PersonMixin, CustomValuesMixin, HistoryMixin, ManyRecordsMixin, BulkMixin, RecordViewSet
):
    """People at the companies served."""

    many_rows, many_list, many_serializer = "contacts", "contacts", ManyContactsSerializer

    resource = "contacts"
    custom_of = RecordType.CONTACT
    queryset = Contact.objects.all()
    serializer_class = ContactSerializer
    capabilities = rights(
        "customers.view",
        "customers.change",
        change_many="customers.change",
        undo_many="customers.change",
        **HISTORY,
        **PERSON,
    )
    parameters = {"as_of": ("at",)}
    filters = {
        "customer": ["exact", "in"],
        "name": On("name_norm", "exact", "prefix", norm=name_norm),
        "email": On("email_norm", "exact", "in", norm=email_norm),
        "phone": On("phone_norm", "exact", "in", norm=phone_norm),
        "primary": ["exact"],
        "role": ["exact"],
        "language": ["exact", "in"],
        "birthday": ["exact", "gte", "lte"],
        "created_at": ["gte", "lt"],
    }
    ordering_fields = {"name": "name_norm", "created_at": "created_at"}
    ordering = ("name",)

    def get_queryset(self) -> Any:
        return of_seen_customers(super().get_queryset(), self.request)

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = services.create_contact(actor=self.request.member, **serializer.validated_data)

    def perform_update(self, serializer: Any) -> None:
        values = {name: value for name, value in serializer.validated_data.items() if name != "customer"}
        serializer.instance = services.update_contact(
            contact=serializer.instance,
            actor=self.request.member,
            version=self.expected_version,
            **values,
        )

    def perform_destroy(self, instance: Contact) -> None:
        services.delete_contact(contact=instance, actor=self.request.member)

    @extend_schema(request=ManyContactsSerializer, responses={202: JobSerializer})
    @action(detail=False, methods=["post"], url_path="change-many")
    def change_many(self, request: Any) -> Response:
        """Do one thing to many people in the background; `undo-many` takes it back.

        Deeds: `edit` (values: role, job_title, language; and `custom`), `tag` (`add`, `remove`), `delete`, which
        needs the right to delete customers.
        """
        return self.do_to_many(request)


def of_seen_customers(queryset: Any, request: Any) -> Any:
    """Only what hangs on customers this member may see."""
    member = getattr(request, "member", None)
    if member is None or member.visibility == "all":
        return queryset
    return queryset.filter(customer__in=Customer.objects.visible_to(member).order_by())
