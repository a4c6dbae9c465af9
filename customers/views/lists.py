"""The list of customers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from babel.numbers import get_currency_precision
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import npgettext

from crm import formats
from crm.access import needs
from crm.addresses import reverse
from crm.models import Member
from crm.saved_views.lists import left_out
from crm.saved_views.menus import Views
from customers import classes
from customers.lists import LIST
from customers.models import Customer
from customers.models.stats import Stage
from customers.selectors.customer_pages import customer_page
from customers.selectors.lists import FILTERS, SORTS, Wish, customer_count
from customers.services.bulk.tagging import tag_fields
from customers.views import own_columns
from customers.views.columns import USUAL, arranged, chosen_columns, is_rearranged, remember_columns
from customers.views.filters import SAFE, where_chips
from customers.views.listing import counted, turned
from customers.views.menus import filter_menu, page_menu, tabs
from customers.views.rows import Look, drawn


@needs("customers.view")
def customer_list(request: HttpRequest) -> HttpResponse:
    """Customers: views as tabs, filters as chips in the address, sorted and paged by position."""
    views = Views(LIST, request)
    if (first := views.first_page(request)) is not None:
        return first
    wish = wish_of(request)
    found = customer_page(wish, request.member, columns=chosen_columns(request))
    listing = _listing(request, wish, found, classes.words(), views)
    part = request.htmx and request.htmx.target == "list-body-customers"
    response = render(
        request, "ui/list_body.html" if part else "customers/list.html", _around(request, listing)
    )
    response["Vary"] = "HX-Request"
    return remember_columns(request, response)


@needs("customers.view")
def count(request: HttpRequest) -> HttpResponse:
    """How many match what the address asks for: the page asks once it stands, for counting takes longer than a page."""
    found = customer_count(wish_of(request), request.member)
    listing = {"key": "customers", **counted(found, _noun)}
    return render(request, "ui/list_count.html", {"listing": listing})


def _around(request: HttpRequest, listing: dict[str, Any]) -> dict[str, Any]:
    return {
        "listing": listing,
        "may_change": request.member.can("customers.change"),
        "new": {"label": _("New customer"), "url": reverse("customers:new")},
        "more": page_menu(request),
    }


def wish_of(request: HttpRequest) -> Wish:
    """What the address asks for; amounts in it are in the company's currency."""
    return Wish.of(request.GET, digits=get_currency_precision(request.tenant.currency))


def _listing(
    request: HttpRequest, wish: Wish, found: Any, words: dict[str, classes.ClassWord], views: Views
) -> dict[str, Any]:
    columns = chosen_columns(request)
    may_change = request.member.can("customers.change") and not wish.deleted
    bulk = [] if wish.deleted else _bulk_actions(request, columns)
    own_columns.fill_cells(found.page.rows, columns, request.tenant.currency)
    return {
        "key": "customers",
        "label": _("Customers"),
        "tabs": views.drawn(tabs(request, wish, words, views.all_url)),
        "view_menu": views.menu(),
        "search": {"value": wish.words, "placeholder": _("Name, phone, e-mail, pinyin, id")},
        **_chips(request, wish, words),
        "filter_menu": filter_menu(request, words),
        "columns": [
            _column(request, wish, key, label, key in columns) for key, label in arranged(columns).items()
        ],
        "usual": USUAL,
        "rearranged": is_rearranged(columns),
        **turned(found.page, lambda cursor: _with(request, cursor=cursor)),
        **counted(found.count, _noun),
        "drawn_rows": drawn(
            found.page.rows,
            Look(columns, request.tenant.currency, words, may_change, bool(bulk)),
        ),
        "count_url": "" if found.count is not None else _count_url(request),
        "clear_url": views.all_url,
        "kept": [(name, value) for name, value in _kept(request).items() if name not in ("q", "cursor")],
        "bulk": bulk,
        "empty": _empty(request, wish),
        "empty_view": _empty_view(wish),
    }


def _column(request: HttpRequest, wish: Wish, key: str, label: object, shown: bool) -> dict[str, Any]:
    own = own_columns.column_of(key)
    column = {
        "key": key,
        "label": label,
        "shown": shown,
        "fixed": key == "name",
        "numeric": own.get("numeric", key in ("spend", "orders", "at_risk")),
        "sort_url": "",
        "sorted": "",
    }
    name = own.get("sort", key)
    if name in SORTS or own.get("sort"):
        again = wish.sort == name and not wish.reverse
        column["sort_url"] = _with(request, sort=f"-{name}" if again else name, cursor=None)
        if wish.sort == name:
            column["sorted"] = "descending" if wish.order.descending else "ascending"
    return column


def _noun(found: int | None) -> str:
    return npgettext("counted", "customer", "customers", found or 0)


def _count_url(request: HttpRequest) -> str:
    return f"{reverse('customers:count')}{_with(request, cursor=None, sort=None)}"


