"""What the record page shows of one customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from crm.tenancy.prepared import Prepared
from customers.models import Contact, Customer, CustomerStats, FollowUp, Purchase, PurchaseLine

_FOLLOW_UPS = Prepared(
    lambda customer: FollowUp.objects.filter(customer=customer, closed_at=None).select_related("owner")
)
_STATS = Prepared(lambda customer: CustomerStats.objects.with_risk().filter(customer=customer))
_CONTACTS = Prepared(lambda customer: Contact.objects.filter(customer=customer))


@dataclass(frozen=True)
class Bought:
    """Purchases in short: by month over a year, less what was returned, and the newest."""

    months: list[date]
    amounts: list[int]
    latest: list[Purchase]

    @property
    def any(self) -> bool:
        return bool(self.latest)


def bought(customer: Customer, *, latest: int = 5) -> Bought:
    today = timezone.localdate()
    months = [_month(today, back) for back in range(11, -1, -1)]
    since = timezone.make_aware(datetime.combine(months[0], time()))
    rows = Purchase.objects.filter(customer=customer)
    sums = rows.filter(purchased_at__gte=since).order_by().annotate(month=TruncMonth("purchased_at"))
    by_month = {
        row["month"].date(): row["amount"] for row in sums.values("month").annotate(amount=Sum("amount_home"))
    }
    return Bought(months, [by_month.get(month, 0) for month in months], list(rows[:latest]))


def _month(day: date, back: int) -> date:
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def purchases_with_lines(customer: Customer, *, limit: int = 100) -> list[Purchase]:
    """The newest purchases and returns, each with how much of it came back."""
    rows = Purchase.objects.filter(customer=customer).select_related("return_of")
    back = Purchase.objects.filter(return_of=OuterRef("pk")).order_by().values("return_of")
    returned = Subquery(back.annotate(minor=Sum("amount")).values("minor"))
    counted = PurchaseLine.objects.filter(purchase=OuterRef("pk")).order_by().values("purchase")
    lines = Subquery(counted.annotate(n=Count("pk")).values("n"))
    return list(rows.annotate(line_count=Coalesce(lines, 0), returned=Coalesce(returned, 0))[:limit])


@dataclass(frozen=True)
class Totals:
    """What a customer bought and gave back, in the company's currency; net is what remains."""

    bought: int
    returned: int
    purchases: int
    returns: int

    @property
    def net(self) -> int:
        return self.bought + self.returned


def totals_of(customer: Customer) -> Totals:
    """One query."""
    given, back = Q(amount_home__gte=0), Q(amount_home__lt=0)
    found = Purchase.objects.filter(customer=customer).aggregate(
        bought=Coalesce(Sum("amount_home", filter=given), 0),
        returned=Coalesce(Sum("amount_home", filter=back), 0),
        purchases=Count("pk", filter=given),
        returns=Count("pk", filter=back),
    )
    return Totals(**found)


def open_follow_ups(customer: Customer) -> list[FollowUp]:
    return _FOLLOW_UPS(customer.pk)


def stats_of(customer: Customer) -> CustomerStats:
    """The customer's figures with its risk. One query."""
    return _STATS.first(customer.pk)


def contacts_of(customer: Customer) -> list[Contact]:
    return _CONTACTS(customer.pk)
