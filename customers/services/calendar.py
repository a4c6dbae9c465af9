"""A member's follow-ups as a calendar that other programs read at a secret address."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm import audit
from crm.errors import NotFound
from crm.formats import exact_text
from crm.icalendar import Day, calendar
from crm.mailing import complete
from crm.models import CalendarFeed, Member, Tenant
from crm.people.selectors import language_of
from crm.tenancy import tokens
from crm.tenancy.context import seeing_as
from customers.models import FollowUp

PREFIX = "cal"
MOST = 1_000
REFRESH = timedelta(hours=1)


@dataclass(frozen=True)
class Reading:
    """What a program reads, and since when it is so."""

    content: bytes
    etag: str
    changed_at: datetime


@transaction.atomic
def make_feed(*, member: Member) -> str:
    """A new address for a member's calendar, given here only; the one before it ends."""
    token = tokens.make(member.tenant_id)
    CalendarFeed.objects.filter(member=member).delete()
    feed = CalendarFeed.objects.create(member=member, secret_hash=token.hash)
    audit.record("calendar_feed.made", feed, actor=member)
    return complete(reverse("customers:calendar-file", args=[token.text(PREFIX)]))


@transaction.atomic
def revoke_feed(*, member: Member) -> None:
    """The address answers nobody any more. Revoking it again changes nothing."""
    feed = feed_of(member)
    if feed is not None:
        feed.delete()
        audit.record("calendar_feed.revoked", member, actor=member)


def feed_of(member: Member) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(member=member).first()


@transaction.atomic
def read_feed(*, token: tokens.Token, tenant: Tenant, at: datetime) -> Reading:
    """What stands behind an address, in its member's language and eyes; ``NotFound`` once the member has left."""
    feeds = CalendarFeed.objects.filter(secret_hash=token.hash)
    feeds = feeds.filter(member__active=True, member__user__is_active=True)
    feed = feeds.select_related("member__user").first()
    if feed is None:
        raise NotFound
    member = feed.member
    with (
        translation.override(language_of(member, tenant)),
        timezone.override(tenant.zone),
        seeing_as(personal=member.can("customers.personal")),
    ):
        content = _calendar_of(member, tenant)
    digest = hashlib.sha256(content).hexdigest()
    if digest != feed.content_hash:
        feed.content_hash, feed.changed_at = digest, at
    elif feed.last_read_at is not None and feed.last_read_at > at - REFRESH:
        return Reading(content, f'"{digest}"', feed.changed_at or at)
    feed.last_read_at = at
    feed.save(update_fields=["content_hash", "changed_at", "last_read_at"])
    return Reading(content, f'"{digest}"', feed.changed_at or at)


def _calendar_of(member: Member, tenant: Tenant) -> bytes:
    """The member's open follow-ups, the earliest first."""
    mine = FollowUp.objects.open().visible_to(member).filter(owner=member).select_related("customer")
    name = _("Follow-ups, %(company)s") % {"company": tenant.name}
    return calendar(name, map(_day, mine.order_by("due_at", "id")[:MOST]), refresh=REFRESH)


def _day(follow_up: FollowUp) -> Day:
    link = complete(reverse("customers:record", args=[follow_up.customer_id]))
    due = _("Due %(moment)s") % {"moment": exact_text(follow_up.due_at)}
    return Day(
        uid=f"{follow_up.pk}@{urlsplit(settings.PUBLIC_URL).hostname or 'localhost'}",
        on=timezone.localdate(follow_up.due_at),
        title=f"{follow_up.subject} – {follow_up.customer.name}",
        text="\n".join(filter(None, [due, follow_up.reason, link])),
        url=link,
        made_at=follow_up.created_at,
        sequence=follow_up.version - 1,
        category=str(follow_up.get_channel_display()),
    )
