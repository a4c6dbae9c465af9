"""The list of contacts: all people at the customers one may see."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext
from django.views.decorators.http import require_GET

from crm.access import needs
from crm.exports.menus import export_menu
from crm.personal import is_masked
from crm.saved_views.menus import Views
from customers import classes
from customers.classes import ClassWord
from customers.lists import CONTACTS
from customers.models import Contact
from customers.selectors.bounces import bounced_contacts
from customers.selectors.contacts import MISSING, SORTS, asked_of, contact_page, contacts_of
from customers.selectors.keyset import Page
from customers.selectors.plain import Asked
from customers.views import listing as lists

Words = dict[str, ClassWord]


@require_GET
@needs("customers.view")
def contact_list(request: HttpRequest) -> HttpResponse:
    """Contacts by name: views as tabs, filters as chips in the address, pages by position."""
    views = Views(CONTACTS, request)
    if (first := views.first_page(request)) is not None:
        return first
    asked = asked_of(request.GET)
    found = contact_page(asked, request.member)
    marks = bounced_contacts([row.pk for row in found.rows])
    for row in found.rows:
        row.bounced = marks.get(row.pk)
    context = {
        **_row_words(),
        "listing": _listing(request, asked, found, views),
        "may_change": request.member.can("customers.change"),
        "masked": is_masked(),
        "more": export_menu(request.member, "contact-list", lists.kept(request.GET, asked.filters).items()),
        "crumbs": [{"label": _("Customers"), "url": reverse("customers:list")}],
    }
    part = request.htmx and request.htmx.target == "list-body-contacts"
    response = render(request, "ui/list_body.html" if part else "customers/contacts/list.html", context)
    response["Vary"] = "HX-Request"
    return response


def _row_words() -> dict[str, str]:
    """What every row says, translated once."""
    return {
        "customer_word": _("Customer"), "email_word": _("E-mail"), "phone_word": _("Phone"),
        "first_contact": _("First contact"), "edit_word": _("Edit"),
    }  # fmt: skip


def _listing(request: HttpRequest, asked: Asked, found: Page, views: Views) -> dict[str, Any]:
    words, kept = classes.words(), lists.kept(request.GET, asked.filters)
    return lists.filtered_listing(
        found,
        lambda most: contacts_of(asked, request.member).at_most(most),
        lambda n: npgettext("counted", "contact", "contacts", n),
        kept=kept,
        views=views,
        tabs=lists.view_tabs(_views(), asked.filters, views.all_url),
        key="contacts",
        label=_("Contacts"),
        search={"value": asked.filters.get("q", ""), "placeholder": _("Name, phone, e-mail or customer")},
        filters=lists.chips(
            _labels(), asked.filters, kept, lambda name, value: _said(name, value, words), views.all_url
        ),
        filter_menu=_filter_menu(kept, words),
        **lists.sorted_columns(_columns(), SORTS, asked, kept),
        row_template="customers/contacts/_row.html",
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


def _filter_menu(kept: dict[str, str], words: Words) -> list[dict[str, Any]]:
    quick = [("owner", "me", "user"), ("owner", "team", "users"), ("owner", "none", "user-off")]
    quick += [("primary", "1", "star"), ("primary", "0", "star-off")]
    quick += [("role", value, "id-badge") for value in Contact.Role.values]
    quick += [("missing", value, "address-book-off") for value in MISSING]
    quick += [("bouncing", "1", "mail-off")] + [("class", code, "tag") for code in words]
    labels = _labels()
    return [
        {
            "label": f"{labels[name]}: {_said(name, value, words)}",
            "icon": icon,
            "url": lists.address(kept, **{name: value}),
        }
        for name, value, icon in quick
    ]


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
