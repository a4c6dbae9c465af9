"""Calendar days of the company as moments: half-open ranges. An index of moments serves them, and never ``__date``."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm.models import Tenant
from crm.tenancy.context import current_tenant_id


def moments(start: date, end: date, zone: ZoneInfo | None = None) -> tuple[datetime, datetime]:
    """The first moment of ``start`` and the first after ``end``, in the company's time zone."""
    zone = zone or Tenant.objects.get(pk=current_tenant_id()).zone
    return datetime.combine(start, time(), zone), datetime.combine(end + timedelta(days=1), time(), zone)


def within(path: str, start: date, end: date, zone: ZoneInfo | None = None) -> dict[str, Any]:
    """What to filter by for the moments of these days, both included."""
    first, after = moments(start, end, zone)
    return {f"{path}__gte": first, f"{path}__lt": after}
