"""The people at customers, as their list shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import CharField, Q

from crm.models import Member
from crm.people.roles import Visibility
from customers.models import Contact, Customer, MailBounce
from customers.models.contacts import SORT_NAME
from customers.selectors.asking import asker_of
from customers.selectors.keyset import Page, Sort, page_of
from customers.selectors.list_fields import CONTACT_FIELDS
from customers.selectors.plain import Asked, owned
from customers.selectors.search import contact_hits, customer_hits

SIZE = 50
MOST_HITS = 500
MISSING = {"email": Q(email=""), "phone": Q(phone=""), "both": Q(email="", phone="")}
FILTERS = frozenset({"owner", "primary", "role", "missing", "bouncing", "class", "q", "where"})
# Ids grow with time: by them the newest come first without an index of their own.
SORTS = {
    "name": Sort("sort_name", tie="id", column=CharField()),
    "added": Sort("id", descending=True, tie="id", tie_descending=True),
}
_SHOWN = (
    *("name", "job_title", "role", "email", "phone", "primary", "created_at"),
    *("customer__name", "customer__owner__display_name"),
)


def asked_of(query: Mapping[str, str]) -> Asked:
    return Asked.of(query, filters=FILTERS, sorts=SORTS)


def contacts_of(asked: Asked, member: Member) -> Any:
    """The people one asks for, at living customers the member may see."""
    rows: Any = Contact.objects.filter(customer__deleted_at=None).annotate(sort_name=SORT_NAME)
    rows = rows.exclude(customer__review=Customer.Review.REJECTED)
    if member.visibility != Visibility.ALL:
        rows = rows.filter(customer__in=Customer.objects.visible_to(member).order_by())
    for name, value in asked.filters.items():
        rows = _narrowed(rows, name, value, member)
    return rows


def seen_contacts(member: Member) -> Any:
    """All people at living customers the member may see."""
    return contacts_of(asked_of({}), member)


def _narrowed(rows: Any, name: str, value: str, member: Member) -> Any:
    if name == "q":
        return rows.filter(_named(value))
    if name == "where":
        return CONTACT_FIELDS.narrowed(rows, value, asker_of(member))
    if name == "owner":
        return owned(rows, "customer__owner", value, member)
    if name == "missing":
        return rows.filter(MISSING[value]) if value in MISSING else rows.none()
    if name == "bouncing":
        return rows.filter(email_norm__in=MailBounce.objects.standing().order_by().values("email_norm"))
    if name == "primary":
        return rows.filter(primary=value == "1")
    return rows.filter(**{"role" if name == "role" else "customer__stats__class_code": value})


def _named(words: str) -> Q:
    """By whatever one remembers of the person, or of the customer they belong to."""
    people, customers = contact_hits(words, most=MOST_HITS), customer_hits(words, most=MOST_HITS)
    return Q(pk__in=people) | Q(customer__in=customers)


def contact_page(asked: Asked, member: Member) -> Page:
    """One page, each person with customer and owner; one query or, behind the first page, two."""
    rows = contacts_of(asked, member).select_related("customer__owner").only(*_SHOWN)
    return page_of(rows, asked.order, cursor=asked.cursor, size=SIZE)
