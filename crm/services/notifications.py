"""Notes to members, as each has chosen: in the app, by e-mail at once or in the digest; each reason only once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from crm.channels import Channel, register
from crm.models import Delivery, Member, Notification
from crm.notifications import kinds
from crm.notifications.choices import Choice, Choices
from crm.notifications.kinds import ByMail
from crm.services.deliveries import Parcel, enqueue_many


@dataclass(frozen=True)
class Note:
    """What one member is told, in that member's language; ``url`` is a path of ours.

    ``kind`` is one that an app declared in its ``notices.py``. Without ``email`` it comes by none, whatever was chosen.
    """

    member: Member
    kind: str
    title: str
    dedup_key: str
    text: str = ""
    url: str = ""
    email: bool = True


def notify(
    *,
    member: Member,
    kind: str,
    title: str,
    text: str = "",
    url: str = "",
    dedup_key: str,
    email: bool = True,
) -> None:
    """Tell one member; the same ``dedup_key`` tells them once."""
    notify_many([Note(member, kind, title, dedup_key, text, url, email)])


@transaction.atomic
def notify_many(notes: Iterable[Note]) -> None:
    """As ``notify``, for many in three statements. Everything members are told passes here."""
    notes = list(notes)
    if not notes:
        return
    choices = Choices(note.member.pk for note in notes)
    chosen = [(note, _choice(note, choices)) for note in notes]
    rows = [_row(note, choice) for note, choice in chosen]
    Notification.objects.bulk_create(
        [row for row in rows if row.in_app or row.for_digest], ignore_conflicts=True, batch_size=2_000
    )
    enqueue_many(_letter(note) for note, choice in chosen if choice.email == ByMail.NOW)


def _choice(note: Note, choices: Choices) -> Choice:
    """What the member wants, as far as there is an e-mail of it at all."""
    choice = choices.of(note.member.pk, note.kind)
    return choice if note.email and note.member.active else replace(choice, email=ByMail.OFF)


def _row(note: Note, choice: Choice) -> Notification:
    return Notification(
        member=note.member,
        kind=note.kind,
        title=note.title[:200],
        text=note.text,
        url=note.url,
        dedup_key=note.dedup_key,
        in_app=choice.in_app,
        read_at=None if choice.in_app else timezone.now(),
        for_digest=choice.email == ByMail.DIGEST and not kinds.get(note.kind).on_agenda,
    )


def _letter(note: Note) -> Parcel:
    payload = {"subject": note.title, "title": note.title, "text": note.text, "url": note.url}
    return Parcel("email", _mail_key(note.dedup_key, note.member), payload, member=note.member)


def seen(*, member: Member, kind: str, dedup_key: str) -> bool:
    """Whether the member may have seen that note: in the app, in a digest that went out, or as a mail of its own."""
    note = Notification.objects.filter(member=member, dedup_key=dedup_key).first()
    mail = Delivery.objects.filter(kind="email", dedup_key=_mail_key(dedup_key, member))
    if mail.exclude(attempts=0, done_at=None).exists():
        return True
    if note is None:
        return False
    by_digest = Choices([member.pk]).of(member.pk, kind).email == ByMail.DIGEST and not note.for_digest
    return by_digest or (note.in_app and note.read_at is not None)


def withdraw(*, member: Member, dedup_key: str) -> None:
    """Take a note back that the member has not ``seen``, and the mail of it that still waits."""
    Notification.objects.filter(member=member, dedup_key=dedup_key).delete()
    Delivery.objects.filter(
        kind="email", dedup_key=_mail_key(dedup_key, member), attempts=0, done_at=None
    ).delete()


def _mail_key(dedup_key: str, member: Member) -> str:
    return f"note:{dedup_key}:{member.pk}"


def mark_read(*, member: Member, at: datetime, notification: Notification | None = None) -> int:
    """Take one note, or all of a member's, as read."""
    unread = Notification.objects.unread().filter(member=member)
    if notification is not None:
        unread = unread.filter(pk=notification.pk)
    return unread.update(read_at=at)


def _write(delivery: Delivery) -> None:
    """A note that was to come later: ``kind``, ``title``, ``text``, ``url`` of the payload."""
    assert delivery.member is not None  # a note is always for somebody
    words = {name: delivery.payload.get(name, "") for name in ("title", "text", "url")}
    kind = delivery.payload.get("kind", "note")
    notify(member=delivery.member, kind=kind, dedup_key=delivery.dedup_key, **words)


register(Channel("notification", _write))
