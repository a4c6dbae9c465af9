"""What ``customers`` itself puts onto a customer's timeline and page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import formats
from crm.models import AuditEntry, Member
from customers.models import Contract, Customer, FollowUp, Interaction, Purchase
from customers.panels import Panel
from customers.panels import register as register_panel
from customers.selectors.consents import consents_of
from customers.selectors.duplicates import duplicates_of
from customers.selectors.names import names_by_id
from customers.timeline import Entry, register

ICONS = {"note": "note", "call": "phone", "visit": "map-pin", "message": "message", "email": "mail"}


def interactions(customer: Customer, before: datetime | None, limit: int) -> Iterator[Entry]:
    """Contacts and notes; one that kept a promise says which."""
    rows = Interaction.objects.filter(customer=customer, **_earlier("happened_at", before))
    for one in rows.select_related("author", "contact").prefetch_related("follow_ups")[:limit]:
        title = one.get_kind_display()
        if one.contact:
            title = _("%(kind)s with %(name)s") % {"kind": title, "name": one.contact.name}
        kept = next(iter(one.follow_ups.all()), None)
        yield Entry(
            key=f"interaction-{one.pk}",
            kind="interaction",
            at=one.happened_at,
            title=f"{title} · {kept.subject}" if kept else title,
            text="" if kept and kept.subject == one.text else one.text,
            author=one.author.display_name if one.author else "",
            icon=ICONS[one.kind],
            outcome=one.outcome,
        )


def purchases(customer: Customer, before: datetime | None, limit: int) -> Iterator[Entry]:
    rows = Purchase.objects.filter(customer=customer, **_earlier("purchased_at", before))
    for one in rows[:limit]:
        amount = formats.money_text(abs(one.amount), one.currency)
        yield Entry(
            key=f"purchase-{one.pk}",
            kind="purchase",
            at=one.purchased_at,
            title=_("Bought for %(amount)s") % {"amount": amount}
            if one.amount >= 0
            else _("Returned for %(amount)s") % {"amount": amount},
            text=one.order_no,
            icon="shopping-cart" if one.amount >= 0 else "receipt-refund",
        )


def skipped(customer: Customer, before: datetime | None, limit: int) -> Iterator[Entry]:
    """Promises that were let go; those that were kept are contacts."""
    rows = FollowUp.objects.filter(
        customer=customer, outcome=FollowUp.Outcome.SKIPPED, **_earlier("closed_at", before)
    ).order_by("-closed_at", "-id")
    for one in rows.select_related("closed_by")[:limit]:
        yield Entry(
            key=f"follow-up-{one.pk}",
            kind="follow_up",
            at=one.closed_at or one.due_at,
            title=_("Skipped: %(subject)s") % {"subject": one.subject},
            text=one.result,
            author=one.closed_by.display_name if one.closed_by else "",
            icon="calendar-x",
        )


def contracts(customer: Customer, before: datetime | None, limit: int) -> Iterator[Entry]:
    """What was agreed, and what was given notice of."""
    rows = Contract.objects.filter(customer=customer, deleted_at=None, **_earlier("created_at", before))
    for one in rows.select_related("author").order_by("-created_at", "-id")[:limit]:
        yield Entry(
            key=f"contract-{one.pk}",
            kind="contract",
            at=one.created_at,
            title=_("Contract: %(name)s") % {"name": one},
            text=f"{formats.date_text(one.starts_on)} – {formats.date_text(one.ends_on) if one.ends_on else ''}",
            author=one.author.display_name if one.author else "",
            icon="file-text",
            url=reverse("customers:contract", args=[one.pk]),
        )


def notices(customer: Customer, before: datetime | None, limit: int) -> Iterator[Entry]:
    """Contracts that are to end, on the day notice was given."""
    rows = Contract.objects.filter(customer=customer, deleted_at=None, notice_given_on__isnull=False)
    if before:
        rows = rows.filter(notice_given_on__lt=timezone.localdate(before))
    for one in rows.order_by("-notice_given_on", "-id")[:limit]:
        assert one.notice_given_on is not None
        yield Entry(
            key=f"notice-{one.pk}",
            kind="contract",
            at=timezone.make_aware(datetime.combine(one.notice_given_on, time())),
            title=_("Notice given: %(name)s") % {"name": one},
            text=one.ended_because,
            author=str(one.get_notice_from_display()),
            icon="file-x",
            url=reverse("customers:contract", args=[one.pk]),
            tone="warn",
        )


def agreed(customer: Customer, before: datetime | None, limit: int) -> Iterator[Entry]:
    yield from contracts(customer, before, limit)
    yield from notices(customer, before, limit)


def owners(customer: Customer, before: datetime | None, limit: int) -> Iterator[Entry]:
    """From whom to whom the customer went, out of its history."""
    moves = AuditEntry.objects.about(customer).filter(
        kind=AuditEntry.Kind.UPDATE, after__has_key="owner_id", **_earlier("at", before)
    )[:limit]
    found = [
        (move, (move.before or {}).get("owner_id"), (move.after or {}).get("owner_id")) for move in moves
    ]
    ids = {pk for move, old, new in found for pk in (old, new, move.member_id) if pk}
    names = names_by_id(ids)
    for move, _old, new in found:
        owner = names.get(str(new), "")
        yield Entry(
            key=f"owner-{move.pk}",
            kind="owner",
            at=move.at,
            title=_("Handed over to %(name)s") % {"name": owner} if owner else _("Has no owner any more"),
            author=names.get(str(move.member_id), ""),
            icon="user-share",
        )


def possible_duplicates(customer: Customer, member: Member) -> dict[str, Any] | None:
    """Whom this customer may be; no card where there is nobody."""
    pairs = duplicates_of(customer, member) if customer.deleted_at is None else []
    return {"customer": customer, "pairs": pairs} if pairs else None


def consents(customer: Customer, member: Member) -> dict[str, Any]:
    """What may be sent to this customer, as far as it was said."""
    words: list[Any] = list(consents_of(customer))
    may_change = member.can("customers.change") and customer.deleted_at is None
    return {"customer": customer, "standing": [w for w in words if w.stands], "may_change": may_change}


def _earlier(path: str, before: datetime | None) -> dict[str, Any]:
    return {f"{path}__lt": before} if before else {}


register("interaction", interactions)
register("purchase", purchases)
register("follow_up", skipped)
register("contract", agreed)
register("owner", owners)
register_panel(
    Panel("consent", gettext_lazy("Consent"), "customers/privacy/_panel.html", consents, "customers.view", 60)
)
register_panel(
    Panel(
        "duplicates",
        gettext_lazy("Possible duplicates"),
        "customers/duplicates/_panel.html",
        possible_duplicates,
        "customers.merge",
        5,
    )
)
