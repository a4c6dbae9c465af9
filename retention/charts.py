"""Are we keeping our customers? Of those who first bought in a quarter, how many bought in each later one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.dashboard.charts import Answer, Question, register
from crm.formats import percent_text
from crm.kpis import Period
from crm.models import Tenant

QUARTERS = 8

_COHORTS = """
SELECT ((extract(year FROM s.first_purchase_on) * 4 + extract(quarter FROM s.first_purchase_on) - 1)::int) AS born,
       (extract(year FROM d.day) * 4 + extract(quarter FROM d.day) - 1)::int AS quarter, count(DISTINCT p.customer_id)
FROM customers_purchase p
JOIN customers_customerstats s ON s.tenant_id = %(tenant)s::uuid AND s.customer_id = p.customer_id
CROSS JOIN LATERAL (SELECT (p.purchased_at AT TIME ZONE %(zone)s)::date AS day) d
WHERE p.tenant_id = %(tenant)s::uuid AND p.purchased_at >= %(since)s AND d.day <= %(until)s
  AND s.first_purchase_on >= %(since)s AND p.amount > 0
GROUP BY 1, 2
"""


def _number(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


def _name(number: int) -> str:
    return _("%(year)s Q%(quarter)s") % {"year": number // 4, "quarter": number % 4 + 1}


def kept(period: Period, tenant: Tenant) -> Answer | None:
    """A heat map: one row per quarter of first purchase, one column per quarter since."""
    last = _number(period.end)
    first = last - QUARTERS + 1
    found = _cohorts(tenant, date(first // 4, first % 4 * 3 + 1, 1), period.end)
    born = [number for number in range(first, last + 1) if found.get((number, number))]
    if len(born) < 2:
        return None
    series: list[dict[str, Any]] = [{"name": _name(one), "values": _shares(found, one, last)} for one in born]
    spec = {
        "kind": "heatmap",
        "x": [str(step) for step in range(QUARTERS)],
        "x_label": _("Quarters since the first purchase"),
        "unit": "percent",
        "series": series,
    }
    return Answer(spec, _sentence(found, born, last), "/retention/")


def _cohorts(tenant: Tenant, since: date, until: date) -> dict[tuple[int, int], int]:
    parameters: dict[str, Any] = {
        "tenant": str(tenant.pk),
        "zone": tenant.timezone,
        "since": since,
        "until": until,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COHORTS, parameters)
        return {(born, quarter): count for born, quarter, count in cursor.fetchall()}


def _shares(found: dict[tuple[int, int], int], born: int, last: int) -> list[float | None]:
    size = found[born, born]
    return [
        found.get((born, born + step), 0) / size if born + step <= last else None for step in range(QUARTERS)
    ]


def _sentence(found: dict[tuple[int, int], int], born: list[int], last: int) -> str:
    """The share of all newcomers that bought in the quarter after their first."""
    old = [one for one in born if one < last]
    size = sum(found[one, one] for one in old)
    again = sum(found.get((one, one + 1), 0) for one in old)
    return _("Of those who were new, %(share)s bought again in the next quarter.") % {
        "share": percent_text(again / size if size else 0)
    }


register(Question("kept", gettext_lazy("Are we keeping our customers?"), kept, 20))
