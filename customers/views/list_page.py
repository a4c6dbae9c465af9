"""A page that is one list: the views a member keeps of it, what its address asks for, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from crm.exports.menus import export_menu
from crm.models import Member
from crm.saved_views.lists import ListKind
from crm.saved_views.menus import Views
from customers.selectors.keyset import Page
from customers.selectors.plain import Asked
from customers.views import listing as lists
from customers.views.listing import COUNTED, address, counted, listing_of


class ListPage:
    """One answer of a list whose address holds its filters; ``labels`` names them as their chips do."""

    def __init__(
        self, request: HttpRequest, kind: ListKind, asked: Asked, labels: Mapping[str, str], export: str = ""
    ) -> None:
        self.request, self.kind, self.asked, self.labels = request, kind, asked, labels
        self.export = export
        self.views = Views(kind, request)

    @property
    def all_url(self) -> str:
        """The list with nothing asked for."""
        return self.views.all_url

    @property
    def kept(self) -> dict[str, str]:
        """What the address asks for and stays from page to page."""
        return lists.kept(self.request.GET, self.asked.filters)

    def elsewhere(self) -> HttpResponse | None:
        """Where a bare address leads, if to a view."""
        return self.views.first_page(self.request)  # type: ignore[no-any-return]

    def words(self, name: str, value: str) -> str:
        """A filter's value in words."""
        return value

    def tabs(self, choices: Iterable[tuple[Any, Mapping[str, str]]]) -> list[dict[str, Any]]:
        """The tabs everyone has, then the views."""
        return self.views.drawn(lists.view_tabs(choices, self.asked.filters, self.all_url))

    def listing(
        self, page: Page, counting: Callable[[int], int], noun: Callable[[int], str], **shape: Any
    ) -> dict[str, Any]:
        """What ``ui/list.html`` draws; ``counting(most)`` is asked where one page does not hold all."""
        kept, whole = self.kept, not page.previous and not page.next
        count = len(page.rows) if whole else counting(COUNTED + 1)
        listing = listing_of(
            page,
            asked=kept,
            key=self.kind.key,
            label=self.kind.label,
            view_menu=self.views.menu(),
            filters=lists.chips(self.labels, self.asked.filters, kept, self.words, self.all_url),
            **counted(count, noun),
            **shape,
        )
        return listing | {
            "clear_url": self.all_url,
            "kept": [(name, value) for name, value in kept.items() if name != "q"],
        }

    def quick_filters(self, choices: Sequence[tuple[str, str, str]]) -> list[dict[str, Any]]:
        """A menu's item for each (filter, value, icon): one click narrows the list by it."""
        return [
            {
                "label": f"{self.labels[name]}: {self.words(name, value)}",
                "icon": icon,
                "url": address(self.kept, **{name: value}),
            }
            for name, value, icon in choices
        ]

    def answer(
        self, listing: dict[str, Any], template: str = "list_page.html", **around: Any
    ) -> HttpResponse:
        """The page, or what of it changes with its filters."""
        part = self.request.htmx and self.request.htmx.target == f"list-body-{listing['key']}"
        more = export_menu(self.request.member, self.export, self.kept.items()) if self.export else []
        context = {"listing": listing, "more": more, **around}
        response = render(self.request, "ui/list_body.html" if part else template, context)
        response["Vary"] = "HX-Request"
        return response


def export_of_chosen(member: Member, name: str) -> list[dict[str, Any]]:
    """The bulk action that makes a file of the chosen rows, or of all that match."""
    return [
        {
            "label": item["label"],
            "icon": item["icon"],
            "url": reverse("new-export", args=[name]),
            "sheet": True,
        }
        for item in export_menu(member, name, ())
    ]
