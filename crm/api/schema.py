"""How the description (OpenAPI 3.1) is derived from the viewsets: refusals, headers and scopes included."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework.permissions import SAFE_METHODS

from crm.api.parameters import LONGEST_SEARCH
from crm.api.problems import MEDIA_TYPE
from crm.api.serializers import PlainSerializer, ProblemSerializer, RecordSerializer

REFUSALS = {
    400: "The request is malformed, or names or values in it are wrong.",
    401: "No key, or one that is unknown or revoked.",
    403: "The key lacks the scope, or its member the right.",
    404: "There is no such record for this key: absent, foreign and hidden look the same.",
    406: "The answer is only available as JSON.",
    409: "The record is not in the state this needs, or the first call with the Idempotency-Key is in flight.",
    412: "The record has changed since the given ETag.",
    413: "The body is too large.",
    415: "The body must be JSON.",
    422: "The Idempotency-Key was used for another request.",
    429: "Too many calls; see Retry-After.",
}
_TEXT = {"type": "string"}
_HEADERS = {
    "X-Request-Id": "Finds the call in our logs and history.",
    "RateLimit": "What is left of the allowance.",
    "RateLimit-Policy": "The allowance.",
}


def _header(description: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "schema": {**_TEXT, **schema}}


def _parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "schema": {**_TEXT, **schema},
        "description": description,
    }


class TenureSchema(AutoSchema):
    """Adds to each operation what the base does for all of them."""

    def map_field(self, field: Any) -> dict[str, Any]:
        """The schema of a query value's field."""
        schema = self._map_serializer_field(field, "request")
        return dict(schema)

    def get_tags(self) -> list[str]:
        return [self.view.resource]

    def get_operation_id(self) -> str:
        return f"{self.view.resource}_{self.view.action}".replace("-", "_") + (
            ""
            if self.method in ("GET", "POST", "PUT") or self.view.action in _PLAIN
            else f"_{self.method.lower()}"
        )

    def _is_list_view(self, serializer: Any = None) -> bool:
        return self.view.action in self.view.list_actions

    def get_filter_backends(self) -> list[Any]:
        return list(self.view.filter_backends) if self._is_list_view() else []

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        scope = f"{self.view.resource}:{'read' if self.method in SAFE_METHODS else 'write'}"
        operation["security"] = [{"key": [scope]}]
        operation["x-capability"] = self.view.capability_of(self.view.action)
        operation.setdefault("parameters", []).extend(self._parameters())
        self._refuse(operation["responses"])
        self._head(operation["responses"])
        return operation

    def _parameters(self) -> list[dict[str, Any]]:
        view, found = self.view, []
        if self._is_list_view() and view.search is not None:
            found.append(_query("search", "Words to find; none finds everything.", maxLength=LONGEST_SEARCH))
        if view.action == "bulk" and view.natural_key:
            found.append(_query("by", "Change the record of that name, or make it.", enum=[view.natural_key]))
        if view.action in (*view.list_actions, *view.record_actions):
            found.append(self._fields())
        if self._on_record and self.method == "GET":
            found.append(_parameter("If-None-Match", "An ETag; 304 when it is still the record's."))
        if self._on_record and self.method not in SAFE_METHODS:
            found.append(_parameter("If-Match", "An ETag; 412 when the record has changed since."))
        if self.method == "POST":
            found.append(
                _parameter("Idempotency-Key", "Makes repeating the call safe for a day.", maxLength=255)
            )
        return found

    @property
    def _on_record(self) -> bool:
        return "{id}" in self.path or self.view.action in ("retrieve", "update", "partial_update", "destroy")

    def _fields(self) -> dict[str, Any]:
        names = list(self.view.get_serializer_class()().fields)
        listed = {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1}
        return _query("fields", "Only these fields.") | {"schema": listed, "style": "form", "explode": False}

    def _refusals(self) -> list[int]:
        codes = [400, 401, 403, 406, 429]
        if "{" in self.path or self.view.action in getattr(self.view, "names_records", ()):
            codes.append(404)
        if self.method not in SAFE_METHODS:
            codes += [409, 413, 415]
            codes += [412] if self._on_record else []
            codes += [422] if self.method == "POST" else []
        return sorted(codes)

    def _refuse(self, responses: dict[str, Any]) -> None:
        for code in self._refusals():
            told = self.view.problems.get(code, ProblemSerializer)
            problem = self.resolve_serializer(told(), "response")
            reference = problem.ref if isinstance(problem, ResolvedComponent) else problem
            responses.setdefault(
                str(code), {"description": REFUSALS[code], "content": {MEDIA_TYPE: {"schema": reference}}}
            )
        if self._on_record and self.method == "GET":
            responses.setdefault("304", {"description": "The record is as you know it."})

    def _head(self, responses: dict[str, Any]) -> None:
        for code, response in responses.items():
            headers = response.setdefault("headers", {})
            for name, description in _HEADERS.items():
                headers[name] = _header(description)
            if code == "429":
                headers["Retry-After"] = _header("Seconds.", pattern="^[0-9]+$")
            if code in ("200", "201", "304") and (self._on_record or self.view.action == "create"):
                headers["ETag"] = _header("The record's version.")
            if code == "201":
                headers["Location"] = _header("The new record's address.")
            if code.startswith("2") and self.method == "POST":
                headers["Idempotent-Replayed"] = _header(
                    "Present when this is the first call's answer again."
                )


_PLAIN = ("partial_update", "destroy")


def _query(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "schema": {**_TEXT, **schema},
        "description": description,
    }


def make_true(result: Any, **kwargs: Any) -> Any:
    """Say what holds everywhere: with ``?fields=`` any field may be absent; bodies take no unknown names."""
    schemas = result.get("components", {}).get("schemas", {})
    _untangle(schemas)
    for methods in result["paths"].values():
        for operation in methods.values():
            names = {parameter["name"] for parameter in operation.get("parameters", [])}
            if "fields" in names:
                _loosen(operation["responses"]["200"], schemas)
    inherited = {" ".join((kind.__doc__ or "").split()) for kind in (RecordSerializer, PlainSerializer)}
    for name, schema in schemas.items():
        if " ".join(schema.get("description", "").split()) in inherited:
            del schema["description"]
        if name.endswith("Request") and schema.get("type") == "object" and "properties" in schema:
            schema["additionalProperties"] = False
    return result


def _untangle(part: Any) -> None:
    """Anything-or-null is anything; written as a choice of one it would refuse null as ambiguous."""
    for inner in part.values() if isinstance(part, dict) else part:
        if isinstance(inner, dict) and {} in inner.get("oneOf", []):
            del inner["oneOf"]
        if isinstance(inner, dict | list):
            _untangle(inner)


def _loosen(response: dict[str, Any], schemas: dict[str, Any]) -> None:
    for media in response.get("content", {}).values():
        schema = schemas.get(_name(media["schema"]), media["schema"])
        results = schema.get("properties", {}).get("results", {}).get("items")
        schemas.get(_name(results or media["schema"]), {}).pop("required", None)


def _name(schema: dict[str, Any]) -> str:
    return schema.get("$ref", "").rpartition("/")[2]
