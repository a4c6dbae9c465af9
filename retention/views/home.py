"""Who may leave, what it is worth, and why."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import npgettext
from django.views.decorators.http import require_GET

from crm.access import needs
from customers import classes
from customers.views.finding import customer_or_404
from customers.views.listing import address, counted, fixed_columns, listing_of
from retention import words
from retention.models.scores import Risk
from retention.selectors import overview

FILTERS = ("risk", "class", "owner")


@require_GET
@needs("retention.view")
def home(request: HttpRequest) -> HttpResponse:
    """Value at risk over time, open warnings, and the customers by value at risk."""
    run = overview.newest_run()
    filters = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    found = overview.at_risk(
        request.member, request.tenant, run, filters=filters, cursor=request.GET.get("cursor", "")
    )
    page = {
        "run": run,
        "level": words.level_name(run.level) if run else "",
        "because": words.level_because(run.explanation.get("why", "")) if run else "",
        "hint": words.horizon_hint(run) if run else "",
        "course": overview.course(run, request.tenant) if run else None,
        "warnings": overview.open_warnings(request.member, request.tenant),
        "may_act": request.member.can("retention.change"),
        "listing": _listing(request, found, filters),
    }
    return render(request, "retention/home.html", page)


@require_GET
@needs("retention.view")
def why(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The reasons behind one customer's score, for the popover."""
    standing = overview.standing_of(customer_or_404(request, pk).pk, request.tenant)
    return render(request, "retention/_why.html", {"standing": standing})


def _listing(request: HttpRequest, found: overview.AtRisk, filters: dict[str, str]) -> dict[str, object]:
    known = classes.words()
    for row in found.page.rows:
        row.class_word = known.get(row.class_code)
    labels = {
        "customer": _("Customer"),
        "class": _("Class"),
        "risk": _("Risk"),
        "why": _("Why"),
        "owner": _("Owner"),
        "value": _("Value at risk"),
    }
    risks = dict(Risk.choices)
    values = {
        "risk": lambda value: risks.get(value, value),
        "class": lambda value: known[value].name if value in known else value,
        "owner": lambda value: {"me": _("me"), "none": _("nobody")}.get(value, value),
    }
    names = {"risk": _("Risk"), "class": _("Class"), "owner": _("Owner")}
    return listing_of(
        found.page,
        asked=filters,
        key="at-risk",
        label=_("Customers by value at risk"),
        row_template="retention/_row.html",
        filters=[
            {"label": names[name], "value": values[name](value), "remove_url": address(filters, **{name: ""})}
            for name, value in filters.items()
        ],
        filter_menu=_menu(filters, known),
        empty={
            "title": _("No scores yet"),
            "text": _(
                "Every night each customer's chance of buying nothing is worked out from the purchases."
            ),
            "icon_name": "shield-heart",
        },
        **fixed_columns(labels, numeric=("value",)),
        **counted(found.count, lambda count: npgettext("counted", "customer", "customers", count)),
    )


def _menu(filters: dict[str, str], known: dict[str, classes.ClassWord]) -> list[dict[str, str]]:
    risks = [
        {"label": _("Risk: %(risk)s") % {"risk": label}, "url": address(filters, risk=value)}
        for value, label in reversed(Risk.choices)
    ]
    found = [
        {"label": _("Class: %(name)s") % {"name": word.name}, "url": address(filters, **{"class": word.code})}
        for word in known.values()
    ]
    owners = [
        {"label": _("My customers"), "url": address(filters, owner="me")},
        {"label": _("Without an owner"), "url": address(filters, owner="none")},
    ]
    return [*risks, *found, *owners]
