"""How a command is told of a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from customers.models import Contact, Customer
from customers.selectors.person import Person


def add_person(parser: CommandParser) -> None:
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--customer", metavar="ID", help="the customer's id or external id")
    group.add_argument("--contact", metavar="ID", help="the contact's id")


def person_of(options: dict[str, Any]) -> Person:
    """The person a command names; whoever was merged is part of the customer they became."""
    if options["contact"]:
        pk = _uuid(options["contact"])
        found: Any = Contact.objects.filter(pk=pk).first() if pk else None
    else:
        found = _customer(options["customer"])
    if found is None:
        raise CommandError("There is no such person.")
    return found


def _customer(text: str) -> Customer | None:
    pk = _uuid(text)
    found = Customer.objects.filter(pk=pk).first() if pk else None
    found = found or Customer.objects.filter(external_id=text).first()
    while found is not None and found.merged_into is not None:
        found = found.merged_into
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
