"""What a file's values can be asked about: columns that name a member or a choice, and what they may name."""

from __future__ import annotations

from typing import Any

from crm.models import Member
from customers.imports.custom import RECORDS
from customers.imports.fields import PREFIX, Field, field_of
from customers.models import Contact, Contract, Customer, CustomField, Import, Interaction
from customers.models.custom import FieldKind
from customers.selectors.custom import fields_of

_MODELS: dict[str, Any] = {
    Import.Kind.CUSTOMERS: Customer,
    Import.Kind.CONTACTS: Contact,
    Import.Kind.INTERACTIONS: Interaction,
    Import.Kind.CONTRACTS: Contract,
}
_NAMING = ("member", "choice", "size")
_OWN_NAMING = (FieldKind.CHOICE, FieldKind.MEMBER)

Options = list[tuple[str, str]]


def asked_columns(import_: Import) -> dict[str, Field]:
    """The columns whose cells name a member or one of some choices, by heading."""
    found = {}
    own = _own_fields(import_)
    for heading, name in import_.mapping.items():
        field = field_of(import_.kind, name) if name else None
        named = own.get(name)
        if field and (field.reads in _NAMING or (named and named.type in _OWN_NAMING)):
            found[heading] = field
    return found


def options_of(import_: Import) -> dict[str, Options]:
    """For each column that can be asked about, what its cells may say, with the words for it."""
    columns, own = asked_columns(import_), _own_fields(import_)
    members = list(
        Member.objects.filter(active=True).order_by("display_name", "pk").values_list("email", "display_name")
    )
    found: dict[str, Options] = {}
    for heading, field in columns.items():
        named = own.get(field.name)
        if _of_members(field, named):
            found[heading] = members
        else:
            found[heading] = list(named.labels.items()) if named else _choices(import_.kind, field)
    return found


def questions_of(import_: Import) -> list[dict[str, Any]]:
    """What the last check asks of the whole file, each value with its answer; ``at`` is its place among the asked."""
    asked = import_.preview.get("asked", [])
    if not asked:
        return []
    columns, options, own = asked_columns(import_), options_of(import_), _own_fields(import_)
    answers = import_.preview.get("answers", {})
    return [
        {
            **one,
            "at": at,
            "of_members": _of_members(columns[one["column"]], own.get(import_.mapping[one["column"]])),
            "options": options[one["column"]],
            "answer": answers.get(one["column"], {}).get(one["value"]),
        }
        for at, one in enumerate(asked)
        if one["column"] in columns
    ]


def _of_members(field: Field, own: CustomField | None) -> bool:
    return field.reads == "member" or (own is not None and own.type == FieldKind.MEMBER)


def _own_fields(import_: Import) -> dict[str, CustomField]:
    record = RECORDS.get(import_.kind)
    if not record or not any(name.startswith(PREFIX) for name in import_.mapping.values()):
        return {}
    return {f"{PREFIX}{field.key}": field for field in fields_of(record)}


def _choices(kind: str, field: Field) -> Options:
    model = _MODELS.get(kind)
    labels: dict[Any, Any] = {}
    if model is not None and field.name in {one.name for one in model._meta.fields}:
        labels = dict(model._meta.get_field(field.name).flatchoices)
    return [(value, str(labels.get(value, value))) for value in field.choices]
