"""The names of members and customers by their ids."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from crm.models import Member
from customers.models import Customer


def names_by_id(members: Collection[Any] = (), customers: Collection[Any] = ()) -> dict[str, str]:
    """The name of each, those who are gone too, by its id as text; a query for each kind that is asked for."""
    found: list[tuple[Any, str]] = []
    if members:
        found += Member.objects.filter(pk__in=members).values_list("pk", "display_name")
    if customers:
        found += Customer.objects.order_by().filter(pk__in=customers).values_list("pk", "name")
    return {str(pk): name for pk, name in found}
