"""The history of moves between classes."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.access import needs
from segmentation.models import CustomerClass
from segmentation.selectors.moves import MovesPage, moves_page
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
    context = {"tabs": tabs("moves"), "listing": _listing(request, page, classes, asked)}
    return render(request, "segmentation/moves.html", context)


def _listing(
    request: HttpRequest, page: MovesPage, classes: dict[str, CustomerClass], asked: dict[str, str]
) -> dict[str, object]:
    words = {"to": _("Moved to"), "from": _("Moved from")}
    labels = (
        _("Customer"),
        pgettext("class", "From"),
        pgettext("class", "To"),
        _("Why"),
        pgettext("member", "By"),
        _("When"),
    )
    return {
        "key": "moves",
        "label": _("Moves between classes"),
        "columns": [{"key": str(index), "label": label, "fixed": True} for index, label in enumerate(labels)],
        "column_choice": False,
        "rows": page.rows,
        "row_template": "segmentation/_move_row.html",
        "filters": [
            {"label": words[name], "value": classes[code].name, "remove_url": _url(asked, **{name: None})}
            for name, code in asked.items()
        ],
        "filter_menu": [
            {"label": f"{words[name]}: {one.name}", "url": _url(asked, **{name: code})}
            for name in ("to", "from")
            for code, one in classes.items()
        ],
        "clear_url": "?",
        "previous_url": _url(asked) if request.GET.get("cursor") else "",
        "next_url": _url(asked, cursor=page.next_cursor) if page.next_cursor else "",
        "empty": {
            "title": _("Nobody has moved yet"),
            "text": _(
                "Each night every customer is looked at again; who changes class stands here with the reason."
            ),
            "icon_name": "arrows-exchange",
        },
    }


def _url(asked: dict[str, str], **changes: str | None) -> str:
    return "?" + urlencode({name: value for name, value in (asked | changes).items() if value})
