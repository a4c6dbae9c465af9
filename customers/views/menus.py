"""The tabs over the list of customers and the menu of its filters."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus, urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm.addresses import reverse
from crm.exports.menus import export_menu
from crm.models import Member
from customers.classes import ClassWord
from customers.models import Contact
from customers.models.stats import Stage
from customers.selectors.lists import Wish
from customers.selectors.person import Person
from customers.views.columns import chosen_columns


def tabs(request: HttpRequest, wish: Wish, words: dict[str, ClassWord], all_url: str) -> list[dict[str, Any]]:
    """The views everyone has: each is an address, so that it can be kept and sent."""
    views: list[tuple[str, dict[str, str]]] = [(_("All"), {}), (_("Mine"), {"owner": "me"})]
    views += [(word.name, {"class": word.code}) for word in words.values()]
    views += [(_("At risk"), {"risk": "high"}), (_("Without next step"), {"next": "no"})]
    if request.member.can("customers.change"):
        views.append((_("Waiting for review"), {"review": "waiting"}))
    if request.member.can("customers.delete"):
        views.append((_("Deleted"), {"deleted": "1"}))
    here = dict(wish.filters) | dict(wish.own) | ({"deleted": "1"} if wish.deleted else {})
    address = reverse("customers:list")
    return [
        {
            "label": label,
            "url": f"{address}?{urlencode(query)}" if query else all_url,
            "current": query == here,
        }
        for label, query in views
    ]


def page_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """What else can be done from the list."""
    kept = {name: value for name, value in request.GET.items() if name not in ("cursor", "columns")}
    shown = [("columns", column) for column in chosen_columns(request)]
    export = export_menu(request.member, "customers", [*kept.items(), *shown])
    contacts = {"label": _("Contacts"), "icon": "users", "url": reverse("customers:contacts")}
    contracts = {"label": _("Contracts"), "icon": "file-text", "url": reverse("customers:contracts")}
    export = [contacts, contracts, *export]
    upkeep = {"label": _("Upkeep"), "icon": "address-book", "url": reverse("customers:upkeep")}
    export = [upkeep, *export]
    if request.member.can("customers.change"):
        export = [{"label": _("Inbox"), "icon": "inbox", "url": reverse("customers:inbox")}, *export]
    if not request.member.can("customers.import"):
        return export
    return [
        *export,
        {"label": _("Import a file"), "icon": "file-import", "url": reverse("customers:new-import")},
        {"label": _("Past imports"), "icon": "history", "url": reverse("customers:imports")},
    ]


def filter_menu(request: HttpRequest, words: dict[str, ClassWord]) -> list[dict[str, Any]]:
    """What narrows the list by one click, and the sheet with everything."""
    kept = {name: value for name, value in request.GET.items() if name not in ("cursor", "columns")}
    query = urlencode(kept)
    more = {
        "label": _("Build a filter …"),
        "icon": "adjustments-horizontal",
        "url": f"{reverse('customers:filters')}?{query}",
        "sheet": True,
        "key": "f",
    }
    # Some classes and stages share their names.
    quick = [(f"{_('Class')} · {word.name}", "class", word.code, "tag") for word in words.values()]
    quick += [(f"{_('Stage')} · {stage.label}", "stage", stage.value, "timeline") for stage in Stage]
    quick += [
        (_("High risk"), "risk", "high", "alert-triangle"),
        (_("No next step"), "next", "no", "calendar-off"),
    ]
    address = reverse("customers:list")
    beside = {name: _beside(kept, name) for name in ("class", "stage", "risk", "next")}
    return [
        more,
        *[
            {"label": label, "icon": icon, "url": f"{address}?{beside[name]}{name}={quote_plus(value)}"}
            for label, name, value, icon in quick
        ],
    ]


def _beside(kept: dict[str, str], name: str) -> str:
    """What else the address asks for, with the sign another question follows."""
    others = urlencode({other: value for other, value in kept.items() if other != name})
    return f"{others}&" if others else ""


def privacy_menu(member: Member, person: Person) -> list[dict[str, Any]]:
    """What may be done with all that is held about a customer or a contact."""
    if not member.can("customers.erase") or getattr(person, "erased_at", None):
        return []
    end = "-contact" if isinstance(person, Contact) else ""
    return [
        {
            "label": _("Export everything held"),
            "icon": "file-zip",
            "url": reverse(f"customers:export{end or '-person'}", args=[person.pk]),
            "post": True,
        },
        {
            "label": _("Erase for good …"),
            "icon": "eraser",
            "url": reverse(f"customers:erase{end}", args=[person.pk]),
            "sheet": True,
            "danger": True,
        },
    ]
