"""Exports over the API: asked for as a job, fetched when it is done."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.resources import JobSerializer, accepted
from crm.api.serializers import PlainSerializer, body_of
from crm.api.views import ResourceViewSet
from crm.errors import NotFound
from crm.exports import services
from crm.exports.listings import all_listings
from crm.exports.views import attached
from crm.models import Job


class ExportSerializer(PlainSerializer):
    """``filters`` are those of the list's page (``{"class": "key", "q": "harbour"}``); ``ids`` narrows to some
    records. ``whole`` writes every field under the names an import knows."""

    list = serializers.ChoiceField(choices=[])
    format = serializers.ChoiceField(choices=["csv", "xlsx"], default="csv")
    whole = serializers.BooleanField(default=True)
    columns = serializers.ListField(child=serializers.CharField(max_length=60), default=tuple, max_length=200)
    filters = serializers.DictField(
        child=serializers.CharField(max_length=500, allow_blank=True), default=dict
    )
    ids = serializers.ListField(child=serializers.UUIDField(), default=tuple, max_length=1_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["list"].choices = [one.name for one in all_listings()]


class ExportViewSet(mixins.RetrieveModelMixin, ResourceViewSet):
    """Lists as files. An export is a job; when its state is ``done`` its file waits for a week."""

    resource = "exports"
    queryset = Job.objects.filter(kind=services.JOB)
    serializer_class = JobSerializer
    capabilities = {
        "create": "customers.export",
        "retrieve": "customers.export",
        "file": "customers.export",
    }

    def get_queryset(self) -> Any:
        jobs, member = super().get_queryset(), getattr(self.request, "member", None)
        return jobs.filter(created_by=member) if member is not None else jobs.none()

    @extend_schema(request=ExportSerializer, responses={202: JobSerializer})
    def create(self, request: Any) -> Response:
        """Have a list written to a file; the answer is the job."""
        told = body_of(ExportSerializer, request)
        listing = services.listing_for(request.member, told["list"])
        ask = services.asked(
            member=request.member,
            query=told["filters"],
            columns=told["columns"],
            ids=told["ids"],
            whole=listing.whole and (told["whole"] or not listing.shown),
        )
        job = services.export_later(listing=listing, ask=ask, form=told["format"])
        return accepted(job)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request: Any, pk: Any = None) -> FileResponse:
        """The file of a finished export; 404 before, and a week after."""
        job = self.get_object()
        path = services.file_of(job)
        if path is None:
            raise NotFound
        return attached(path, f"{job.params['list']}{path.suffix}")
