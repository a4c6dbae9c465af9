"""How a page of rows becomes the ``listing`` that ``ui/list.html`` draws: the same for every list."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from crm.models import Member
from customers.selectors.keyset import Page
from customers.selectors.plain import Asked

COUNTED = 10_000


def address(asked: Mapping[str, str], **changes: str | None) -> str:
    """The same list with some of what it asks for changed; what is empty is left out."""
    return "?" + urlencode({name: value for name, value in {**asked, **changes}.items() if value})


def turned(page: Page, to: Callable[[str], str]) -> dict[str, Any]:
    """The rows of a page and the ways to the pages beside it; ``to`` gives the address of a cursor."""
    return {
        "rows": page.rows,
        "previous_url": to(page.previous) if page.previous else "",
        "next_url": to(page.next) if page.next else "",
    }


def counted(count: int | None, noun: Callable[[int], str]) -> dict[str, Any]:
    """How many rows there are, at most ``COUNTED`` and one; ``None``: not told."""
    return {"count": count, "count_limit": COUNTED, "count_text": noun(count or 0)}


def fixed_columns(labels: Mapping[str, Any], *, numeric: tuple[str, ...] = ()) -> dict[str, Any]:
    """Columns that are always there."""
    columns = [
        {"key": key, "label": label, "fixed": True, "numeric": key in numeric}
        for key, label in labels.items()
    ]
    return {"columns": columns, "column_choice": False}


def listing_of(page: Page, *, asked: Mapping[str, str], **shape: Any) -> dict[str, Any]:
    """A list whose address asks for ``asked`` and a cursor; what it asks for stays from page to page."""
    return {
        **turned(page, lambda cursor: address(asked, cursor=cursor)),
        "kept": list(asked.items()),
        "clear_url": "?",
        **shape,
    }


def owner_said(value: str) -> str:
    """Whose, in words; one query for a member's name."""
    known = {"me": _("me"), "team": _("my team"), "none": _("nobody")}.get(value)
    return known or next((m.display_name for m in Member.objects.all() if str(m.pk) == value), value)


def kept(query: Mapping[str, str], filters: Mapping[str, str]) -> dict[str, str]:
    """What of an address stays while its list is narrowed, sorted and paged: the view, the order, the filters."""
    return {name: query[name] for name in ("view", "sort") if query.get(name)} | dict(filters)


def view_tabs(
    choices: Iterable[tuple[Any, Mapping[str, str]]], filters: Mapping[str, str], all_url: str
) -> list[dict[str, Any]]:
    """The views everyone has, each an address; the one that asks for nothing is ``all_url``. To search leaves none."""
    here = {name: value for name, value in filters.items() if name != "q"}
    return [
        {"label": label, "url": address(query) if query else all_url, "current": query == here}
        for label, query in choices
    ]


def chips(
    labels: Mapping[str, Any],
    filters: Mapping[str, str],
    kept: Mapping[str, str],
    words: Callable[[str, str], str],
    all_url: str,
) -> list[dict[str, Any]]:
    """The filters at work, each to be taken away; ``words(name, value)`` says one. Without the last, all is shown."""
    return [
        {
            "label": label,
            "value": words(name, filters[name]),
            "remove_url": address(kept, **{name: None}).removesuffix("?") or all_url,
        }
        for name, label in labels.items()
        if name in filters
    ]


def sorted_columns(
    labels: Mapping[str, Any],
    sorts: Container[str],
    asked: Asked,
    kept: Mapping[str, str],
    *,
    numeric: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Columns that are always there; a click sorts by those of ``sorts``, another the other way round."""
    columns = []
    for key, label in labels.items():
        column: dict[str, Any] = {"key": key, "label": label, "fixed": True, "numeric": key in numeric}
        if key in sorts:
            again = asked.sort == key and not asked.reverse
            column["sort_url"] = address(kept, sort=f"-{key}" if again else key)
            if asked.sort == key:
                column["sorted"] = "descending" if asked.order.descending else "ascending"
        columns.append(column)
    return {"columns": columns, "column_choice": False}
