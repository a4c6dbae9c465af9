"""Warnings on the customer's timeline: when they opened, when and why they closed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from crm.models import Tenant
from crm.tenancy.context import current_tenant_id
from customers.models import Customer
from customers.timeline import Entry, register
from retention import words
from retention.models import Warning


def warnings(customer: Customer, before: datetime | None, limit: int) -> Iterable[Entry]:
    """The newest openings before a moment, each with its reasons and how it ended."""
    found = Warning.objects.filter(customer=customer).select_related("closed_by").order_by("-opened_at")
    if before is not None:
        found = found.filter(opened_at__lt=before)
    warnings = list(found[:limit])
    if not warnings:
        return
    currency = Tenant.objects.values_list("currency", flat=True).get(pk=current_tenant_id())
    for warning in warnings:
        told = words.raising(warning.reasons, currency)
        if warning.closed_at:
            ended = _("Closed: %(why)s") % {"why": warning.get_close_reason_display()}
            told.append(f"{ended} · {warning.note}" if warning.note else ended)
        yield Entry(
            key=f"warning-{warning.pk}",
            kind="warning",
            at=warning.opened_at,
            title=_("Early warning: %(trigger)s") % {"trigger": warning.get_trigger_display()},
            text="\n".join(told),
            author=str(warning.closed_by or ""),
            icon="shield-heart",
            tone="" if warning.closed_at else "warn",
        )


register("warning", warnings)
