"""Figures about promises, purchases and staying."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.days import within
from crm.kpis import Kpi, Period, Value, register
from customers.models import Customer, CustomerStats, FollowUp, Purchase


def follow_ups_kept(period: Period) -> Value | None:
    """Share of the promises due in the period, and not let go, that were kept by their due time."""
    promised = FollowUp.objects.filter(**within("due_at", period.start, period.end)).exclude(
        outcome=FollowUp.Outcome.SKIPPED
    )
    kept = Q(outcome=FollowUp.Outcome.DONE, closed_at__lte=F("due_at"))
    found = promised.filter(due_at__lte=timezone.now()).aggregate(
        total=Count("pk"), kept=Count("pk", filter=kept)
    )
    return Value(found["kept"] / found["total"], found["total"]) if found["total"] else None


def with_next_step(period: Period) -> Value | None:
    """Share of the customers who bought or are spoken with that have a next step now; as it stands today."""
    served = CustomerStats.objects.filter(customer__deleted_at=None).exclude(stage__in=["lead", "lost"])
    found = served.aggregate(
        total=Count("pk"), promised=Count("pk", filter=Q(next_follow_up_at__isnull=False))
    )
    return Value(found["promised"] / found["total"], found["total"]) if found["total"] else None


def repurchase_rate(period: Period) -> Value | None:
    """Share of those who bought in the twelve months up to the period's end that bought more than once."""
    bought = _buyers(period.end - timedelta(days=365), period.end).annotate(orders=Count("pk"))
    found = bought.aggregate(total=Count("customer"), again=Count("customer", filter=Q(orders__gt=1)))
    return Value(found["again"] / found["total"], found["total"]) if found["total"] else None


def retention_rate(period: Period) -> Value | None:
    """Share of those who bought in the twelve months before the last twelve that bought in these, too."""
    turn = period.end - timedelta(days=365)
    before = _buyers(turn - timedelta(days=365), turn - timedelta(days=1))
    now = Purchase.objects.filter(amount__gt=0, **within("purchased_at", turn, period.end)).order_by()
    customers = Customer.objects.filter(pk__in=before.values("customer")).order_by()
    total = customers.count()
    kept = customers.filter(pk__in=now.values("customer")).count() if total else 0
    return Value(kept / total, total) if total else None


def _buyers(start: date, end: date) -> Any:
    rows = Purchase.objects.filter(amount__gt=0, **within("purchased_at", start, end))
    return rows.order_by().values("customer").distinct()


register(
    Kpi(
        "follow-ups-kept",
        _("Follow-ups kept on time"),
        _("Do we do what we promise?"),
        follow_ups_kept,
        url="/customers/?next=yes",
        order=10,
    )
)
register(
    Kpi(
        "next-step",
        _("Customers with a next step"),
        _("Is anyone forgotten?"),
        with_next_step,
        url="/customers/?next=no",
        order=20,
    )
)
register(
    Kpi(
        "repurchase",
        _("Repurchase rate"),
        _("Do they buy again?"),
        repurchase_rate,
        url="/customers/?sort=spend",
        order=30,
    )
)
register(
    Kpi(
        "retention",
        _("Retention rate"),
        _("Are we keeping our customers?"),
        retention_rate,
        url="/customers/?sort=last_purchase",
        order=40,
    )
)
