"""All that is held about a person, over the API: taken out, erased."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from crm.api.resources import JobSerializer, accepted
from crm.api.serializers import body_of
from customers.services.privacy import erasing, exporting


class EraseSerializer(serializers.Serializer):
    reason = serializers.CharField(
        max_length=300, help_text="Kept in the history; without the person's name."
    )


class PersonMixin:
    """What hangs on a person as a whole. Add ``PERSON`` to the capabilities."""

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"], url_path="export")
    def export(self, request: Any, pk: Any = None) -> Response:
        """Write everything held about the person to a file, in the background; the answer is the job."""
        job = exporting.export_later(person=self.get_object(), actor=request.member)
        return accepted(job)

    @extend_schema(request=EraseSerializer, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def erase(self, request: Any, pk: Any = None) -> Response:
        """Erase the person everywhere, in the background; purchases stay as figures, nothing can be taken back."""
        given, person = body_of(EraseSerializer, request), self.get_object()
        job = erasing.erase_later(person=person, reason=given["reason"], actor=request.member)
        return accepted(job)


PERSON = {"export": "customers.erase", "erase": "customers.erase"}
