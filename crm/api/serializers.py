"""How records are written and read from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.lines import Line


class Reference(serializers.PrimaryKeyRelatedField):
    """The id of another record that the caller may see; absent and foreign ids look the same."""

    default_error_messages = {
        "does_not_exist": gettext_lazy("There is no such record."),
        "incorrect_type": gettext_lazy("Must be the id of a record."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("pk_field", serializers.UUIDField())
        super().__init__(**kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """No record is said by ``null``; an empty text is no id."""
        if data == "":
            self.fail("incorrect_type")
        return super().run_validation(data)

    def get_queryset(self) -> Any:
        queryset = super().get_queryset()
        member = getattr(self.context.get("request"), "member", None)
        if member is not None and hasattr(queryset, "visible_to"):
            return queryset.visible_to(member)
        return queryset


# The framework would take a number for a text, a word for a yes, a text for a number.
_JSON_TYPES: tuple[tuple[type[serializers.Field], tuple[type, ...]], ...] = (
    (serializers.CharField, (str,)),
    (serializers.BooleanField, (bool,)),
    (serializers.IntegerField, (int, float)),  # 3.0 is a whole number in JSON
)


def _is_of_another_type(field: serializers.Field | None, value: Any) -> bool:
    if value is None or field is None or field.read_only:
        return False
    wanted = next((types for kind, types in _JSON_TYPES if isinstance(field, kind)), None)
    if wanted is None:
        return False
    return not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)


class StrictFields:
    """Refuses names it does not know, and values of another JSON type than described.

    Read-only fields are passed over, so that what was read can be sent back.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = {str(name) for name in data} - set(self.fields)  # type: ignore[attr-defined]
            if unknown:
                raise serializers.ValidationError({name: [_("There is no such field.")] for name in unknown})
            self._refuse_other_types(data)
        return super().to_internal_value(data)  # type: ignore[misc]

    def _refuse_other_types(self, data: Mapping[str, Any]) -> None:
        fields = self.fields  # type: ignore[attr-defined]
        wrong = {name for name, value in data.items() if _is_of_another_type(fields[name], value)}
        if wrong:
            messages = {
                name: fields[name].error_messages["invalid"].format(input=data[name]) for name in wrong
            }
            raise serializers.ValidationError({name: [message] for name, message in messages.items()})


@extend_schema_field({"type": ["object", "null"], "additionalProperties": {}})
class ObjectField(serializers.JSONField):
    """An object of names and values, or nothing."""


class LineField(serializers.CharField):
    """A text of one line: cleaned as the model's field says before it is checked."""

    def __init__(self, *, cleans: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cleans = cleans

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(self.cleans(data) if isinstance(data, str) else data)


class RecordSerializer(StrictFields, serializers.ModelSerializer):
    """The base of every resource's serializer. References are ids; services do the writing."""

    serializer_related_field = Reference
    serializer_field_mapping = {**serializers.ModelSerializer.serializer_field_mapping, Line: LineField}

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        made, kwargs = super().build_standard_field(field_name, model_field)
        return made, {**kwargs, "cleans": model_field.cleans} if made is LineField else kwargs


class PlainSerializer(StrictFields, serializers.Serializer):
    """The base for the input of actions that are not a record."""


def body_of(serializer: type[serializers.Serializer], request: Any) -> dict[str, Any]:
    """What the request says; wrong values, and records the caller may not see, are refused by name."""
    given = serializer(data=request.data, context={"request": request})
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class ProblemSerializer(serializers.Serializer):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)
    request_id = serializers.CharField(required=False)
