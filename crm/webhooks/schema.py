"""The ``webhooks`` section of the description: every type with the schema of what is sent."""

from __future__ import annotations

from typing import Any

from crm.webhooks import types
from crm.webhooks.types import EventType

_TEXT = {"type": "string"}
_HEADERS = {
    "webhook-id": "The event's id, the same at every try: what was seen before can be dropped.",
    "webhook-timestamp": "When this try left, in seconds since 1970.",
    "webhook-signature": "v1 and the base64 of HMAC-SHA256 over id.timestamp.body; several between spaces.",
}
_ANSWERS = {
    "2XX": {"description": "Taken."},
    "410": {"description": "Gone: nothing is sent here any more."},
    "default": {"description": "Tried again later, with growing pauses."},
}


def describe(result: Any, generator: Any, **kwargs: Any) -> Any:
    """A hook of the generator: add the section."""
    known = result.get("components", {}).get("schemas", {})
    result["webhooks"] = {
        event_type.name: {"post": _operation(event_type, known)} for event_type in types.all_types()
    }
    return result


def _operation(event_type: EventType, known: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": "on_" + event_type.name.replace(".", "_"),
        "summary": str(event_type.text),
        "tags": ["webhooks"],
        "security": [],
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": _TEXT, "description": description}
            for name, description in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _envelope(event_type, known)}},
        },
        "responses": _ANSWERS,
    }


def _envelope(event_type: EventType, known: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "id": {"type": "string", "format": "uuid"},
        "type": {"const": event_type.name},
        "timestamp": {"type": "string", "format": "date-time"},
        "api_version": _TEXT,
        "data": _data(event_type, known),
    }
    if event_type.facts:
        properties["facts"] = {"type": "object", "properties": {fact: {} for fact in event_type.facts}}
    return {
        "type": "object",
        "required": ["id", "type", "timestamp", "api_version", "data"],
        "properties": properties,
    }


def _data(event_type: EventType, known: dict[str, Any]) -> dict[str, Any]:
    """The record as the API shows it; its id alone for a thin endpoint, or where the whole is too large."""
    thin = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string", "format": "uuid"}},
        "additionalProperties": False,
    }
    component = event_type.serializer_class.__name__.removesuffix("Serializer")
    if component not in known:
        return thin
    return {"anyOf": [{"$ref": f"#/components/schemas/{component}"}, thin]}
