"""Imports over the API: a file brought in as a job, what became of it, and its undo."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import FileResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.resources import JobSerializer, accepted
from crm.api.serializers import PlainSerializer, RecordSerializer, body_of
from crm.api.views import ReadOnlyViewSet
from crm.errors import NotFound
from crm.exports.views import attached
from customers.imports.mapping import resolve
from customers.models import Import
from customers.selectors.imports import errors_name, errors_of
from customers.services.imports import uploads


class ErrorSerializer(PlainSerializer):
    line = serializers.IntegerField()
    column = serializers.CharField()
    value = serializers.CharField()
    reason = serializers.CharField()


class TotalSerializer(PlainSerializer):
    line = serializers.IntegerField()
    text = serializers.CharField()


class AlikeSerializer(PlainSerializer):
    """``same`` names what else the lines share: ``email``, ``phone``, ``website``, ``address``."""

    line = serializers.IntegerField()
    like = serializers.IntegerField()
    name = serializers.CharField()
    same = serializers.ListField(child=serializers.CharField())


class CountsSerializer(PlainSerializer):
    """What became of the rows, empty before they are read: ``rows`` is the sum of the five that follow it.

    ``errors_file`` is where the rows that were not taken can be fetched, with their reasons, while they are kept.
    """

    rows = serializers.IntegerField(required=False)
    created = serializers.IntegerField(required=False)
    updated = serializers.IntegerField(required=False)
    unchanged = serializers.IntegerField(required=False)
    duplicates = serializers.IntegerField(required=False)
    rejected = serializers.IntegerField(required=False)
    made = serializers.DictField(child=serializers.IntegerField(), required=False)
    seconds = serializers.FloatField(required=False)
    errors_file = serializers.URLField(required=False)
    first_errors = ErrorSerializer(many=True, required=False)
    totals = serializers.IntegerField(required=False)
    first_totals = TotalSerializer(many=True, required=False)
    alike = serializers.IntegerField(required=False)
    first_alike = AlikeSerializer(many=True, required=False)
    waiting = serializers.IntegerField(
        required=False, help_text="Customers the rows are of that wait for review."
    )
    left_out = serializers.IntegerField(
        required=False, help_text="Rows that a member left out on the page; they are not among `rows`."
    )


@extend_schema_field(CountsSerializer)
class CountsField(serializers.DictField):
    """The counts as they are kept."""


class AskedValueSerializer(PlainSerializer):
    """A value that names no member or no choice there is, on so many lines, and what was answered; null: nothing."""

    column = serializers.CharField()
    value = serializers.CharField()
    lines = serializers.IntegerField()
    answer = serializers.CharField(allow_null=True)


class ImportSerializer(RecordSerializer):
    counts = CountsField(read_only=True)
    asked = serializers.SerializerMethodField()
    mapping = serializers.DictField(child=serializers.CharField(), read_only=True)
    undone = serializers.DictField(read_only=True)

    class Meta:
        model = Import
        fields = [
            *(
                "id",
                "kind",
                "file_name",
                "state",
                "mode",
                "key",
                "unknown",
                "alike",
                "mapping",
                "counts",
                "asked",
                "error",
                "job",
            ),
            *("created_by", "created_at", "finished_at", "undone", "undone_at", "undone_by"),
        ]
        read_only_fields = fields

    @extend_schema_field(AskedValueSerializer(many=True))
    def get_asked(self, instance: Import) -> list[dict[str, Any]]:
        answers = instance.preview.get("answers", {})
        return [
            {
                **{name: one[name] for name in ("column", "value", "lines")},
                "answer": answers.get(one["column"], {}).get(one["value"]),
            }
            for one in instance.preview.get("asked", [])
        ]

    def to_representation(self, instance: Import) -> dict[str, Any]:
        """The place on our disk is nobody's business: outside the file has an address."""
        told = super().to_representation(instance)
        if "counts" in told:
            told["counts"] = {name: one for name, one in told["counts"].items() if name != "errors_file"}
            if errors_of(instance):
                address = reverse("api-imports-errors", args=[instance.pk])
                told["counts"]["errors_file"] = self.context["request"].build_absolute_uri(address)
        return told


class FileSerializer(PlainSerializer):
    """``content`` is the file in base64; ``mapping`` overrules the guess, column by column. ``answers`` says by column
    and value what its cells say instead: a member's e-mail, a choice's value, or nothing."""

    kind = serializers.ChoiceField(choices=Import.Kind.choices)
    file_name = serializers.CharField(max_length=255, default="file")
    content = serializers.CharField(trim_whitespace=True)
    mapping = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=100), default=dict
    )
    mode = serializers.ChoiceField(choices=Import.Mode.choices, default=Import.Mode.BOTH)
    key = serializers.CharField(max_length=30, allow_blank=True, default="")
    unknown = serializers.ChoiceField(choices=Import.Unknown.choices, default=Import.Unknown.REJECT)
    alike = serializers.ChoiceField(choices=Import.Alike.choices, default=Import.Alike.APART)
    answers = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=254)),
        default=dict,
    )
    dry_run = serializers.BooleanField(default=False)

    def validate_content(self, text: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise serializers.ValidationError(_("Must be a file in base64.")) from None


class ImportViewSet(ReadOnlyViewSet):
    """Files that were brought in: what was asked and what became of it."""

    resource = "imports"
    queryset = Import.objects.all()
    serializer_class = ImportSerializer
    capabilities = dict.fromkeys(("list", "retrieve", "create", "undo", "errors"), "customers.import")
    filters = {"kind": ["exact", "in"], "state": ["exact", "in"], "created_at": ["gte", "lt"]}
    ordering_fields = ("created_at",)
    ordering = ("-created_at",)

    @extend_schema(request=FileSerializer, responses={202: ImportSerializer})
    def create(self, request: Any) -> Response:
        """Bring a file in, in the background; ``job`` tells how far it is. With ``dry_run`` nothing is written."""
        told = body_of(FileSerializer, request)
        upload = SimpleUploadedFile(told["file_name"], told["content"])
        import_ = uploads.receive(kind=told["kind"], upload=upload, actor=request.member)
        mapping = resolve(import_.kind, import_.preview["header"], told["mapping"])
        uploads.bring(
            import_=import_,
            mapping=mapping,
            mode=told["mode"],
            key=told["key"],
            unknown=told["unknown"],
            alike=told["alike"],
            answers=told["answers"],
            actor=request.member,
            dry_run=told["dry_run"],
        )
        return Response(self.get_serializer(import_).data, status=202)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def errors(self, request: Any, pk: Any = None) -> FileResponse:
        """The rows that were not taken, each with its reason, to mend and bring in again; 404 where there are none."""
        import_ = self.get_object()
        path = errors_of(import_)
        if path is None:
            raise NotFound
        return attached(path, errors_name(import_))

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def undo(self, request: Any, pk: Any = None) -> Response:
        """Take it back in the background: ``undone`` then tells what was removed, restored and kept."""
        job = uploads.undo_later(import_=self.get_object(), actor=request.member)
        return accepted(job)
