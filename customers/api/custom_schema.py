"""A company's custom fields in the description of the API."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from crm.api import docs
from customers.custom.kinds import SHORT
from customers.models import CustomField
from customers.models.custom import FieldKind, RecordType
from customers.selectors.custom import fields_of, may_ask
from customers.selectors.custom_search import PREFIX, SORTABLE, lookups_of

_SCHEMA = "#/components/schemas/"
RESOURCES = {RecordType.CUSTOMER: ("customers", "Customer"), RecordType.CONTACT: ("contacts", "Contact")}

_SCHEMAS: dict[FieldKind, dict[str, Any]] = {
    FieldKind.TEXT: {"type": "string", "maxLength": 200},
    FieldKind.LONG_TEXT: {"type": "string", "maxLength": 10_000},
    FieldKind.NUMBER: {"type": "string", "format": "decimal"},
    FieldKind.MONEY: {"type": "integer", "description": "In minor units of the company's currency."},
    FieldKind.DATE: {"type": "string", "format": "date"},
    FieldKind.MOMENT: {"type": "string", "format": "date-time"},
    FieldKind.CHOICE: {"type": "string"},
    FieldKind.MULTI_CHOICE: {"type": "string"},
    FieldKind.YES_NO: {"type": "boolean"},
    FieldKind.LINK: {"type": "string", "format": "uri", "maxLength": 500},
    FieldKind.MEMBER: {"type": "string", "format": "uuid"},
    FieldKind.CUSTOMER: {"type": "string", "format": "uuid"},
}


def one_value(field: CustomField) -> dict[str, Any]:
    """The schema of one value of a field, of several choices: of one of them."""
    schema = dict(_SCHEMAS[field.type])
    return schema | {"enum": list(field.labels)} if field.type.has_choices else schema


def whole_value(field: CustomField) -> dict[str, Any]:
    schema = one_value(field)
    if field.type == FieldKind.MULTI_CHOICE:
        schema = {"type": "array", "items": schema, "uniqueItems": True}
    told = {"title": field.label, **({"description": field.help} if field.help else {})}
    return {"anyOf": [schema, {"type": "null"}], **told}


def first_value(field: CustomField) -> dict[str, Any]:
    """The schema of a field's value in a new record: its default is told, and what is required is not null."""
    schema = whole_value(field)
    if field.required:
        schema = {**schema["anyOf"][0], **{name: schema[name] for name in schema if name != "anyOf"}}
    return schema if field.default is None else schema | {"default": field.default}


@docs.register
def describe_fields(document: dict[str, Any]) -> None:
    """Each field in the bodies of its records, and as parameters of their list."""
    for record, (resource, name) in RESOURCES.items():
        fields = fields_of(record)
        _part_whole_from_new(document, resource, name)
        values = {"properties": {field.key: whole_value(field) for field in fields}}
        for schema in (name, f"Whole{name}Request", f"Patched{name}Request", f"{name}ItemRequest"):
            _describe_values(document, schema, values)
        firsts: dict[str, Any] = {"properties": {field.key: first_value(field) for field in fields}}
        if needed := [field.key for field in fields if field.required and field.default is None]:
            firsts["required"] = needed
        _describe_values(document, f"{name}Request", firsts)
        listing = document["paths"][f"/api/v1/{resource}"]["get"]["parameters"]
        asked = [field for field in fields if may_ask(field)]
        listing += [_parameter(field, lookup) for field in asked for lookup in lookups_of(field.type)]
        orders = next(one for one in listing if one["name"] == "ordering")["schema"]["items"]["enum"]
        orders += [f"{sign}{PREFIX}{f.key}" for f in asked if f.type in SORTABLE for sign in ("", "-")]


def _part_whole_from_new(document: dict[str, Any], resource: str, name: str) -> None:
    """The body of a PUT apart from that of a POST: only a new record must hold what is required."""
    schemas = document["components"]["schemas"]
    schemas[f"Whole{name}Request"] = deepcopy(schemas[f"{name}Request"])
    for path, methods in document["paths"].items():
        if path.startswith(f"/api/v1/{resource}/") and "put" in methods:
            for content in methods["put"]["requestBody"]["content"].values():
                if content["schema"].get("$ref") == f"{_SCHEMA}{name}Request":
                    content["schema"] = {"$ref": f"{_SCHEMA}Whole{name}Request"}


def _describe_values(document: dict[str, Any], name: str, values: dict[str, Any]) -> None:
    schema = document["components"]["schemas"].get(name, {})
    if "custom" in schema.get("properties", {}):
        schema["properties"]["custom"] |= {**values, "additionalProperties": False}
        if "required" in values:
            schema["required"] = [*schema.get("required", []), "custom"]


def _parameter(field: CustomField, lookup: str) -> dict[str, Any]:
    name = f"{PREFIX}{field.key}" + ("" if lookup == "exact" else f"__{lookup}")
    parameter: dict[str, Any] = {"name": name, "in": "query", "required": False, "description": field.label}
    if lookup == "isnull":
        return parameter | {"schema": {"type": "boolean"}}
    if lookup == "in":
        listed = {"type": "array", "items": one_value(field), "minItems": 1}
        return parameter | {"schema": listed, "style": "form", "explode": False}
    schema = one_value(field)
    if field.type == FieldKind.LONG_TEXT:
        schema["maxLength"] = SHORT
    return parameter | {"schema": schema}
