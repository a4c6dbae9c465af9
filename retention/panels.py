"""The chance of leaving on the customer's record."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.models import Member, Tenant
from crm.tenancy.context import current_tenant_id
from customers.models import Customer
from customers.panels import Panel, register
from retention.selectors.overview import standing_of


def chance(customer: Customer, member: Member) -> dict[str, Any] | None:
    standing = standing_of(customer.pk, Tenant.objects.get(pk=current_tenant_id()))
    if standing is None:
        return None
    return {"standing": standing, "customer": customer, "may_act": member.can("retention.change")}


register(Panel("churn", _("Chance of leaving"), "retention/_card.html", chance, "retention.view", 10))
