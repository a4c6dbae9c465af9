"""Who may leave, what it is worth, and why."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import npgettext
from django.views.decorators.http import require_GET

from crm.access import needs
from customers import classes
from customers.views.finding import customer_or_404
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
    labels = (_("Customer"), _("Class"), _("Risk"), _("Why"), _("Owner"), _("Value at risk"))
    risks = dict(Risk.choices)
    values = {
        "risk": lambda value: risks.get(value, value),
        "class": lambda value: known[value].name if value in known else value,
        "owner": lambda value: {"me": _("me"), "none": _("nobody")}.get(value, value),
    }
    names = {"risk": _("Risk"), "class": _("Class"), "owner": _("Owner")}
    return {
        "key": "at-risk",
        "label": _("Customers by value at risk"),
        "columns": [
            {"key": str(place), "label": label, "fixed": True, "numeric": place == 5}
            for place, label in enumerate(labels)
        ],
        "column_choice": False,
        "rows": found.page.rows,
        "row_template": "retention/_row.html",
        "filters": [
            {"label": names[name], "value": values[name](value), "remove_url": _url(filters, **{name: ""})}
            for name, value in filters.items()
        ],
        "filter_menu": _menu(filters, known),
        "clear_url": request.path,
        "count": found.count,
        "count_limit": 10_000,
        "count_text": npgettext("counted", "customer", "customers", found.count),
        "previous_url": _url(filters, cursor=found.page.previous) if found.page.previous else "",
        "next_url": _url(filters, cursor=found.page.next) if found.page.next else "",
        "empty": {
            "title": _("No scores yet"),
            "text": _(
                "Every night each customer's chance of buying nothing is worked out from the purchases."
            ),
            "icon_name": "shield-heart",
        },
    }


def _menu(filters: dict[str, str], known: dict[str, classes.ClassWord]) -> list[dict[str, str]]:
    risks = [
        {"label": _("Risk: %(risk)s") % {"risk": label}, "url": _url(filters, risk=value)}
        for value, label in reversed(Risk.choices)
    ]
    found = [
        {"label": _("Class: %(name)s") % {"name": word.name}, "url": _url(filters, **{"class": word.code})}
        for word in known.values()
    ]
    owners = [
        {"label": _("My customers"), "url": _url(filters, owner="me")},
        {"label": _("Without an owner"), "url": _url(filters, owner="none")},
    ]
    return [*risks, *found, *owners]


def _url(filters: dict[str, str], **changes: str) -> str:
    return "?" + urlencode({name: value for name, value in (filters | changes).items() if value})
