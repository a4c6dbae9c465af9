"""One deed to many customers over the API, as a job."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.resources import JobSerializer
from crm.api.serializers import PlainSerializer
from crm.filtering.fields import checked
from crm.filtering.grammar import parse
from crm.models import Job
from customers.models import Customer
from customers.selectors.asking import asker_of, field_named
from customers.selectors.lists import Wish, customers_of
from customers.services.bulk import deeds, running

MOST_IDS = 10_000


class ManySerializer(PlainSerializer):
    """Which customers (by ids, or all that a filter finds) and what is done to them."""

    ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, min_length=1, max_length=MOST_IDS
    )
    where = serializers.CharField(required=False, help_text="As in lists.")
    deed = serializers.ChoiceField(choices=[deeds.EDIT, deeds.DELETE, deeds.TAG])
    values = serializers.DictField(
        child=serializers.CharField(allow_null=True, allow_blank=True),
        required=False,
        help_text=f"Of an edit: {', '.join(deeds.FIELDS)}.",
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
    custom = serializers.DictField(
        required=False, help_text="Of an edit: custom fields by key; null empties."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in given) == ("where" in given):
            message = "Give either ids or where."
            raise serializers.ValidationError({"ids": [message], "where": [message]})
        return given


class UndoSerializer(PlainSerializer):
    job = serializers.UUIDField(help_text="The job that is to be taken back.")


class ManyMixin:
    """``change-many`` and ``undo-many`` beside the records."""

    @extend_schema(request=ManySerializer, responses={202: JobSerializer})
    @action(detail=False, methods=["post"], url_path="change-many")
    def change_many(self, request: Any) -> Response:
        """Edit, tag or delete many customers in the background; `undo-many` takes it back."""
        serializer = ManySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        deed = _deed(given)
        member = request.member
        if "where" in given:
            checked(parse(given["where"]), field_named, asker_of(member))
            wish = replace(Wish(), where=given["where"])
            total = customers_of(wish, member).order_by().count()
            job = running.change_later(deed=deed, actor=member, total=total, wish=wish)
        else:
            ids = self._seen(given["ids"], member)
            job = running.change_later(deed=deed, actor=member, total=len(ids), ids=ids)
        return _accepted(job)

    @extend_schema(request=UndoSerializer, responses={202: JobSerializer})
    @action(detail=False, methods=["post"], url_path="undo-many")
    def undo_many(self, request: Any) -> Response:
        """Take back what a job changed; the job's result lists what others changed since, which stays."""
        serializer = UndoSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        done = Job.objects.filter(
            pk=serializer.validated_data["job"], kind=running.CHANGE, created_by=request.member
        ).first()
        if done is None:
            raise serializers.ValidationError({"job": [_("There is no such record.")]})
        return _accepted(running.undo_later(done=done, actor=request.member))

    def _seen(self, ids: list[Any], member: Any) -> list[Any]:
        rows: Any = Customer.objects.living().visible_to(member).order_by()
        found = set(rows.filter(pk__in=ids).values_list("pk", flat=True))
        if len(found) < len(set(ids)):
            raise serializers.ValidationError({"ids": [_("There is no such record.")]})
        return sorted(found)


def _deed(given: dict[str, Any]) -> deeds.Deed:
    if given["deed"] == deeds.TAG:
        return deeds.Deed(deeds.TAG, {way: given.get(way, {}) for way in ("add", "remove")})
    return deeds.Deed(given["deed"], given.get("values", {}), given.get("custom", {}))


def _accepted(job: Job) -> Response:
    return Response(
        JobSerializer(job).data,
        status=status.HTTP_202_ACCEPTED,
        headers={"Location": f"/api/v1/jobs/{job.pk}"},
    )
