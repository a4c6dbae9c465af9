"""One deed to many records of a list over the API, as a job, and back."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.resources import JobSerializer, accepted
from crm.api.serializers import PlainSerializer, body_of
from crm.models import Job
from crm.saved_views.lists import asked, list_of
from customers.services.many import running
from customers.services.many.rows import Deed, rows_named

MOST_IDS = 10_000


class ManyRecordsSerializer(PlainSerializer):
    """Which records (by ids, or all that the address of their list asks for), and what is done to them.

    ``of_the_deed`` names what stands beside ``values`` and belongs to them.
    """

    of_the_deed: tuple[str, ...] = ()
    ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, min_length=1, max_length=MOST_IDS
    )
    query = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="What stands behind the `?` of the list's page, as in `state=overdue&owner=me`.",
    )
    deed = serializers.CharField(help_text="What is done; the operation names those there are.")
    values = serializers.DictField(
        child=serializers.CharField(allow_null=True, allow_blank=True),
        required=False,
        help_text="Of the deed.",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in given) == ("query" in given):
            message = _("Give either ids or query.")
            raise serializers.ValidationError({"ids": [message], "query": [message]})
        return given


class TakeBackSerializer(PlainSerializer):
    job = serializers.UUIDField(help_text="The job that is to be taken back.")


class ManyRecordsMixin:
    """``undo-many`` beside the records ``many_rows`` of the list ``many_list``, and the work of ``change-many``: the
    view set itself has that, for its deeds are its own.
    """

    many_rows = ""
    many_list = ""
    many_serializer: type[ManyRecordsSerializer] = ManyRecordsSerializer

    def do_to_many(self, request: Any) -> Response:
        serializer = self.many_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given, rows = serializer.validated_data, rows_named(self.many_rows)
        more = {name: given[name] for name in serializer.of_the_deed if name in given}
        deed = Deed(given["deed"], given.get("values", {}) | more)
        if "query" in given:
            query = self._checked(given["query"])
            total = rows.asked(query, request.member).order_by().count()
            job = running.change_later(rows=rows, deed=deed, actor=request.member, total=total, query=query)
        else:
            ids = all_of(rows.seen(request.member), given["ids"])
            job = running.change_later(rows=rows, deed=deed, actor=request.member, total=len(ids), ids=ids)
        return accepted(job)

    @extend_schema(request=TakeBackSerializer, responses={202: JobSerializer})
    @action(detail=False, methods=["post"], url_path="undo-many")
    def undo_many(self, request: Any) -> Response:
        """Take back what a job changed; the job's result lists what others changed since, which stays."""
        rows = rows_named(self.many_rows)
        done = own_job(rows.change_job, request)
        return accepted(running.undo_later(rows=rows, done=done, actor=request.member))

    def _checked(self, text: str) -> dict[str, str]:
        """What the list is asked for, once it knows all of it."""
        query = dict(parse_qsl(text))
        filters, _sort, _columns = asked(query)
        errors = list_of(self.many_list).check(filters, "", [])
        if errors:
            told = [f"{name}: {message}" for name, messages in errors.items() for message in messages]
            raise serializers.ValidationError({"query": told})
        return filters


def own_job(kind: str, request: Any) -> Job:
    """The job of the member's own that the request would take back."""
    mine = Job.objects.filter(kind=kind, created_by=request.member)
    done = mine.filter(pk=body_of(TakeBackSerializer, request)["job"]).first()
    if done is None:
        raise serializers.ValidationError({"job": [_("There is no such record.")]})
    return done


def all_of(seen: Any, ids: list[Any]) -> list[Any]:
    """These ids, in their order, if all are among what is ``seen``."""
    found = set(seen.filter(pk__in=ids).order_by().values_list("pk", flat=True))
    if len(found) < len(set(ids)):
        raise serializers.ValidationError({"ids": [_("There is no such record.")]})
    return sorted(found)
