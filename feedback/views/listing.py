"""A list whose address holds its filters: tabs, chips, the sheet that asks for all of them, sorted columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from crm import answers, formats
from crm.models import Member
from crm.saved_views.lists import ListKind, asked
from crm.saved_views.menus import ALL
from customers.classes import words as class_words
from customers.selectors.keyset import Page
from customers.views.list_page import ListPage
from customers.views.listing import address
from feedback.forms import FilterForm
from feedback.selectors.narrowing import DAYS, Known


@dataclass(frozen=True)
class Facet:
    """A filter as the page offers it: by its values in words, or by a day where there are no choices.

    The values of an ``own`` one are words of the company, told as they are.
    """

    name: str
    label: str
    choices: Callable[[], Iterable[tuple[str, str]]] | None = None
    own: bool = False

    def words(self, value: str) -> str:
        if self.own:
            return value
        if self.choices is not None:
            return str(dict(self.choices()).get(value, "–"))
        try:
            return formats.day_text(date.fromisoformat(value))
        except ValueError:
            return value


def members() -> list[tuple[str, str]]:
    """Of whom one can ask; who left may still have something."""
    people = Member.objects.order_by("-active", "display_name").values_list("pk", "display_name")
    relative = [("me", _("me")), ("team", _("my team")), ("none", _("nobody"))]
    return [*relative, *((str(pk), name) for pk, name in people)]


def classes() -> list[tuple[str, str]]:
    return [(code, word.name) for code, word in class_words().items()]


def last_days() -> list[tuple[str, str]]:
    return [(days, _("in the last %(days)s days") % {"days": days}) for days in DAYS]


class FacetPage(ListPage):
    """A list that begins narrowed, by filters that one sheet asks for."""

    def __init__(self, request: HttpRequest, kind: ListKind, known: Known, facets: Sequence[Facet]) -> None:
        labels = {facet.name: facet.label for facet in facets}
        super().__init__(request, kind, known.asked(request.GET), labels, export=kind.key)
        self.known, self.facets = known, {facet.name: facet for facet in facets}

    @property
    def all_url(self) -> str:
        return f"{self.kind.url}?view={ALL}"

    @property
    def kept(self) -> dict[str, str]:
        view = {"view": str(self.views.current.view.pk)} if self.views.current else {}
        sort = self.request.GET.get("sort", "")
        return {**view, **({"sort": sort} if sort else {}), **self.asked.filters, **self.kept_columns}

    def elsewhere(self) -> HttpResponse | None:
        """Where a bare address and those of old tabs lead, so that the address tells what the list shows."""
        if self.request.htmx:
            return None
        if (first := super().elsewhere()) is not None:
            return first
        if not self.request.GET:
            return redirect(f"{self.kind.url}{address(self.known.first)}")
        old = self.request.GET.get("view") in self.known.tabs
        return redirect(f"{self.kind.url}{address(self.kept)}") if old else None

    def words(self, name: str, value: str) -> str:
        return self.facets[name].words(value)

    def narrowed(self, page: Page, rows: Any, noun: Callable[[int], str], **shape: Any) -> dict[str, Any]:
        """The listing of a page of ``rows``."""
        return self.listing(
            page,
            lambda most: rows.order_by()[:most].count(),
            noun,
            at_start=self.asked.filters == self.known.first,
            **shape,
        )

    def filter_menu(self, url: str) -> list[dict[str, Any]]:
        """The sheet of the usual filters, and the one in which any is built."""
        usual = {"label": _("Filter …"), "icon": "filter", "url": url, "sheet": True}
        return [usual, self.builder_item()]

    def columns(self, labels: Mapping[str, str]) -> dict[str, Any]:
        """Columns by name; those named as an order sort by it, and by its reverse the second time."""
        return self.table(labels, self.known.sorts)


def filter_sheet(request: HttpRequest, kind: ListKind, facets: Sequence[Facet]) -> HttpResponse:
    """All filters of a list in the sheet, as they are on the page behind it; what else it asks for stays."""
    shown = dict(parse_qsl(urlsplit(request.htmx.current_url or "").query))
    filters, sort, _columns = asked(shown)
    form = FilterForm(answers.posted(request), facets=facets, initial=filters)
    if not (form.is_bound and form.is_valid()):
        return answers.sheet(request, form, _("Filter"), lead=kind.label, submit=_("Show"))
    names = {facet.name for facet in facets}
    kept = {name: value for name, value in filters.items() if name not in names}
    view = shown.get("view", "")
    cols = {"cols": shown.get("cols", "")}
    query = address({"view": "" if view == ALL else view, "sort": sort, **kept, **form.asked(), **cols})
    return answers.go(f"{kind.url}{query if query != '?' else f'?view={ALL}'}")
