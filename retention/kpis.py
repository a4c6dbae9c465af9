"""Do customers stay, what is at risk, and do we answer warnings in time?"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crm.days import moments
from crm.kpis import Kpi, Period, Value, register
from customers.models import Purchase
from retention.models import ScoreRun, Warning

IN_TIME = timedelta(days=7)


def churn(period: Period) -> Value | None:
    """Share of the customers who bought in the equally long period before and not in this one."""
    start, end = moments(period.start, period.end)
    before = Purchase.objects.filter(
        amount__gt=0, purchased_at__gte=start - (end - start), purchased_at__lt=start
    )
    active = before.filter(customer__deleted_at=None).order_by().values("customer").distinct()
    now = (
        Purchase.objects.filter(amount__gt=0, purchased_at__gte=start, purchased_at__lt=end)
        .order_by()
        .values("customer")
    )
    everyone = active.count()
    if not everyone:
        return None
    return Value(1 - active.filter(customer__in=now).count() / everyone, everyone)


def value_at_risk(period: Period) -> Value | None:
    """As of the last run of the period, in minor units."""
    run = ScoreRun.objects.filter(as_of__range=(period.start, period.end)).first()
    return Value(run.explanation.get("value_at_risk", 0), run.customers) if run else None


def handled_in_time(period: Period) -> Value | None:
    """Share of the period's warnings that a person answered within a week; those that closed by themselves apart."""
    start, end = moments(period.start, period.end)
    opened = Warning.objects.filter(opened_at__gte=start, opened_at__lt=end).exclude(
        close_reason__in=(Warning.Close.RETURNED, Warning.Close.EASED)
    )
    n = opened.count()
    if not n:
        return None
    return Value(opened.filter(closed_at__lte=F("opened_at") + IN_TIME).count() / n, n)


register(
    Kpi(
        "churn",
        _("Customers lost"),
        _("How many who bought before did not buy again?"),
        churn,
        better="down",
        url="/retention/",
        order=10,
    )
)
register(
    Kpi(
        "value-at-risk",
        _("Value at risk"),
        _("What could we lose?"),
        value_at_risk,
        unit="money",
        better="down",
        url="/retention/",
        order=40,
    )
)
register(
    Kpi(
        "warnings-in-time",
        _("Warnings answered within a week"),
        _("Do we act on early warnings?"),
        handled_in_time,
        url="/retention/",
        order=41,
    )
)
