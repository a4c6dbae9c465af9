"""What the items of each ``POST …/bulk`` are, in the description."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from crm.api.bulk import MOST, BulkSerializer

_ID = {"type": "string", "format": "uuid", "description": "Changes this record."}


def describe_items(result: Any, **kwargs: Any) -> Any:
    """A hook of the generator: name each resource's own items.

    An item that is not so is told in its answer, not refused.
    """
    schemas, paths = result["components"]["schemas"], result["paths"]
    schemas.pop("BulkRequest", None)
    for path, methods in paths.items():
        if path.endswith("/bulk"):
            made = _body(paths[path.removesuffix("/bulk")]["post"])["schema"]["$ref"]
            record = made.rpartition("/")[2].removesuffix("Request")
            item = deepcopy(schemas[f"{record}Request"])
            item.pop("required", None)
            if "patch" in paths.get(path.replace("/bulk", "/{id}"), {}):
                item["properties"]["id"] = _ID
            schemas[f"{record}ItemRequest"] = item
            schemas[f"{record}BulkRequest"] = _many(f"{record}ItemRequest")
            _body(methods["post"])["schema"] = _reference(f"{record}BulkRequest")
    return result


def _many(item: str) -> dict[str, Any]:
    anything = {"type": "object", "additionalProperties": {}}
    return {
        "type": "object",
        "description": " ".join((BulkSerializer.__doc__ or "").split()),
        "required": ["items"],
        "properties": {
            "items": {
                "type": "array",
                "items": {"anyOf": [_reference(item), anything]},
                "minItems": 1,
                "maxItems": MOST,
            }
        },
    }


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _body(operation: dict[str, Any]) -> Any:
    return operation["requestBody"]["content"]["application/json"]
