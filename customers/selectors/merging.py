"""What a merge would make: each field's values side by side, and what hangs on whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from crm.people.selectors import company_currency
from customers.models import (
    Contact,
    Customer,
    CustomerStats,
    CustomField,
    FollowUp,
    Interaction,
    Merge,
    Purchase,
)
from customers.models.custom import FieldKind, RecordType
from customers.selectors.custom import fields_of, names_of, told

CHOSEN = (
    *(
        "name",
        "kind",
        "email",
        "phone",
        "website",
        "industry",
        "size",
        "address",
        "postcode",
        "city",
        "region",
    ),
    *("birthday", "gender", "language", "source", "owner", "external_id", "created_at", "notes"),
)

OWN = "custom."


@dataclass(frozen=True)
class Value:
    """One customer's value of a field."""

    customer_id: UUID
    text: str
    chosen: bool


@dataclass(frozen=True)
class Choice:
    """A field, its values in the customers' order, and whether they disagree."""

    name: str
    label: str
    values: list[Value]
    differs: bool


@dataclass(frozen=True)
class Hanging:
    """What hangs on a customer."""

    customer: Customer
    counts: list[tuple[str, int]]


def defaults(everybody: Sequence[Customer]) -> dict[str, Any]:
    """What the first customer has, and where it has nothing the next one's; the earliest start; all the notes."""
    found = {
        name: next((value for one in everybody if (value := getattr(one, name))), getattr(everybody[0], name))
        for name in CHOSEN
    }
    found["created_at"] = min(one.created_at for one in everybody)
    found["notes"] = "\n\n".join(dict.fromkeys(one.notes for one in everybody if one.notes))
    return found


def own_choices() -> dict[str, CustomField]:
    """The company's own fields of which a value is chosen, by their names in a choice; several choices are united."""
    fields = fields_of(RecordType.CUSTOMER)
    return {f"{OWN}{one.key}": one for one in fields if one.type != FieldKind.MULTI_CHOICE}


def choices_of(everybody: Sequence[Customer], picked: Mapping[str, UUID] | None = None) -> list[Choice]:
    """The fields in which at least one customer has something; those in which they differ come first."""
    made, found = defaults(everybody), list[Choice | None]()
    for name in CHOSEN:
        field: Any = Customer._meta.get_field(name)
        texts = [_text(one, name) for one in everybody]
        source = (picked or {}).get(name) or next(
            (one.pk for one in everybody if getattr(one, name) == made[name]), everybody[0].pk
        )
        label = str(field.verbose_name)
        found.append(_choice(name, label[:1].upper() + label[1:], everybody, texts, source))
    found += _own_choices(everybody, picked or {})
    return sorted((one for one in found if one), key=lambda choice: not choice.differs)


def _own_choices(everybody: Sequence[Customer], picked: Mapping[str, UUID]) -> list[Choice | None]:
    fields = own_choices()
    names, currency = names_of(fields.values(), [one.custom for one in everybody]), company_currency()
    found = []
    for name, field in fields.items():
        held = [one.custom.get(field.key) for one in everybody]
        texts = [told(field, value, currency=currency, names=names) for value in held]
        first = next((one.pk for one, value in zip(everybody, held, strict=True) if value is not None), None)
        found.append(_choice(name, field.label, everybody, texts, picked.get(name) or first))
    return found


def _choice(
    name: str, label: str, everybody: Sequence[Customer], texts: list[str], source: UUID | None
) -> Choice | None:
    if not any(texts):
        return None
    values = [Value(one.pk, text, one.pk == source) for one, text in zip(everybody, texts, strict=True)]
    return Choice(name, label, values, len(set(texts)) > 1)


def _text(customer: Customer, name: str) -> str:
    if name == "created_at":
        return f"{customer.created_at:%Y-%m-%d}"
    if name == "size":
        return customer.size_words
    if name == "language":
        return str(dict(settings.LANGUAGES).get(customer.language, customer.language))
    shown = getattr(customer, f"get_{name}_display", None)
    value = shown() if shown else getattr(customer, name)
    return str(value) if value else ""


def best_survivor(everybody: Sequence[Customer]) -> Customer:
    """Who most hangs on: by orders, then by when it was made."""
    orders = dict(CustomerStats.objects.filter(customer__in=everybody).values_list("customer", "orders"))
    return min(everybody, key=lambda one: (-orders.get(one.pk, 0), one.created_at, one.pk))


def hanging_on(everybody: Sequence[Customer]) -> list[Hanging]:
    """How many contacts, entries, promises and purchases each has."""
    models: tuple[Any, ...] = (Contact, Interaction, FollowUp, Purchase)
    found = []
    for customer in everybody:
        counts = [
            (str(model._meta.verbose_name_plural), model.objects.filter(customer=customer).count())
            for model in models
        ]
        found.append(Hanging(customer, [(name, count) for name, count in counts if count]))
    return found


@dataclass(frozen=True)
class Made:
    """A merge that can be taken back, and the names of those it ended."""

    merge: Merge
    names: list[str]


def merges_of(customer: Customer) -> list[Made]:
    """The standing merges into a customer, the newest first."""
    merges = list(Merge.objects.standing().filter(survivor=customer).select_related("merged_by")[:20])
    ids = [pk for merge in merges for pk in merge.merged]
    names = dict(Customer.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    return [Made(merge, [names.get(UUID(pk), "") for pk in merge.merged]) for merge in merges]
