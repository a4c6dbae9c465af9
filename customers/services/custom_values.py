"""Checking what is given for custom fields, and writing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.errors import DomainError
from crm.models import Member
from customers.custom.kinds import REFERENCES, stored
from customers.models import Customer, CustomField
from customers.models.custom import FieldKind
from customers.selectors.custom import fields_of

Values = Mapping[str, Any]


class WrongValues(DomainError):
    """Values that do not fit their custom fields; ``errors`` names each as ``custom.<key>``."""

    code = "invalid"
    message = gettext_lazy("Some fields are not valid.")


class Merged(Func):
    """``custom`` with some keys changed, the others as they stand in the database; blank ones are taken out."""

    output_field = models.JSONField()
    template = "jsonb_strip_nulls(%(expressions)s)"
    arg_joiner = " || "

    def __init__(self, changes: Values) -> None:
        super().__init__(F("custom"), Value(dict(changes), models.JSONField()))


def held(values: Values) -> Q:
    """Records that hold exactly these values, none where ``None`` stands.

    Not by ``custom__<key>``: a key such as ``gt`` or ``isnull`` would be read as a lookup there.
    """
    same = Q()
    for key, value in values.items():
        has = Q(custom__has_key=key)
        cell = Func(F("custom"), Value(key), function="jsonb_extract_path", output_field=models.JSONField())
        same &= ~has if value is None else has & Q(Exact(cell, Value(value, models.JSONField())))
    return same


def first_values(record: str, given: Values | None, *, actor: Member | None) -> dict[str, Any]:
    """What a new record holds: what is given, and defaults where nothing is said.

    ``None`` means that nobody was asked: then nothing is required.
    """
    checked = check_values(record, given or {}, actor=actor)
    defaults = {
        field.key: field.default
        for field in fields_of(record)
        if field.default is not None and field.key not in checked
    }
    values = {**defaults, **checked}
    if given is not None:
        _require(record, values, among=None)
    return {key: value for key, value in values.items() if value is not None}


def check_values(
    record: str, given: Values, *, actor: Member | None, before: Values | None = None
) -> dict[str, Any]:
    """``given`` as it is kept; ``None`` takes a value out. Refuses unknown keys and each wrong value by name.

    With ``before``, a record's values, only what differs from them is given back, and what is required must not
    be taken out.
    """
    known = {field.key: field for field in fields_of(record)}
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for key, value in given.items():
        try:
            if key not in known:
                raise ValueError(_("There is no such field."))
            values[key] = stored(known[key], value)
        except ValueError as wrong:
            errors[f"custom.{key}"] = [str(wrong)]
    if before is not None:
        values = {key: value for key, value in values.items() if value != before.get(key)}
    errors |= _missing_references([known[key] for key in values], values, actor)
    if errors:
        raise WrongValues(errors=errors)
    if before is not None:
        _require(record, values, among=values)
    return values


def _require(record: str, values: Values, *, among: Iterable[str] | None) -> None:
    missing = [
        field.key
        for field in fields_of(record)
        if field.required and values.get(field.key) is None and (among is None or field.key in among)
    ]
    if missing:
        raise WrongValues(errors={f"custom.{key}": [_("This field is required.")] for key in missing})


def _missing_references(
    fields: list[CustomField], values: Values, actor: Member | None
) -> dict[str, list[str]]:
    """Members and customers that are not there, or not for this member to see; one query for each kind."""
    errors: dict[str, list[str]] = {}
    for kind in REFERENCES:
        asked = {f.key: UUID(values[f.key]) for f in fields if f.type == kind and values[f.key]}
        if not asked:
            continue
        rows: Any = Member.objects.active()
        if kind == FieldKind.CUSTOMER:
            rows = Customer.objects.living().order_by()
            rows = rows.visible_to(actor) if actor else rows
        there = set(rows.filter(pk__in=asked.values()).values_list("pk", flat=True))
        errors |= {
            f"custom.{key}": [_("There is no such record.")] for key in asked if asked[key] not in there
        }
    return errors
