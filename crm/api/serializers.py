"""How records are written and read from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers


class Reference(serializers.PrimaryKeyRelatedField):
    """The id of another record that the caller may see; absent and foreign ids look the same."""

    default_error_messages = {
        "does_not_exist": gettext_lazy("There is no such record."),
        "incorrect_type": gettext_lazy("Must be the id of a record."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("pk_field", serializers.UUIDField())
        super().__init__(**kwargs)

    def get_queryset(self) -> Any:
        queryset = super().get_queryset()
        member = getattr(self.context.get("request"), "member", None)
        if member is not None and hasattr(queryset, "visible_to"):
            return queryset.visible_to(member)
        return queryset


class StrictFields:
    """Refuses names it does not know. Read-only fields are passed over, so that what was read can be sent back."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = {str(name) for name in data} - set(self.fields)  # type: ignore[attr-defined]
            if unknown:
                raise serializers.ValidationError({name: [_("There is no such field.")] for name in unknown})
        return super().to_internal_value(data)  # type: ignore[misc]


class RecordSerializer(StrictFields, serializers.ModelSerializer):
    """The base of every resource's serializer. References are ids; services do the writing."""

    serializer_related_field = Reference


class PlainSerializer(StrictFields, serializers.Serializer):
    """The base for the input of actions that are not a record."""


class ProblemSerializer(serializers.Serializer):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)
    request_id = serializers.CharField(required=False)
