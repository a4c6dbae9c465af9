"""Open tickets and satisfaction on the customer's record."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.models import Member
from customers.models import Customer
from customers.panels import Panel, register


def tickets(customer: Customer, member: Member) -> dict[str, Any] | None:
    """The newest tickets; open ones first."""
    rows = list(customer.tickets.order_by("resolved_at", "-opened_at")[:5])
    return {
        "customer": customer,
        "tickets": sorted(rows, key=lambda t: (t.resolved_at is not None, -t.number)),
    }


def satisfaction(customer: Customer, member: Member) -> dict[str, Any] | None:
    """The last answers to surveys; nothing where there are none."""
    responses = list(customer.survey_responses.select_related("survey")[:3])
    return {"customer": customer, "responses": responses} if responses else None


register(Panel("tickets", _("Tickets"), "feedback/panels/tickets.html", tickets, "feedback.view", 40))
register(
    Panel(
        "satisfaction",
        _("Satisfaction"),
        "feedback/panels/satisfaction.html",
        satisfaction,
        "feedback.view",
        50,
    )
)
