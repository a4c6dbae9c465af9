"""The list of contacts: all people at the customers one may see."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext
from django.views.decorators.http import require_GET

from crm.access import needs
from crm.personal import is_masked
from customers import classes
from customers.classes import ClassWord
from customers.lists import CONTACTS
from customers.models import Contact
from customers.selectors.bounces import bounced_contacts
from customers.selectors.contacts import MISSING, SORTS, asked_of, contact_page, contacts_of
from customers.selectors.keyset import Page
from customers.views import listing as lists
from customers.views.list_page import ListPage
from customers.views.many_contacts import bulk_actions

Words = dict[str, ClassWord]


class _Contacts(ListPage):
    """The list of contacts with its filters in words."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, CONTACTS, asked_of(request.GET), _labels(), export="contact-list")
        self.classes = classes.words()

    def words(self, name: str, value: str) -> str:
        return _said(name, value, self.classes)


@require_GET
@needs("customers.view")
def contact_list(request: HttpRequest) -> HttpResponse:
    """Contacts by name: views as tabs, filters as chips in the address, pages by position."""
    page = _Contacts(request)
    if (elsewhere := page.elsewhere()) is not None:
        return elsewhere
    found = contact_page(page.asked, request.member)
    marks = bounced_contacts([row.pk for row in found.rows])
    for row in found.rows:
        row.bounced = marks.get(row.pk)
    return page.answer(
        _listing(page, found),
        **_row_words(),
        may_change=request.member.can("customers.change"),
        masked=is_masked(),
        crumbs=[{"label": _("Customers"), "url": reverse("customers:list")}],
    )


def _row_words() -> dict[str, str]:
    """What every row says, translated once."""
    return {
        "first_contact": _("First contact"), "edit_word": _("Edit"),
    }  # fmt: skip


def _listing(page: _Contacts, found: Page) -> dict[str, Any]:
    asked, member = page.asked, page.request.member
    return page.listing(
        found,
        lambda most: contacts_of(asked, member).at_most(most),
        lambda n: npgettext("counted", "contact", "contacts", n),
        tabs=page.tabs(_views()),
        search={"value": asked.filters.get("q", ""), "placeholder": _("Name, phone, e-mail or customer")},
        filter_menu=page.quick_filters(_quick(page.classes)),
        **page.table(_columns(), SORTS),
        row_template="customers/contacts/_row.html",
        bulk=bulk_actions(member),
        empty=_empty(),
    )


def _views() -> list[tuple[str, dict[str, str]]]:
    return [
        (_("All"), {}),
        (_("Mine"), {"owner": "me"}),
        (_("First contacts"), {"primary": "1"}),
        (_("Who decides"), {"role": Contact.Role.DECIDES}),
        (_("Out of reach"), {"missing": "both"}),
        (_("Bouncing"), {"bouncing": "1"}),
    ]


def _labels() -> dict[str, str]:
    return {
        "owner": _("Owner"), "primary": _("First contact"), "role": _("Role"), "missing": _("Missing"),
        "bouncing": _("Bouncing"), "class": _("Class"),
    }  # fmt: skip


def _said(name: str, value: str, words: Words) -> str:
    """A filter's value in words."""
    if name == "owner":
        return lists.owner_said(value)
    if name == "class":
        return words[value].name if value in words else value
    said: dict[str, dict[str, Any]] = {
        "primary": {"1": _("yes"), "0": _("no")},
        "bouncing": {"1": _("yes")},
        "role": dict(Contact.Role.choices),
        "missing": {"email": _("E-mail"), "phone": _("Phone"), "both": _("E-mail and phone")},
    }
    return str(said[name].get(value, value))


def _quick(words: Words) -> list[tuple[str, str, str]]:
    quick = [("owner", "me", "user"), ("owner", "team", "users"), ("owner", "none", "user-off")]
    quick += [("primary", "1", "star"), ("primary", "0", "star-off")]
    quick += [("role", value, "id-badge") for value in Contact.Role.values]
    quick += [("missing", value, "address-book-off") for value in MISSING]
    return [*quick, ("bouncing", "1", "mail-off"), *(("class", code, "tag") for code in words)]


def _columns() -> dict[str, str]:
    return {
        "name": _("Name"), "role": _("Role"), "customer": _("Customer"), "email": _("E-mail"),
        "phone": _("Phone"), "owner": _("Owner"), "added": pgettext("date", "Created"),
    }  # fmt: skip


def _empty() -> dict[str, Any]:
    return {
        "title": _("No contacts yet"),
        "text": _("The people you talk to at your customers stand here. Add them on a customer's record."),
        "icon_name": "users",
        "action_label": _("Customers"),
        "action_url": reverse("customers:list"),
    }
