"""Where others' texts speak of a person: addresses and numbers are taken out of them, names are only told of.

A number or an address points to one person; a name may be somebody else's, so people decide about those.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from crm.audit.erasing import FACT, Erasing
from crm.models import AuditEntry
from crm.personal import PersonalEmail, PersonalPhone
from crm.tenancy.fields import OfPeople, TenantModel
from customers import questions
from customers.custom.kinds import LINK, LONG, SHORT
from customers.models import Contact, Customer
from customers.models.custom import FieldKind
from customers.questions import REPLACED, Naming
from customers.selectors.custom import all_fields
from customers.selectors.person import (
    Model,
    Reach,
    copies,
    in_json,
    loose,
    references_to,
    tenant_models,
    texts_of,
)

MOST_LISTED = 100
# Counted so far: a name that thousands of texts hold is a word.
MOST_NAMED = 10_000
# Beside every long text: the short ones in which people write sentences.
_SENTENCES = {
    *("subject", "reason", "outcome", "moved_because", "topic", "note", "description"),
    *(
        "return_reason",
        "override_reason",
        "title",
        "ended_because",
        "address",
        "website",
        "source",
        "job_title",
    ),
    *("campaign", "label", "help", "thanks"),
}
# The short texts and names of tables that only the company itself fills.
_NAMES = {"name", "text", "category"}
# JSON of the company's own fields, and of what came from outside.
_VALUES = {"custom", "values", "context", "journal", "fields", "default"}
_OWN = "custom"
_LONGEST = {FieldKind.TEXT: SHORT, FieldKind.LONG_TEXT: LONG, FieldKind.LINK: LINK}


@dataclass(frozen=True)
class Mention:
    """One row of somebody else that speaks of the person; ``url`` is the record it stands on."""

    type: str
    id: str
    kind: str
    customer: str
    url: str

    def to_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Mentions:
    """``exact`` name an address or number, ``named`` only a name; the lists end at 100, the names' count at 10,000."""

    exact: list[Mention]
    exact_count: int
    named: list[Mention]
    named_count: int


def mentions_of(reach: Reach, naming: Naming, *, taken_out: bool = False) -> Mentions:
    """The texts elsewhere that speak of the person; once addresses and numbers are ``taken_out``, by name alone."""
    exact = [] if taken_out else list(_rows(reach, naming.exact))
    seen = {row.pk for row in exact}
    others = (row for row in _rows(reach, naming.names, most=MOST_NAMED + len(seen)) if row.pk not in seen)
    named = list(islice(others, MOST_NAMED))
    return Mentions(_told(exact), len(exact), _told(named), len(named))


def written_in(model: Model) -> list[str]:
    """The columns of a table in which people write of others, the company's own fields among them."""
    return [
        column.name
        for column in model._meta.local_fields
        if _is_written(column) and column.name not in model.impersonal
    ]


def _is_written(column: models.Field) -> bool:
    if isinstance(column, models.JSONField):
        return column.name in _VALUES
    if isinstance(column, models.TextField):
        return True
    return (
        isinstance(column, models.CharField)
        and not column.choices
        and (
            column.name in _SENTENCES
            or (column.name in _NAMES and _is_of_company(column.model))
            or _is_sender(column)
        )
    )


def _is_sender(column: models.Field) -> bool:
    """Whether it says who wrote or was asked, where the row is somebody else's."""
    if column.model in (Customer, Contact):
        return False
    return isinstance(column, PersonalEmail | PersonalPhone) or column.name == "sender"


def _is_of_company(model: Any) -> bool:
    """Whether its rows are nobody's: no customer's or contact's, nor questions, which lose people in their own way."""
    whose = {ref.related_model for ref in model._meta.local_fields if isinstance(ref, models.ForeignKey)}
    people = {Customer, Contact}
    return model.of_people == OfPeople.GOES and model not in people and not people & whose


def places() -> dict[Model, str]:
    """The tables that hold such texts, with the path from a row to its customer; "" where it has none."""
    found: dict[Model, str] = {Customer: "pk"}
    for reference in references_to(Customer):
        if issubclass(reference.model, TenantModel) and reference.name == "customer":
            found.setdefault(reference.model, "customer_id")
    for model in list(found):
        for reference in references_to(model) if model is not Customer else ():
            if issubclass(reference.model, TenantModel):
                found.setdefault(reference.model, f"{reference.name}__{found[model]}")
    for model in tenant_models():
        if model.of_people in (OfPeople.GOES, OfPeople.ASKS):
            found.setdefault(model, "")
    return {model: path for model, path in found.items() if written_in(model)}


@dataclass(frozen=True)
class Row:
    model: Model
    pk: UUID
    customer: UUID | None


