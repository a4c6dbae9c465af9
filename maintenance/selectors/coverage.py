"""Coverage: whom the plans reach, and who is about to be forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from crm.models import Tenant
from crm.tenancy.context import current_tenant_id
from customers.models import Customer
from customers.models.customers import CustomerQuerySet
from maintenance.contacts import CONTACTED, MADE, OF_THE_CLASS, PROMISED, terms
from maintenance.models import MaintenancePlan
from maintenance.periods import Period

# Of these classes nobody is forgotten: neither a next step nor a contact for so long.
CARED_FOR = ("key", "potential")
FORGOTTEN_AFTER = timedelta(days=60)

_COVERED = f"""
    SELECT count(*), count(*) FILTER (WHERE {CONTACTED} OR {PROMISED} OR {MADE}) {OF_THE_CLASS}
"""


@dataclass(frozen=True)
class Coverage:
    """How many of a plan's customers were contacted, or have a promise, in the current period."""

    plan: MaintenancePlan
    period: Period
    customers: int
    covered: int

    @property
    def share(self) -> float | None:
        return self.covered / self.customers if self.customers else None


def coverage_of(plans: Iterable[MaintenancePlan], *, at: datetime) -> list[Coverage]:
    """Each plan's coverage in its period at a moment; one query a plan."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    rows = []
    with connection.cursor() as cursor:
        for plan in plans:
            period, parameters = terms(plan, tenant, at)
            cursor.execute(_COVERED, parameters)
            rows.append(Coverage(plan, period, *cursor.fetchone()))
    return rows


def forgotten_customers(at: datetime) -> CustomerQuerySet:
    """Important customers without a next step whom nobody has contacted for long, longest first."""
    silent = Q(stats__last_contact_at=None) | Q(stats__last_contact_at__lt=at - FORGOTTEN_AFTER)
    return without_next_step().filter(silent, stats__class_code__in=CARED_FOR)


def without_next_step() -> CustomerQuerySet:
    """Customers nobody has promised anything to."""
    return Customer.objects.accepted().filter(stats__next_follow_up_at=None)
