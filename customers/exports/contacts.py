"""The list of contacts as a file: as it is shown, or with every field an import knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.exports.listings import Ask, Column, Listing, as_shown, register, to_the_second
from customers.exports.records import contact_columns, load_contacts
from customers.lists import CONTACTS
from customers.selectors.bounces import bounced_contacts
from customers.selectors.contacts import asked_of, contacts_of


def _ids(ask: Ask) -> Any:
    asked = asked_of(ask.query)
    rows = contacts_of(asked, ask.member)
    if ask.ids:
        rows = rows.filter(pk__in=ask.ids)
    return rows.order_by(*asked.by).values_list("pk", flat=True)


def _load(ask: Ask, ids: Sequence[UUID]) -> Iterable[Any]:
    rows = load_contacts(ask, ids)
    marks = {} if ask.whole else bounced_contacts(ids)
    for row in rows:
        row.bounced = marks[row.pk].text if row.pk in marks else None
    return rows


def _columns(ask: Ask) -> list[Column]:
    return contact_columns(ask) if ask.whole else as_shown(_SHOWN, ask, CONTACTS.columns)


_SHOWN = [
    Column("name", _("Name"), attrgetter("name")),
    Column("job_title", _("Job title"), attrgetter("job_title"), of="name"),
    Column("role", _("Role"), lambda row: row.get_role_display()),
    Column("customer", _("Customer"), attrgetter("customer.name")),
    Column("email", _("E-mail"), attrgetter("email")),
    Column("bounced", _("Bouncing"), attrgetter("bounced"), of="email"),
    Column("phone", _("Phone"), attrgetter("phone")),
    Column("primary", _("First contact"), attrgetter("primary"), of="role"),
    Column("owner", _("Owner"), lambda row: row.customer.owner and row.customer.owner.display_name),
    Column("added", pgettext_lazy("date", "Created"), to_the_second("created_at")),
]

register(
    Listing(
        "contact-list", _("Contacts"), "customers.view", _columns, _ids, _load, back="customers:contacts",
        whole=True,
    )
)  # fmt: skip