def _rows(reach: Reach, pattern: str, *, most: int | None = None) -> Iterator[Row]:
    """Each table is read once; of the rows that speak of the person, no more than ``most`` of each are kept."""
    for model, path in places().items() if pattern else ():
        asked = Q()
        for name in written_in(model):
            is_json = isinstance(model._meta.get_field(name), models.JSONField)
            asked |= Q(**{f"{name}__iregex": in_json(pattern) if is_json else pattern})
        own = reach.own.get(model, set()) | reach.about.get(model, set())
        pairs = model._base_manager.filter(asked).order_by("pk").values_list("pk", path or "pk")
        for pk, customer in pairs if most is None else pairs[: most + len(own)]:
            if pk not in own:
                yield Row(model, pk, customer if path else None)


def _told(rows: list[Row]) -> list[Mention]:
    rows = rows[:MOST_LISTED]
    known = Customer.objects.filter(pk__in={row.customer for row in rows if row.customer})
    names = dict(known.values_list("pk", "name"))
    return [
        Mention(
            row.model._meta.label_lower,
            str(row.pk),
            str(row.model._meta.verbose_name),
            names.get(row.customer, "") if row.customer else "",
            reverse("customers:record", args=[row.customer]) if row.customer in names else "",
        )
        for row in rows
    ]


def take_out(reach: Reach, pattern: str) -> list[Row]:
    """Put "[erased]" in the place of the person's addresses and numbers in others' texts; gives the rows changed."""
    rows = list(_rows(reach, pattern))
    for row in rows:
        names = written_in(row.model)
        values = row.model._base_manager.values(*names).get(pk=row.pk)
        changed: dict[str, Any] = {
            name: _fitting(row, name, left)
            for name, value in values.items()
            if (left := _without(value, pattern, _texts(row.model) if name == _OWN else None)) != value
        }
        changed |= dict.fromkeys(_named_along(row.model, changed), "")
        if any(column.name == "version" for column in row.model._meta.local_fields):
            changed["version"] = F("version") + 1
        row.model._base_manager.filter(pk=row.pk).update(**changed)
    return rows


def _fitting(row: Row, name: str, left: Any) -> Any:
    """What is left as its column takes it: of who wrote nothing is left, a name that must be the only one stays so."""
    column: Any = row.model._meta.get_field(name)
    if not isinstance(left, str):
        return left
    if _is_sender(column):
        return ""
    longest = getattr(column, "max_length", None)
    return questions.free_name(row.model, row.pk, left, longest or 0) if name == "name" else left[:longest]


def _named_along(model: Model, changed: Collection[str]) -> list[str]:
    """The name beside an address or number that is gone."""
    senders = {"sender_email", "sender_phone"} & set(changed)
    return [column.name for column in model._meta.local_fields if senders and column.name == "sender_name"]


def _without(value: Any, pattern: str, keys: Mapping[str, int] | None = None) -> Any:
    """A text, or JSON of texts, with "[erased]" in the places the pattern finds; of ``keys`` those alone, and cut."""
    if isinstance(value, str):
        return re.sub(pattern, REPLACED, value, flags=re.IGNORECASE)
    if isinstance(value, list):
        return [_without(one, pattern) for one in value]
    if not isinstance(value, dict):
        return value
    if keys is None:
        return {name: _without(one, pattern) for name, one in value.items()}
    return {
        name: _without(one, pattern)[: max(len(one), keys[name])] if name in keys else one
        for name, one in value.items()
    }


def _texts(model: Model) -> dict[str, int]:
    """The company's own fields of a type of record that hold words, with how long those may be."""
    return {
        field.key: _LONGEST[field.type]
        for field in all_fields()
        if field.record == model._meta.model_name and field.type in _LONGEST
    }


def empty_their_history(erasing: Erasing, pattern: str) -> None:
    """What those texts were before, in the history: each column that named the person loses its values."""
    if not pattern:
        return
    written = {model._meta.label_lower: set(written_in(model)) for model in places()}
    for model in (*questions.tables(), *copies()):
        written[model._meta.label_lower] = {column.name for column in texts_of(model)}
    said = Q(before__iregex=loose(pattern)) | Q(after__iregex=loose(pattern))
    entries = AuditEntry.objects.filter(_with_texts(written), said).order_by()
    for entry in entries.exclude(after__has_key=FACT):
        columns = {
            name
            for image in (entry.before or {}, entry.after or {})
            for name, value in image.items()
            if name.partition(".")[0] in written[entry.subject_type]
            and re.search(in_json(pattern), str(value), re.IGNORECASE)
        }
        if columns:
            columns |= set(_named_along(apps.get_model(entry.subject_type), columns))
            erasing.empty([entry.pk], sorted(columns))


def _with_texts(written: Mapping[str, set[str]]) -> Q:
    """Entries in which a text can stand: most of a history is of purchases, whose entries have none."""
    found = Q()
    for label, columns in written.items():
        keys = Q() if _OWN in columns else _with_keys(sorted(columns))
        found |= Q(keys, subject_type=label)
    return found


def _with_keys(keys: list[str]) -> Q:
    return Q(before__has_any_keys=keys) | Q(after__has_any_keys=keys)
