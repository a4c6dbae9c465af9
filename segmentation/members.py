"""Which customers a rule means."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models.expressions import RawSQL
from django.utils import timezone

from crm.models import Tenant
from crm.tenancy.context import current_tenant_id
from customers.models import Customer
from customers.models.customers import CustomerQuerySet
from segmentation.criteria import Reference, Rule, holds

_MEMBERS = """
    SELECT s.customer_id FROM customers_customerstats s
    JOIN customers_customer c ON c.tenant_id = s.tenant_id AND c.id = s.customer_id
    WHERE s.tenant_id = %s::uuid AND c.tenant_id = %s::uuid AND """


def reference_at(at: datetime | None = None) -> Reference:
    """Today, time zone, currency and horizon of the open context's company, as of a moment."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    return Reference(
        tenant.today(at or timezone.now()), tenant.timezone, tenant.currency, tenant.churn_horizon_days
    )


def customers_matching(rule: Rule, *, reference: Reference | None = None) -> CustomerQuerySet:
    """Accepted, living customers the rule holds for now, or as of ``reference``.

    Nobody where the rule asks about what is hidden from whoever wants to know.
    """
    everyone: Any = Customer.objects.accepted()
    if rule.hidden:
        return everyone.none()
    if not rule.alternatives:
        return everyone
    tenant_id = str(current_tenant_id())
    condition = holds(rule, reference or reference_at())
    params = (tenant_id, tenant_id, *condition.params)
    return everyone.filter(pk__in=RawSQL(_MEMBERS + condition.text, params))  # noqa: S611  values are parameters