def _chips(request: HttpRequest, wish: Wish, words: dict[str, classes.ClassWord]) -> dict[str, Any]:
    chips = [
        {
            "label": FILTERS[name].label,
            "value": _value_words(request, name, value, words),
            "remove_url": _with(request, **{name: None, "cursor": None}),
        }
        for name, value in wish.filters.items()
    ]
    chips += [
        {"label": label, "value": value, "remove_url": _with(request, **{name: None, "cursor": None})}
        for name, label, value in own_columns.chips(wish, request.tenant.currency)
    ]
    if wish.deleted:
        chips.append(
            {
                "label": _("Deleted"),
                "value": _("yes"),
                "remove_url": _with(request, deleted=None, cursor=None),
            }
        )
    error = ""
    if wish.where:
        asked, error = where_chips(wish.where, request.member, request.tenant.currency)
        edit = f"{reverse('customers:filters')}{_with(request, cursor=None)}"
        chips += [
            {
                "label": label,
                "value": value,
                "remove_url": _with(request, where=rest, cursor=None),
                "edit_url": edit,
            }
            for label, value, rest in asked
        ]
    return {"filters": chips, "filter_error": error, "left_out": left_out(LIST, request.GET)}


def _value_words(request: HttpRequest, name: str, value: str, words: dict[str, classes.ClassWord]) -> object:
    if told := FILTERS[name].told:
        return told(value)
    if name == "class":
        return words[value].name if value in words else value
    if name == "owner":
        return _owner_words(value)
    if name in ("spend_min", "spend_max") and value.isdecimal():
        return formats.money_text(int(value), request.tenant.currency, whole=True)
    choices = {
        "stage": dict(Stage.choices),
        "review": dict(Customer.Review.choices),
        "next": {"yes": _("set"), "no": _("missing")},
        "risk": {"low": _("Low"), "medium": _("Medium"), "high": _("High")},
    }
    return choices.get(name, {}).get(value, value)


def _owner_words(value: str) -> str:
    if value in ("me", "none"):
        return _("me") if value == "me" else _("nobody")
    try:
        owner = Member.objects.filter(pk=UUID(value)).first()
    except ValueError:
        return value
    return owner.display_name if owner else value


def _bulk_actions(request: HttpRequest, columns: list[str]) -> list[dict[str, Any]]:
    """What the member may do to the chosen rows; a file of them holds the columns shown."""
    offered = [
        ("customers.change", _("Assign owner"), "user-check", reverse("customers:assign"), {}),
        ("customers.change", _("Edit"), "edit", reverse("customers:edit-many"), {}),
        *_tagging(),
        ("customers.merge", _("Merge"), "arrows-join", reverse("customers:merge"), {}),
        (
            "customers.export",
            _("Export"),
            "file-export",
            reverse("new-export", args=["customers"]),
            {"columns": columns},
        ),
    ]
    actions = [
        {"label": label, "icon": icon, "url": url, "sheet": True, **more}
        for needed, label, icon, url, more in offered
        if request.member.can(needed)
    ]
    return [*actions, _bulk_delete()] if request.member.can("customers.delete") else actions


def _tagging() -> list[tuple[str, str, str, str, dict[str, Any]]]:
    """Offered where there are tags."""
    tag = ("customers.change", _("Tag"), "tags", reverse("customers:tag-many"), {})
    return [tag] if tag_fields() else []


def _bulk_delete() -> dict[str, Any]:
    return {
        "label": _("Delete"),
        "icon": "trash",
        "url": reverse("customers:delete-many"),
        "danger": True,
        "confirm": _(
            "They leave every list, and their follow-ups are no longer due. It can be undone, "
            "and each can be restored from the tab Deleted."
        ),
        "confirm_title": _("Delete these customers?"),
        "confirm_action": _("Delete"),
    }


def _empty(request: HttpRequest, wish: Wish) -> dict[str, Any]:
    if not request.member.can("customers.change"):
        return {
            "title": _("No customers yet"),
            "text": _("They appear here as soon as a colleague adds them."),
            "icon_name": "users",
        }
    return {
        "title": _("No customers yet"),
        "text": _("Everyone you serve stands here, from lead to regular, with what is next for each."),
        "icon_name": "users",
        "action_label": _("New customer"),
        "action_url": reverse("customers:new"),
        "action_icon": "plus",
        "action_sheet": True,
        "second_label": _("Import a file"),
        "second_url": reverse("customers:new-import"),
        "second_icon": "file-import",
    }


def _empty_view(wish: Wish) -> dict[str, str]:
    """What the views of deleted and of waiting customers say when they are empty."""
    if wish.words or wish.where or wish.own:
        return {}
    if wish.deleted and not wish.filters:
        return {
            "title": _("Nothing is deleted"),
            "text": _("Customers you delete stand here and can be restored."),
        }
    if dict(wish.filters) == {"review": Customer.Review.WAITING.value} and not wish.deleted:
        return {
            "title": _("Nothing waits for review"),
            "text": _("Records from outside stand here until somebody accepts, merges or rejects them."),
        }
    return {}


def _with(request: HttpRequest, **changes: str | None) -> str:
    """The list's address with some names changed; ``None`` takes one out."""
    query = _kept(request) | changes
    known = {name: value for name, value in query.items() if value is not None}
    return "?" + urlencode(known, safe=SAFE)


def _kept(request: HttpRequest) -> dict[str, str]:
    """What the address asks for, with the columns chosen now."""
    kept = {name: value for name, value in request.GET.items() if name != "columns"}
    if request.GET.getlist("columns"):
        kept["cols"] = ".".join(chosen_columns(request))
    return kept
