"""How a page of rows becomes the ``listing`` that ``ui/list.html`` draws: the same for every list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from customers.selectors.keyset import Page

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
