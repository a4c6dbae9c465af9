"""Follow-ups from plans: set-based, each customer, plan and period only once."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from crm import audit
from crm.formats import date_text
from crm.models import Tenant
from crm.tenancy.context import current_tenant_id
from crm.webhooks import events
from customers.selectors.owners import chief
from customers.services.follow_ups import refresh_next_step
from maintenance.contacts import CONTACTED, MADE, OF_THE_CLASS, PROMISED, STILL_OPEN, terms
from maintenance.models import MaintenancePlan
from maintenance.periods import days_left

DUE_TIME = time(10, 0)
SLICE = 10_000

# Each owner's customers in an order that only their ids decide, laid evenly over the days; the shift
# keeps a single newcomer from always getting the first day.
_MAKE = f"""
WITH wanted AS (
    SELECT c.id AS customer_id, CASE WHEN own.active THEN own.id ELSE %(fallback)s::uuid END AS owner_id
    {OF_THE_CLASS}
    AND NOT {MADE} AND NOT {STILL_OPEN} AND NOT {CONTACTED} AND NOT {PROMISED}
), ranked AS (
    SELECT customer_id, owner_id, count(*) OVER owners AS many,
           row_number() OVER (owners ORDER BY md5(customer_id::text || %(seed)s)) AS place,
           ('x' || substr(md5(min(customer_id::text) OVER owners || %(seed)s), 1, 7))::bit(28)::int
           / 268435456.0 AS shift
    FROM wanted WHERE owner_id IS NOT NULL WINDOW owners AS (PARTITION BY owner_id)
), placed AS (
    SELECT customer_id, owner_id, uuid7() AS follow_up_id,
           ((%(days)s::date[])[1 + floor(mod((place - 0.5) / many + shift, 1) * %(n)s)::int] + %(time)s::time)
           AT TIME ZONE %(zone)s AS due_at
    FROM ranked
), planned AS (
    INSERT INTO maintenance_plannedfollowup (tenant_id, id, plan_id, customer_id, period_on, follow_up_id, made_at)
    SELECT %(tenant)s::uuid, uuid7(), %(plan)s::uuid, customer_id, %(period)s, follow_up_id, %(at)s FROM placed
    ON CONFLICT (tenant_id, plan_id, customer_id, period_on) DO NOTHING
    RETURNING follow_up_id
)
INSERT INTO customers_followup (tenant_id, id, customer_id, owner_id, subject, reason, channel, origin, due_at,
    first_due_at, moved_because, outcome, result, created_at, version)
SELECT %(tenant)s::uuid, placed.follow_up_id, customer_id, owner_id, %(subject)s, %(reason)s, %(channel)s, 'plan',
    due_at, due_at, '', '', '', %(at)s, 1
FROM placed JOIN planned USING (follow_up_id)
RETURNING customer_id, id
"""  # noqa: S608  composed of constants


def make_follow_ups(at: datetime) -> int:
    """Make what every plan in use still owes its customers in the period of ``at``; how many were made."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    plans = MaintenancePlan.objects.filter(active=True, customer_class__active=True)
    return sum(
        make_for_plan(plan=plan, tenant=tenant, at=at)
        for plan in plans.select_related("customer_class", "fallback_owner")
    )


@transaction.atomic
def make_for_plan(*, plan: MaintenancePlan, tenant: Tenant, at: datetime) -> int:
    """One follow-up for each customer of the plan's class whom nobody has contacted or promised to.

    Due at ten in the morning of the company's working days; owned by the customer's owner, else the
    plan's fallback, else the company's lead.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MAKE, _parameters(plan, tenant, at))
        made = cursor.fetchall()
    customers = [customer for customer, _follow_up in made]
    for start in range(0, len(customers), SLICE):
        refresh_next_step(customers[start : start + SLICE])
    if customers:
        audit.record("maintenance_plan.follow_ups_made", plan, made=len(customers))
        events.emit_many("follow_up.scheduled", [follow_up for _customer, follow_up in made])
    return len(customers)


def _parameters(plan: MaintenancePlan, tenant: Tenant, at: datetime) -> dict[str, Any]:
    period, shared = terms(plan, tenant, at)
    local = at.astimezone(tenant.zone)
    first = local.date() if local.time() < DUE_TIME else local.date() + timedelta(days=1)
    days = days_left(period, first)
    return shared | {
        "fallback": _fallback(plan),
        "seed": f"{plan.pk}{period.start}",
        "days": days,
        "n": len(days),
        "time": DUE_TIME,
        "zone": tenant.timezone,
        "subject": plan.subject,
        "reason": _reason(plan, period.end),
        "channel": plan.channel,
    }


def _reason(plan: MaintenancePlan, until: date) -> str:
    return _("%(plan)s: %(every)s, until %(day)s") % {
        "plan": plan.name,
        "every": plan.rhythm,
        "day": date_text(until),
    }


def _fallback(plan: MaintenancePlan) -> UUID | None:
    if plan.fallback_owner and plan.fallback_owner.active:
        return plan.fallback_owner.pk
    lead = chief()
    return lead.pk if lead else None
