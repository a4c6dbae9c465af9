"""The description of the API, for programs and for people.

It holds nothing of any company, unless one of its members, or one of its keys, asks: then it also describes what the
company itself added, by the functions that apps ``register``.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from crm.access import open_to_all
from crm.api.schema import REFUSALS


@functools.cache
def description() -> dict[str, Any]:
    """The OpenAPI 3.1 document, made once per process, in English."""
    with translation.override("en"):
        document = SchemaGenerator().get_schema(request=None, public=True)
        return json.loads(json.dumps(document, default=str))


Extend = Callable[[dict[str, Any]], None]
_extensions: list[Extend] = []


def register(extend: Extend) -> Extend:
    """Let ``extend`` write into the document what the open company added to the API."""
    _extensions.append(extend)
    return extend


def company_description() -> dict[str, Any]:
    """The document with what the open company added."""
    document = deepcopy(description())
    for extend in _extensions:
        extend(document)
    return document


@open_to_all("it describes the API; what a company added is told to its own members and keys alone")
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1 as JSON."""
    document = company_description() if request.tenant else description()
    content = json.dumps(document, ensure_ascii=False)
    response = HttpResponse(content, content_type="application/json")
    response["Vary"] = "Authorization, Cookie"
    return response


@open_to_all("it describes the API and holds nothing of any company")
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The same, to read."""
    context = {
        "info": description()["info"],
        "resources": _resources(),
        "webhooks": _webhooks(),
        "refusals": REFUSALS,
    }
    return render(request, "api/docs.html", context)


@functools.cache
def _resources() -> list[tuple[str, list[dict[str, Any]]]]:
    document = description()
    grouped: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            grouped.setdefault(operation["tags"][0], []).append(_shown(path, method, operation, document))
    return sorted(grouped.items())


@functools.cache
def _webhooks() -> list[tuple[str, str]]:
    """The types of events, and what each means."""
    return [(name, methods["post"]["summary"]) for name, methods in description()["webhooks"].items()]


def _shown(path: str, method: str, operation: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "text": operation.get("description", ""),
        "scope": operation["security"][0]["key"][0],
        "parameters": [_described(p["name"], p["schema"]) | p for p in operation.get("parameters", [])],
        "body": _body(operation, document),
        "answers": [
            (code, response["description"]) for code, response in sorted(operation["responses"].items())
        ],
    }


def _body(operation: dict[str, Any], document: dict[str, Any]) -> list[dict[str, Any]]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = next(iter(content.values()), {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    schema = document["components"]["schemas"].get(name, schema)
    required = schema.get("required", [])
    return [
        _described(field, inner) | {"required": field in required}
        for field, inner in schema.get("properties", {}).items()
    ]


def _described(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type") or next((part.get("type", "") for part in schema.get("oneOf", [])), "")
    words = [kind] if isinstance(kind, str) else list(kind)
    return {
        "name": name,
        "kind": " | ".join(filter(None, words)),
        "format": schema.get("format", ""),
        "schema": schema,
    }
