"""Which columns the list shows, in which order; the browser remembers the member's choice."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from crm.saved_views.menus import ALL
from customers.selectors.columns import COLUMNS, USUAL
from customers.views.own_columns import own_columns

COOKIE = "tenure_columns_customers"
PATH = "/customers/"
YEAR = 31_536_000


def columns() -> dict[str, Any]:
    """Every column there is with its label: the built-in ones, then the company's own fields."""
    return COLUMNS | {key: field.label for key, field in own_columns().items()}


def chosen_columns(request: HttpRequest) -> list[str]:
    """The columns asked for now, else those of the view, else those remembered, else the usual ones.

    In the order asked for, but for the name, which is always the first.
    """
    asked = (
        request.GET.getlist("columns")
        or [key for key in request.GET.get("cols", "").split(".") if key]
        or request.COOKIES.get(COOKIE, "").split(".")
    )
    every = columns()
    known = [key for key in dict.fromkeys(asked) if key in every]
    return ["name", *[key for key in known if key != "name"]] if known else list(USUAL)


def arranged(shown: list[str]) -> dict[str, Any]:
    """Every column with its label: those shown in their order, then the others."""
    every = columns()
    return {key: every[key] for key in shown} | every


def remember_columns(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if request.GET.getlist("columns") and request.GET.get("view", ALL) in ("", ALL):
        chosen = chosen_columns(request)
        if not is_rearranged(chosen):
            response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
            return response
        value = ".".join(chosen)
        response.set_cookie(COOKIE, value, max_age=YEAR, samesite="Lax", httponly=True, path=PATH)
    return response


def is_rearranged(shown: list[str]) -> bool:
    """Whether the columns are others than the usual ones, or in another order."""
    return shown != [*USUAL]
