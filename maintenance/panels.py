"""Which plan applies to a customer, on the record."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.models import Member
from customers.models import Customer, FollowUp
from customers.panels import Panel, register
from maintenance.models import MaintenancePlan


def plans_of(customer: Customer, member: Member) -> dict[str, Any] | None:
    """The plans of the customer's class, each with the open follow-up it made."""
    plans = list(
        MaintenancePlan.objects.filter(active=True, customer_class__memberships__customer=customer).order_by(
            "name"
        )
    )
    if not plans:
        return None
    promised = FollowUp.objects.open().filter(customer=customer, planned__plan__in=plans)
    next_of = dict(promised.order_by("-due_at").values_list("planned__plan", "due_at"))
    return {"rows": [{"plan": plan, "due_at": next_of.get(plan.pk)} for plan in plans], "customer": customer}


register(Panel("maintenance", _("Maintenance"), "maintenance/_panel.html", plans_of, "maintenance.view", 50))
