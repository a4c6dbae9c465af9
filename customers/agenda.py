"""What ``customers`` puts on "Today": promises due within a week, and records that wait for review."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.agenda import Action, Entry, name_classes_by, register
from crm.formats import day_text
from crm.models import Member
from customers import classes
from customers.models import Capture, Customer, CustomerStats, FollowUp, MailBounce
from customers.selectors.upkeep import bouncing

WEEK = timedelta(days=7)
MOST = 200
MOST_REVIEWS = 20
MOST_WAITING = 1_000


def follow_ups(member: Member, at: datetime) -> Iterator[Entry]:
    """The member's open promises: those overdue, and those of the next seven days."""
    mine = (
        FollowUp.objects.due(at + WEEK)
        .filter(owner=member)
        .select_related("customer")
        .order_by("due_at", "id")
    )
    promised = list(mine[:MOST])
    stats_of = CustomerStats.objects.with_risk().filter(customer__in={one.customer_id for one in promised})
    figures = {stats.customer_id: stats for stats in stats_of}
    may = member.can("customers.change")
    for one in promised:
        stats = figures.get(one.customer_id)
        yield Entry(
            key=f"follow-up-{one.pk}",
            kind="follow_up",
            title=one.subject,
            reason=one.reason or _reason(one),
            due_at=one.due_at,
            customer_id=one.customer_id,
            customer_name=one.customer.name,
            class_code=stats.class_code if stats else "",
            value=(stats.value_at_risk or stats.spend_12m or None) if stats else None,
            overdue=one.due_at < at,
            actions=_actions(one) if may else [],
        )


def _reason(one: FollowUp) -> str:
    moved = _("Moved: %(why)s") % {"why": one.moved_because} if one.moved_because else ""
    return moved or str(one.get_origin_display())


def _actions(one: FollowUp) -> list[Action]:
    return [
        Action(_("Done"), reverse("customers:complete", args=[one.pk]), "sheet", "check"),
        Action(_("Log call"), reverse("customers:log", args=[one.customer_id]), "sheet", "phone"),
        Action(_("Move"), reverse("customers:move", args=[one.pk]), "sheet", "calendar-time"),
        Action(_("Skip"), reverse("customers:skip", args=[one.pk]), "sheet", "calendar-x"),
    ]


def reviews(member: Member, at: datetime) -> Iterator[Entry]:
    """Records from outside that wait for a decision, the oldest first, for those who may decide."""
    if not member.can("customers.change"):
        return
    waiting = Customer.objects.living().visible_to(member).filter(review=Customer.Review.WAITING)
    for customer in waiting.order_by("created_at")[:MOST_REVIEWS]:
        address = reverse("customers:review", args=[customer.pk])
        yield Entry(
            key=f"review-{customer.pk}",
            kind="review",
            title=_("Review the new record"),
            reason=_("From %(source)s") % {"source": customer.source}
            if customer.source
            else _("From outside"),
            due_at=None,
            customer_id=customer.pk,
            customer_name=customer.name,
            actions=[
                Action(_("Accept"), f"{address}?verdict=accept", "post", "check"),
                Action(_("Reject"), f"{address}?verdict=reject", "post", "x"),
            ],
        )


def inbox(member: Member, at: datetime) -> Iterator[Entry]:
    """How many captures wait in the inbox, in one line; since when the oldest does."""
    if not member.can("customers.change"):
        return
    waiting = Capture.objects.visible_to(member).waiting()
    count = waiting.at_most(MOST_WAITING)
    if not count:
        return
    oldest = waiting.order_by("received_at").values_list("received_at", flat=True).first()
    number = f"{MOST_WAITING - 1}+" if count == MOST_WAITING else str(count)
    yield Entry(
        key="inbox",
        kind="review",
        title=ngettext("%(count)s entry waits in the inbox", "%(count)s entries wait in the inbox", count)
        % {"count": number},
        reason=_("The oldest since %(when)s") % {"when": day_text(timezone.localtime(oldest).date())},
        due_at=None,
        actions=[Action(_("Review"), reverse("customers:inbox"), "link", "inbox")],
    )


def bounces(member: Member, at: datetime) -> Iterator[Entry]:
    """How many of the member's own customers have an address that mail comes back from, in one line."""
    if not member.can("customers.change") or not MailBounce.objects.standing().exists():
        return
    mine = Customer.objects.accepted().filter(owner=member, pk__in=bouncing())
    count = mine.at_most(MOST_WAITING)
    if not count:
        return
    number = f"{MOST_WAITING - 1}+" if count == MOST_WAITING else str(count)
    yield Entry(
        key="bounces",
        kind="review",
        title=ngettext(
            "Mail to %(count)s of your customers comes back",
            "Mail to %(count)s of your customers comes back",
            count,
        )
        % {"count": number},
        reason=_("Their e-mail addresses bounced; nothing more is sent there."),
        due_at=None,
        actions=[Action(_("Mend"), f"{reverse('customers:upkeep')}?reason=bouncing", "link", "mail-x")],
    )


def first_customers(member: Member, at: datetime) -> Iterator[Entry]:
    """In a company that has nobody on record: how to begin."""
    if not member.can("customers.change") or Customer.objects.exists():
        return
    by_hand = Action(_("New customer"), reverse("customers:new"), "sheet", "user-plus")
    file = Action(_("Import a file"), reverse("customers:new-import"), "link", "file-import")
    yield Entry(
        key="first-customers",
        kind="start",
        title=_("Bring your customers in"),
        reason=_("From a file, or the first one by hand; this page then says what each of them is owed."),
        due_at=None,
        actions=[file, by_hand] if member.can("customers.import") else [by_hand],
    )


register(follow_ups)
register(reviews)
register(inbox)
register(bounces)
register(first_customers)


def class_words() -> dict[str, tuple[str, int]]:
    return {code: (word.name, word.rank) for code, word in classes.words().items()}


name_classes_by(class_words)
