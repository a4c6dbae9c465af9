"""Contracts as pages show them: the list, and what a customer has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from crm.models import Member
from customers.models import Contract, Customer
from customers.models.contracts import Status
from customers.selectors.asking import asker_of
from customers.selectors.keyset import Page, Sort, page_of
from customers.selectors.list_fields import CONTRACT_FIELDS
from customers.selectors.plain import Asked, owned
from customers.selectors.search import matching_customers

SIZE = 50
MOST_HITS = 500
DAYS = ("30", "90", "180")
FILTERS = frozenset({"status", "owner", "renewal", "due", "ends", "q", "deleted", "where"})
SORTS = {
    "notice_by": Sort("notice_by", nullable=True, tie="id", column=Contract._meta.get_field("starts_on")),
    "ends_on": Sort("ends_on", nullable=True, tie="id"),
    "created": Sort("created_at", descending=True, tie="id", tie_descending=True),
}


def asked_of(query: Mapping[str, str]) -> Asked:
    return Asked.of(query, filters=FILTERS, sorts=SORTS)


def contracts_of(asked: Asked, member: Member, day: date) -> Any:
    """The contracts a member may see of what is asked for."""
    given = asked.filters
    rows: Any = Contract.objects.visible_to(member)
    rows = rows.deleted() if given.get("deleted") == "1" else rows.living()
    if "q" in given:
        found = list(matching_customers(given["q"], most=MOST_HITS).values_list("pk", flat=True))
        rows = rows.filter(Q(number__startswith=given["q"]) | Q(customer__in=found))
    if "status" in given:
        known = given["status"] in Status.values
        rows = rows.standing(given["status"], day) if known else rows.none()
    if "where" in given:
        rows = CONTRACT_FIELDS.narrowed(rows, given["where"], asker_of(member))
    if "owner" in given:
        rows = owned(rows, "owner", given["owner"], member)
    if "renewal" in given:
        rows = rows.filter(renewal=given["renewal"])
    for name, column in (("due", "notice_by"), ("ends", "ends_on")):
        if name in given:
            rows = _within(rows, given[name], column, day)
    return rows


def _within(rows: Any, value: str, column: str, day: date) -> Any:
    """Those whose date comes within so many days, and about which nothing is decided."""
    if not value.isdecimal() or len(value) > 4:
        return rows.none()
    last = day + timedelta(days=int(value))
    return rows.filter(**{f"{column}__gte": day, f"{column}__lte": last, "notice_given_on": None})


def contract_page(asked: Asked, member: Member, day: date) -> Page:
    rows = contracts_of(asked, member, day).select_related("customer", "owner")
    return page_of(rows, asked.order, cursor=asked.cursor, size=SIZE)


@dataclass(frozen=True)
class Held:
    """A customer's contracts; those in force, what they are worth in a year, and the next date to decide by."""

    contracts: list[Contract]
    in_force: list[Contract]
    yearly: int
    next_notice: date | None


def held_by(customer: Customer, day: date) -> Held:
    """One query."""
    found = list(Contract.objects.filter(customer=customer, deleted_at=None).select_related("owner"))
    now = [one for one in found if one.status_on(day) in (Status.RUNNING, Status.LEAVING)]
    ahead = [
        one.notice_by for one in now if one.notice_by and one.notice_by >= day and one.notice_given_on is None
    ]
    return Held(found, now, sum(one.yearly or 0 for one in now), min(ahead, default=None))
