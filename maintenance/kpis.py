"""Is every customer looked after?"""

from __future__ import annotations

from datetime import datetime, time

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.kpis import Kpi, Period, Value, register
from crm.models import Tenant
from crm.tenancy.context import current_tenant_id
from maintenance.models import MaintenancePlan
from maintenance.selectors.coverage import coverage_of, forgotten_customers

COUNTED = 10_000


def coverage(period: Period) -> Value | None:
    """Share of what the plans owe that has been done or is promised, as of the period's end."""
    rows = coverage_of(MaintenancePlan.objects.filter(active=True), at=_end_of(period))
    customers = sum(row.customers for row in rows)
    return Value(sum(row.covered for row in rows) / customers, customers) if customers else None


def forgotten(period: Period) -> Value | None:
    """Important customers without a next step and without a contact for long."""
    count = forgotten_customers(_end_of(period)).at_most(COUNTED)
    return Value(count, count)


def _end_of(period: Period) -> datetime:
    zone = Tenant.objects.get(pk=current_tenant_id()).zone
    return min(timezone.now(), datetime.combine(period.end, time.max, zone))


register(
    Kpi(
        "maintenance-coverage",
        _("Coverage"),
        _("Does every customer get the contact their plan promises?"),
        coverage,
        url="/maintenance/",
        order=40,
    )
)
register(
    Kpi(
        "forgotten-customers",
        _("Forgotten customers"),
        _("Whom have we lost sight of?"),
        forgotten,
        unit="count",
        better="down",
        url="/maintenance/forgotten/",
        order=41,
    )
)
