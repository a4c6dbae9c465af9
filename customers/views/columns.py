"""Which columns the list shows; the browser remembers the member's choice."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.views.own_columns import own_columns

COOKIE = "tenure_columns_customers"
YEAR = 31_536_000

COLUMNS = {
    "name": _("Name"),
    "class": _("Class"),
    "stage": _("Stage"),
    "owner": _("Owner"),
    "next_step": _("Next step"),
    "last_contact": _("Last contact"),
    "last_purchase": _("Last purchase"),
    "spend": _("Spent"),
    "orders": _("Purchases"),
    "risk": _("Risk"),
    "at_risk": _("Value at risk"),
    "industry": _("Industry"),
    "region": _("Region"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "source": _("Source"),
    "created": pgettext_lazy("date", "Created"),
}
USUAL = ("name", "class", "stage", "owner", "next_step", "last_purchase", "spend", "risk")


def columns() -> dict[str, Any]:
    """Every column there is with its label: the built-in ones, then the company's own fields."""
    return COLUMNS | {key: field.label for key, field in own_columns().items()}


def chosen_columns(request: HttpRequest) -> list[str]:
    """The columns asked for now, else those remembered, else the usual ones; the name is always among them."""
    asked = request.GET.getlist("columns") or request.COOKIES.get(COOKIE, "").split(".")
    known = [key for key in columns() if key in asked]
    return ["name", *[key for key in known if key != "name"]] if known else list(USUAL)


def remember_columns(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if request.GET.getlist("columns"):
        value = ".".join(chosen_columns(request))
        response.set_cookie(COOKIE, value, max_age=YEAR, samesite="Lax", httponly=True, path="/customers/")
    return response
