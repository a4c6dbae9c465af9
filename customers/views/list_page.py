"""A page that is one list: the views a member keeps of it, what its address asks for, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm.addresses import reverse
from crm.exports.menus import export_menu
from crm.models import Member
from crm.saved_views.lists import ListKind, left_out
from crm.saved_views.menus import ALL, Views
from customers.selectors.keyset import Page
from customers.selectors.plain import Asked
from customers.views import listing as lists
from customers.views.filters import where_chips
from customers.views.listing import COUNTED, address, counted, listing_of

YEAR = 31_536_000


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
        return lists.kept(self.request.GET, self.asked.filters) | self.kept_columns

    @property
    def kept_columns(self) -> dict[str, str]:
        """Columns chosen by the address stay in it."""
        named = self.request.GET.getlist("columns") or self.request.GET.get("cols")
        return {"cols": ".".join(self.shown)} if named else {}

    @cached_property
    def shown(self) -> list[str]:
        """The columns asked for now, else those of the view, else those remembered, else all, in the order asked for.

        The list's first column is always the first.
        """
        query, every = self.request.GET, self.kind.columns
        remembered = "" if self._in_view else self.request.COOKIES.get(self._cookie, "")
        asked = query.getlist("columns") or (query.get("cols") or remembered).split(".")
        known = [key for key in dict.fromkeys(asked) if key in every]
        return [every[0], *(key for key in known if key != every[0])] if known else [*every]

    @property
    def rearranged(self) -> bool:
        """Whether the columns are others than the list's usual ones, or in another order."""
        return self.shown != [*self.kind.columns]

    @property
    def _in_view(self) -> bool:
        return self.request.GET.get("view", ALL) not in ("", ALL)

    @property
    def _cookie(self) -> str:
        return f"tenure_columns_{self.kind.key}"

    def elsewhere(self) -> HttpResponse | None:
        """Where a bare address leads, if to a view."""
        return self.views.first_page(self.request)  # type: ignore[no-any-return]

    def words(self, name: str, value: str) -> str:
        """A filter's value in words."""
        return value

    def tabs(self, choices: Iterable[tuple[Any, Mapping[str, str]]]) -> list[dict[str, Any]]:
        """The tabs everyone has, then the views."""
        return self.views.drawn(lists.view_tabs(choices, self.asked.filters, self.all_url))

    def table(
        self,
        labels: Mapping[str, Any],
        sorts: Container[str],
        *,
        numeric: tuple[str, ...] = (),
        same: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The columns one may choose from, those shown first; a click sorts by those of ``sorts``. ``same`` names those
        that stand in for another and are chosen with it.
        """
        found = lists.sorted_columns(labels, sorts, self.asked, self.kept, numeric=numeric)["columns"]
        first = self.kind.columns[0]
        for column in found:
            key = (same or {}).get(column["key"], column["key"])
            column |= {"key": key, "fixed": key == first, "shown": key in self.shown}
        place = {key: number for number, key in enumerate(self.shown)}
        return {
            "columns": sorted(found, key=lambda column: place.get(column["key"], len(place))),
            "shown": self.shown,
            "labels": {column["key"]: column["label"] for column in found},
            "usual": self.kind.columns,
            "rearranged": self.rearranged,
        }

    def listing(
        self, page: Page, counting: Callable[[int], int], noun: Callable[[int], str], **shape: Any
    ) -> dict[str, Any]:
        """What ``ui/list.html`` draws; ``counting(most)`` is asked where one page does not hold all."""
        kept, whole = self.kept, not page.previous and not page.next
        count = len(page.rows) if whole else counting(COUNTED + 1)
        chips = lists.chips(self.labels, self.asked.filters, kept, self.words, self.all_url)
        asked, error = self._asked_where()
        if self.rearranged:
            shape["bulk"] = [
                one | {"columns": self.shown} if one.get("as_shown") else one for one in shape.get("bulk", ())
            ]
        listing = listing_of(
            page,
            asked=kept,
            key=self.kind.key,
            label=self.kind.label,
            view_menu=self.views.menu(),
            filters=chips + asked,
            filter_error=error,
            **counted(count, noun),
            **shape,
        )
        return listing | {
            "clear_url": self.all_url,
            "left_out": left_out(self.kind, self.request.GET),
            "kept": [(name, value) for name, value in kept.items() if name != "q"],
        }

    def _asked_where(self) -> tuple[list[dict[str, Any]], str]:
        """A chip for each thing that the built filter asks, and what is wrong with it."""
        where, catalogue = self.asked.filters.get("where", ""), self.kind.catalogue
        if not where or catalogue is None:
            return [], ""
        currency = self.request.tenant.currency
        told, error = where_chips(where, self.request.member, currency, catalogue.named)
        edit = self.builder_item()["url"]
        return [
            {
                "label": label,
                "value": value,
                "remove_url": address(self.kept, where=rest).removesuffix("?") or self.all_url,
                "edit_url": edit,
            }
            for label, value, rest in told
        ], error

    def builder_item(self) -> dict[str, Any]:
        """The menu's item for the sheet in which any filter is built."""
        query = address(self.kept).removesuffix("?")
        return {
            "label": _("Build a filter …"),
            "icon": "adjustments-horizontal",
            "url": f"{reverse('customers:list-filters', args=[self.kind.key])}{query}",
            "sheet": True,
            "key": "f",
        }

    def quick_filters(self, choices: Sequence[tuple[str, str, str]]) -> list[dict[str, Any]]:
        """The sheet that builds any filter, and an item for each (filter, value, icon): one click narrows by it."""
        return [
            self.builder_item(),
            *(
                {
                    "label": f"{self.labels[name]}: {self.words(name, value)}",
                    "icon": icon,
                    "url": address(self.kept, **{name: value}),
                }
                for name, value, icon in choices
            ),
        ]

    def answer(
        self, listing: dict[str, Any], template: str = "list_page.html", **around: Any
    ) -> HttpResponse:
        """The page, or what of it changes with its filters."""
        part = self.request.htmx and self.request.htmx.target == f"list-body-{listing['key']}"
        more = export_menu(self.request.member, self.export, self._as_shown) if self.export else []
        context = {"listing": listing, "more": more, **around}
        response = render(self.request, "ui/list_body.html" if part else template, context)
        response["Vary"] = "HX-Request"
        if self.request.GET.getlist("columns") and not self._in_view:
            self._remember(response)
        return response

    @property
    def _as_shown(self) -> list[tuple[str, str]]:
        """What a file of the list is told: what the address asks for, and the columns where they are not the usual."""
        kept = [(name, value) for name, value in self.kept.items() if name != "cols"]
        return kept + [("columns", key) for key in self.shown if self.rearranged]

    def _remember(self, response: HttpResponse) -> None:
        path = self.kind.url
        if not self.rearranged:
            response.delete_cookie(self._cookie, path=path, samesite="Lax")
            return
        value = ".".join(self.shown)
        response.set_cookie(self._cookie, value, max_age=YEAR, samesite="Lax", httponly=True, path=path)


def export_of_chosen(member: Member, name: str) -> list[dict[str, Any]]:
    """The bulk action that makes a file of the chosen rows, or of all that match."""
    return [
        {
            "label": item["label"],
            "icon": item["icon"],
            "url": reverse("new-export", args=[name]),
            "sheet": True,
            "as_shown": True,
        }
        for item in export_menu(member, name, ())
    ]
