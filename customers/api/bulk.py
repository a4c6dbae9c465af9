"""One deed to many customers over the API, as a job."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.resources import JobSerializer, accepted
from crm.api.serializers import PlainSerializer, body_of
from crm.filtering.fields import checked
from crm.filtering.grammar import parse
from customers.api.many import MOST_IDS, TakeBackSerializer, all_of, own_job
from customers.models import Customer
from customers.selectors.asking import asker_of, field_named
from customers.selectors.lists import Wish, customers_of
from customers.services.bulk import deeds, running


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


class ManyMixin:
    """``change-many`` and ``undo-many`` beside the records."""

    @extend_schema(request=ManySerializer, responses={202: JobSerializer})
    @action(detail=False, methods=["post"], url_path="change-many")
    def change_many(self, request: Any) -> Response:
        """Edit, tag or delete many customers in the background; `undo-many` takes it back."""
        given, member = body_of(ManySerializer, request), request.member
        deed = _deed(given)
        if "where" in given:
            checked(parse(given["where"]), field_named, asker_of(member))
            wish = replace(Wish(), where=given["where"])
            total = customers_of(wish, member).order_by().count()
            job = running.change_later(deed=deed, actor=member, total=total, wish=wish)
        else:
            ids = all_of(Customer.objects.living().visible_to(member), given["ids"])
            job = running.change_later(deed=deed, actor=member, total=len(ids), ids=ids)
        return accepted(job)

    @extend_schema(request=TakeBackSerializer, responses={202: JobSerializer})
    @action(detail=False, methods=["post"], url_path="undo-many")
    def undo_many(self, request: Any) -> Response:
        """Take back what a job changed; the job's result lists what others changed since, which stays."""
        done = own_job(running.CHANGE, request)
        return accepted(running.undo_later(done=done, actor=request.member))


def _deed(given: dict[str, Any]) -> deeds.Deed:
    if given["deed"] == deeds.TAG:
        return deeds.Deed(deeds.TAG, {way: given.get(way, {}) for way in ("add", "remove")})
    return deeds.Deed(given["deed"], given.get("values", {}), given.get("custom", {}))
