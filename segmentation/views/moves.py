"""The history of moves between classes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.access import needs
from customers.selectors.keyset import Page
from customers.views.listing import address, fixed_columns, listing_of
from segmentation.models import CustomerClass
from segmentation.selectors.moves import moves_page
from segmentation.views.tabs import tabs


@needs("segments.view")
def index(request: HttpRequest) -> HttpResponse:
    classes = {one.code: one for one in CustomerClass.objects.all()}
    asked = {name: request.GET[name] for name in ("to", "from") if request.GET.get(name) in classes}
    page = moves_page(
        request.member,
        to=classes.get(asked.get("to", "")),
        left=classes.get(asked.get("from", "")),
        cursor=request.GET.get("cursor", ""),
    )
    context = {"tabs": tabs("moves"), "listing": _listing(page, classes, asked)}
    return render(request, "segmentation/moves.html", context)


def _listing(page: Page, classes: dict[str, CustomerClass], asked: dict[str, str]) -> dict[str, object]:
    words = {"to": _("Moved to"), "from": _("Moved from")}
    labels = {
        "customer": _("Customer"),
        "from": pgettext("class", "From"),
        "to": pgettext("class", "To"),
        "why": _("Why"),
        "by": pgettext("member", "By"),
        "when": _("When"),
    }
    return listing_of(
        page,
        asked=asked,
        key="moves",
        label=_("Moves between classes"),
        row_template="segmentation/_move_row.html",
        filters=[
            {"label": words[name], "value": classes[code].name, "remove_url": address(asked, **{name: None})}
            for name, code in asked.items()
        ],
        filter_menu=[
            {"label": f"{words[name]}: {one.name}", "url": address(asked, **{name: code})}
            for name in ("to", "from")
            for code, one in classes.items()
        ],
        empty={
            "title": _("Nobody has moved yet"),
            "text": _(
                "Each night every customer is looked at again; who changes class stands here with the reason."
            ),
            "icon_name": "arrows-exchange",
        },
        **fixed_columns(labels),
    )
