"""The RFM map: every square opens the customers behind it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import needs
from crm.formats import number_text
from segmentation.selectors.overview import Cell, rfm_groups, rfm_map
from segmentation.views.tabs import tabs


@needs("segments.view")
def index(request: HttpRequest) -> HttpResponse:
    rows, counted = rfm_map()
    context = {
        "tabs": tabs("rfm"),
        "currency": request.tenant.currency,
        "rows": rows,
        "groups": rfm_groups(rows),
        "counted": counted,
        "spec": _spec(rows),
        "answer": _answer(rows, counted.total),
    }
    return render(request, "segmentation/rfm.html", context)


def _spec(rows: list[list[Cell]]) -> dict[str, object]:
    customers = reverse("customers:list")
    return {
        "kind": "heatmap",
        "urls": [f"{customers}?rfm_cell={cell.key}" for row in rows for cell in row],
        "x": [str(fm) for fm in range(1, 6)],
        "x_label": _("Frequency and value"),
        "y_label": _("Customers"),
        "series": [
            {
                "name": _("Recency %(score)s") % {"score": row[0].recency},
                "values": [cell.customers for cell in row],
            }
            for row in rows
        ],
    }


def _answer(rows: list[list[Cell]], total: int) -> str:
    """The one sentence a reader should take away."""
    if not total:
        return ""
    slipping = sum(c.customers for row in rows for c in row if c.segment in ("at_risk", "cannot_lose"))
    best = sum(c.customers for row in rows for c in row if c.segment == "champions")
    return _(
        "%(best)s of %(total)s buyers are champions; %(slipping)s once good ones have not come back."
    ) % {
        "best": number_text(best),
        "total": number_text(total),
        "slipping": number_text(slipping),
    }
