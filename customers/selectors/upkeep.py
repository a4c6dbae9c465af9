"""Contact data that needs somebody: customers whose addresses bounce, whom nobody has confirmed for long, of whom too
little is known; the bouncing first, within each the most valuable first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.utils.timezone import localtime

from crm.models import Member
from customers import quality
from customers.models import (
    Confirmation,
    Contact,
    Customer,
    CustomerStats,
    FollowUp,
    MailBounce,
    UpkeepPolicy,
)
from customers.selectors.bounces import Bounced, bounced_of
from customers.selectors.keyset import Cursor, Sort, page_of

SIZE = 50
REASONS = ("bouncing", "stale", "incomplete")
MOST_MARKED = 10_000
# How many of the most valuable are looked at for one page: first few, then more where few of them need anything.
LOOKS = (500, 1_500, 3_000)
BY_VALUE = Sort("spend", descending=True)


def policy() -> UpkeepPolicy:
    """The company's rules, or those every company begins with."""
    return UpkeepPolicy.objects.first() or UpkeepPolicy()


def stale_before(rules: UpkeepPolicy, at: datetime) -> datetime:
    return at - timedelta(days=rules.months * 365 // 12)


def is_stale(rules: UpkeepPolicy, at: datetime) -> Q:
    """Neither confirmed, nor changed, nor in contact for so long; nor new."""
    before = stale_before(rules, at)
    known = Exists(Confirmation.objects.filter(customer=OuterRef("pk"), at__gte=before))
    silent = Q(stats__last_contact_at=None) | Q(stats__last_contact_at__lt=before)
    return Q(created_at__lt=before) & silent & ~Q(known)


def is_incomplete(rules: UpkeepPolicy, at: datetime) -> Q:
    """Too little is known, and nobody said lately that there is no more to know."""
    said = Confirmation.objects.filter(
        customer=OuterRef("pk"), at__gte=stale_before(rules, at), changed=False
    )
    return Q(quality__lt=rules.quality) & ~Q(Exists(said))


def is_bouncing() -> Q:
    marks = MailBounce.objects.standing()
    people = Contact.objects.filter(customer=OuterRef("pk"), email_norm__in=marks.values("email_norm"))
    return Q(Exists(marks.filter(email_norm=OuterRef("email_norm")))) | Q(Exists(people))


def bouncing() -> Any:
    """The ids of customers with an address that is marked, of the newest marks."""
    marks = MailBounce.objects.standing().order_by("-at", "-id")[:MOST_MARKED].values("email_norm")
    own = Customer.objects.filter(email_norm__in=marks).order_by().values("pk")
    return own.union(Contact.objects.filter(email_norm__in=marks).order_by().values("customer"))


def narrowed(rows: Any, reason: str, *, at: datetime) -> Any:
    """The customers among ``rows`` whose contact data needs somebody for this reason, or for any."""
    rules = policy()
    asked: dict[str, Any] = {
        "bouncing": Q(pk__in=bouncing()),
        "stale": is_stale(rules, at),
        "incomplete": is_incomplete(rules, at),
    }
    wanted = asked.get(reason) or asked["bouncing"] | asked["stale"] | asked["incomplete"]
    return rows.filter(wanted, review=Customer.Review.ACCEPTED)


@dataclass(frozen=True)
class Item:
    """A customer of the list, and all that is the matter with it."""

    customer: Customer
    bounced: list[Bounced]
    stale: bool
    gaps: list[quality.Gap]
    confirmed: Confirmation | None
    follow_up: FollowUp | None

    @property
    def pk(self) -> UUID:
        return self.customer.pk

    @property
    def known_on(self) -> date:
        """The day on which the contact data was last known to be right."""
        stats: Any = self.customer.stats
        moments = [self.customer.created_at, stats.last_contact_at, self.confirmed and self.confirmed.at]
        return localtime(max(moment for moment in moments if moment)).date()


@dataclass(frozen=True)
class UpkeepPage:
    """``next`` also goes on where only so many were looked at and none of them needed anything."""

    items: list[Item]
    next: str = ""


def upkeep_page(
    member: Member, *, reason: str = "", cursor: str = "", at: datetime, size: int = SIZE
) -> UpkeepPage:
    """One page of what the member may see. It costs the same however many customers there are."""
    section, _colon, start = cursor.partition(":")
    ids: list[UUID] = []
    after = ""
    if reason in ("", "bouncing") and section != "rest":
        page = page_of(_seen(member).filter(customer__in=bouncing()), BY_VALUE, cursor=start, size=size)
        ids, start = [row.customer_id for row in page.rows], ""
        after = f"bouncing:{page.next}" if page.next else "rest:" if len(ids) == size and not reason else ""
    if reason != "bouncing" and not after and len(ids) < size:
        found, after = _walked(member, reason, start, at, size - len(ids))
        ids += found
    return UpkeepPage(items_of(ids, at=at), after)


def _seen(member: Member) -> Any:
    """Figures of the customers the member may see, of those that count."""
    rows = CustomerStats.objects.filter(customer__deleted_at=None, customer__review=Customer.Review.ACCEPTED)
    if member.visibility != "all":
        rows = rows.filter(customer__in=Customer.objects.visible_to(member).order_by())
    return rows.only("customer_id", "spend")


def _walked(member: Member, reason: str, start: str, at: datetime, wanted: int) -> tuple[list[UUID], str]:
    """Down the customers by value until enough of them need somebody, or enough were looked at."""
    needing = _needing(reason, at)
    ids: list[UUID] = []
    for look in LOOKS:
        page = page_of(_seen(member), BY_VALUE, cursor=start, size=look)
        rows = [(row.customer_id, row.spend) for row in page.rows]
        found = set(needing.filter(pk__in=[pk for pk, _spend in rows]).values_list("pk", flat=True))
        for place, (pk, spend) in enumerate(rows, start=1):
            if pk in found:
                ids.append(pk)
            if len(ids) == wanted and (place < len(rows) or page.next):
                return ids, f"rest:{Cursor(spend, pk).encode()}"
        start = page.next
        if not start:
            return ids, ""
    return ids, f"rest:{start}"


def _needing(reason: str, at: datetime) -> Any:
    rules = policy()
    stale, incomplete = is_stale(rules, at), is_incomplete(rules, at)
    rows = Customer.objects.order_by()
    if reason == "stale":
        return rows.filter(stale)
    if reason == "incomplete":
        return rows.filter(incomplete)
    return rows.filter(stale | incomplete).exclude(is_bouncing())


def items_of(ids: list[UUID], *, at: datetime) -> list[Item]:
    """These customers with their reasons, in this order. Five queries however many."""
    rules = policy()
    rows = Customer.objects.filter(pk__in=ids).select_related("owner", "stats")
    found = rows.annotate(
        stale=ExpressionWrapper(is_stale(rules, at), output_field=BooleanField()),
        incomplete=ExpressionWrapper(is_incomplete(rules, at), output_field=BooleanField()),
    ).in_bulk()
    bounced = bounced_of(ids)
    words = Confirmation.objects.filter(customer__in=ids).order_by("customer_id", "-at")
    confirmed = {one.customer_id: one for one in words.distinct("customer_id").select_related("by")}
    promises = FollowUp.objects.filter(customer__in=ids, closed_at=None, origin=FollowUp.Origin.UPKEEP)
    promised = {one.customer_id: one for one in promises.select_related("owner").order_by("-due_at")}
    return [
        Item(
            customer=one,
            bounced=bounced.get(pk, []),
            stale=one.stale,
            gaps=quality.gaps(one) if one.incomplete else [],
            confirmed=confirmed.get(pk),
            follow_up=promised.get(pk),
        )
        for pk in ids
        if (one := found.get(pk)) is not None
    ]
