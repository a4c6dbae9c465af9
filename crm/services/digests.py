"""The daily digest: one mail a member and day, in the reader's language, with what the day asks for and what happened.

A day's mail is made in one transaction with the mark that it was, and its delivery has the day in its key: two
workers, a crash and a second beat make no second one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from crm import agenda
from crm.formats import date_text, due_text, number_text
from crm.mailing import complete
from crm.models import Digest, Member, Notification, Tenant
from crm.notifications import kinds
from crm.notifications.choices import Choices
from crm.notifications.kinds import ByMail
from crm.people.selectors import language_of
from crm.services.deliveries import Parcel, enqueue_many
from crm.tenancy.context import current_tenant_id, seeing_as
from crm.work import Outcome, Work, register

AT_ONCE = 500
MOST_LINES = 20
SATURDAY = 5
FORGOTTEN = timedelta(days=7)
TOLD = ("follow_up", "ticket")


@dataclass(frozen=True)
class Line:
    title: str
    text: str = ""
    link: str = ""


@dataclass(frozen=True)
class Section:
    """``more`` lines did not find room."""

    label: str
    lines: list[Line]
    more: str = ""
    tone: str = ""


@transaction.atomic
def send_digests(at: datetime) -> Outcome:
    """Write the day's mail to every member whose hour has come; who has nothing to hear gets none."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    today = tenant.today(at)
    _begin()
    due = list(_due(tenant, at)[:AT_ONCE])
    choices = Choices(digest.member_id for digest in due)
    parcels = [_parcel(digest.member, tenant, at, choices) for digest in due]
    enqueue_many(parcel for parcel in parcels if parcel is not None)
    Digest.objects.filter(pk__in=[digest.pk for digest in due]).update(made_on=today)
    return Outcome(sum(map(bool, parcels)), at if len(due) == AT_ONCE else _next(tenant, at))


def _begin() -> None:
    """Whoever has chosen nothing gets the usual digest."""
    without = Member.objects.active().filter(digests=None)
    Digest.objects.bulk_create([Digest(member=member) for member in without], ignore_conflicts=True)


def _due(tenant: Tenant, at: datetime) -> QuerySet[Digest]:
    """The digests of today whose hour has come and which nobody makes at this moment."""
    here = at.astimezone(tenant.zone)
    days = [Digest.Days.EVERY] + ([Digest.Days.WORKING] if here.weekday() < SATURDAY else [])
    unmade = Digest.objects.filter(Q(made_on=None) | Q(made_on__lt=here.date()))
    ripe = unmade.filter(days__in=days, hour__lte=here.hour, member__active=True)
    people = ripe.select_related("member__user", "member__team").order_by("id")
    return people.select_for_update(skip_locked=True, of=("self",))


def _next(tenant: Tenant, at: datetime) -> datetime | None:
    """The next hour at which somebody's digest is made, today or tomorrow."""
    here = at.astimezone(tenant.zone)
    wanted = Digest.objects.exclude(days=Digest.Days.NEVER).filter(member__active=True)
    hours = set(wanted.order_by().values_list("hour", flat=True).distinct())
    days = (here.date(), here.date() + timedelta(days=1))
    moments = [datetime.combine(day, time(hour), tenant.zone) for day in days for hour in hours]
    return min((moment for moment in moments if moment > at), default=None)


def _parcel(member: Member, tenant: Tenant, at: datetime, choices: Choices) -> Parcel | None:
    with (
        translation.override(language_of(member, tenant)),
        timezone.override(tenant.zone),
        seeing_as(personal=member.can("customers.personal")),
    ):
        sections = [*_day(member, tenant, at, choices), *_news(member, at)]
        if not sections:
            return None
        today = tenant.today(at)
        title = _("Your day, %(day)s") % {"day": date_text(today)}
        payload = {
            "template": "digest",
            "subject": pgettext("subject", "%(company)s: %(title)s")
            % {"company": tenant.name, "title": title},
            "title": title,
            "sections": [asdict(section) for section in sections],
            "url": reverse("today"),
        }
    return Parcel("email", _key(member, today), payload, member=member)


def _key(member: Member, day: date) -> str:
    return f"digest:{member.pk}:{day}"


def _day(member: Member, tenant: Tenant, at: datetime, choices: Choices) -> Iterator[Section]:
    """What is overdue and what is due that day, but for what the member wants no mail about."""
    midnight = datetime.combine(tenant.today(at) + timedelta(days=1), time.min, tenant.zone)
    unwanted = {
        kind.on_agenda
        for kind in kinds.all_kinds()
        if kind.on_agenda and choices.of(member.pk, kind.key).email == ByMail.OFF
    }
    parts: dict[str, list[agenda.Entry]] = {"overdue": [], "today": []}
    for entry in agenda.entries_for(member, at):
        if entry.kind in TOLD and entry.due_at and entry.due_at < midnight:
            part = "overdue" if entry.overdue else "today"
            if f"{entry.kind}:{part}" not in unwanted:
                parts[part].append(entry)
    labels = {"overdue": _("Overdue"), "today": _("Today")}
    for part, entries in parts.items():
        if entries:
            entries.sort(key=lambda entry: entry.due_at or at)
            lines = [_line(entry, at) for entry in entries[:MOST_LINES]]
            yield _section(labels[part], lines, len(entries), "bad" if part == "overdue" else "")


def _line(entry: agenda.Entry, at: datetime) -> Line:
    words = [due_text(entry.due_at, now=at) if entry.due_at else "", entry.reason]
    record = reverse("customers:record", args=[entry.customer_id]) if entry.customer_id else reverse("today")
    title = f"{entry.customer_name} – {entry.title}" if entry.customer_name else entry.title
    return Line(title, " · ".join(filter(None, words)), complete(record))


def _news(member: Member, at: datetime) -> Iterator[Section]:
    """What waited for the digest, by kind, newest first; what was read in the app meanwhile is left out."""
    waiting = Notification.objects.for_digest().filter(member=member)
    notes = list(waiting.order_by("-created_at", "-id"))
    waiting.filter(pk__in=[note.pk for note in notes]).update(for_digest=False)
    unread = [
        note
        for note in notes
        if note.created_at > at - FORGOTTEN and not (note.in_app and note.read_at is not None)
    ]
    unread.sort(key=lambda note: (kinds.of_note(note.kind).order, note.kind))
    for key, some in groupby(unread, key=lambda note: note.kind):
        found = list(some)
        lines = [Line(note.title, note.text, complete(note.url)) for note in found[:MOST_LINES]]
        yield _section(str(kinds.of_note(key).label), lines, len(found))


def _section(label: str, lines: Sequence[Line], count: int, tone: str = "") -> Section:
    left = count - len(lines)
    more = ngettext("and %(count)s more", "and %(count)s more", left) % {"count": number_text(left)}
    return Section(label, list(lines), more if left else "", tone)


register(Work("digests", 55, send_digests))
