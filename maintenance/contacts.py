"""What counts as keeping in touch: SQL shared by making follow-ups and measuring coverage."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from crm.models import Tenant
from customers.models.interactions import Channel
from maintenance.models import MaintenancePlan
from maintenance.periods import Period, period_of

# A visit is more than a call, a call more than a message: more than was planned counts too.
STRENGTH = {Channel.VISIT: 3, Channel.PHONE: 2}


def strength_of(channel: str) -> int:
    return STRENGTH.get(Channel(channel), 1)


# Members of the plan's class: c is the customer, own the customer's owner.
OF_THE_CLASS = """
    FROM segmentation_classmembership m
    JOIN customers_customer c ON c.tenant_id = m.tenant_id AND c.id = m.customer_id
    LEFT JOIN crm_member own ON own.tenant_id = c.tenant_id AND own.id = c.owner_id
    WHERE m.tenant_id = %(tenant)s::uuid AND c.tenant_id = %(tenant)s::uuid
    AND m.customer_class_id = %(class)s::uuid AND c.deleted_at IS NULL AND c.review = 'accepted'
"""

# c was contacted in the period as the plan wants, or in a stronger way.
CONTACTED = """
    EXISTS (
        SELECT FROM customers_interaction i
        WHERE i.tenant_id = %(tenant)s::uuid AND i.customer_id = c.id
        AND i.happened_at >= %(from)s AND i.happened_at <= %(at)s AND i.kind <> 'note'
        AND CASE i.kind WHEN 'visit' THEN 3 WHEN 'call' THEN 2 ELSE 1 END >= %(strength)s
    )
"""

# c has an open follow-up that will do, promised for the period or overdue; to check an address is not to keep in touch.
PROMISED = """
    EXISTS (
        SELECT FROM customers_followup f
        WHERE f.tenant_id = %(tenant)s::uuid AND f.customer_id = c.id
        AND f.closed_at IS NULL AND f.due_at < %(to)s AND f.origin <> 'upkeep'
        AND CASE f.channel WHEN 'visit' THEN 3 WHEN 'phone' THEN 2 ELSE 1 END >= %(strength)s
    )
"""

# c has one of this very plan still open, from whichever period: there are never two.
STILL_OPEN = """
    EXISTS (
        SELECT FROM maintenance_plannedfollowup p
        JOIN customers_followup f ON f.tenant_id = p.tenant_id AND f.id = p.follow_up_id
        WHERE p.tenant_id = %(tenant)s::uuid AND f.tenant_id = %(tenant)s::uuid
        AND p.plan_id = %(plan)s::uuid AND p.customer_id = c.id AND f.closed_at IS NULL
    )
"""

# The plan has already made one for c in this period, however it ended.
MADE = """
    EXISTS (
        SELECT FROM maintenance_plannedfollowup p
        WHERE p.tenant_id = %(tenant)s::uuid AND p.plan_id = %(plan)s::uuid
        AND p.customer_id = c.id AND p.period_on = %(period)s
    )
"""


def terms(plan: MaintenancePlan, tenant: Tenant, at: datetime) -> tuple[Period, dict[str, Any]]:
    """The plan's period at a moment, and what the shared SQL asks for."""
    period = period_of(plan.every, tenant.today(at))
    return period, {
        "tenant": str(tenant.pk),
        "plan": str(plan.pk),
        "class": str(plan.customer_class_id),
        "period": period.start,
        "from": _start_of(period.start, tenant),
        "to": _start_of(period.end + timedelta(days=1), tenant),
        "at": at,
        "strength": strength_of(plan.channel),
    }


def _start_of(day: date, tenant: Tenant) -> datetime:
    return datetime.combine(day, time.min, tenant.zone)
