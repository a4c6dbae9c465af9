"""Notes to members: in the app at once, by e-mail through the delivery engine; each reason only once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from crm.channels import Channel, register
from crm.models import Delivery, Member, Notification
from crm.services.deliveries import Parcel, enqueue_many


@dataclass(frozen=True)
class Note:
    """What one member is told, in that member's language; ``url`` is a path of ours."""

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
    """As ``notify``, for many in two statements."""
    notes = list(notes)
    Notification.objects.bulk_create(
        [
            Notification(
                member=note.member,
                kind=note.kind,
                title=note.title[:200],
                text=note.text,
                url=note.url,
                dedup_key=note.dedup_key,
            )
            for note in notes
        ],
        ignore_conflicts=True,
        batch_size=2_000,
    )
    enqueue_many(
        Parcel(
            kind="email",
            dedup_key=f"note:{note.dedup_key}:{note.member.pk}",
            payload={"subject": note.title, "title": note.title, "text": note.text, "url": note.url},
            member=note.member,
        )
        for note in notes
        if note.email and note.member.active
    )


def mark_read(*, member: Member, at: datetime, notification: Notification | None = None) -> int:
    """Take one note, or all of a member's, as read."""
    unread = Notification.objects.filter(member=member, read_at=None)
    if notification is not None:
        unread = unread.filter(pk=notification.pk)
    return unread.update(read_at=at)


def _write(delivery: Delivery) -> None:
    """A note that was to appear later: ``kind``, ``title``, ``text``, ``url`` of the payload."""
    payload = delivery.payload
    Notification.objects.create(
        member=delivery.member,  # type: ignore[misc]  # a note is always for somebody
        kind=payload.get("kind", "note"),
        title=payload.get("title", "")[:200],
        text=payload.get("text", ""),
        url=payload.get("url", ""),
        dedup_key=delivery.dedup_key,
    )


register(Channel("notification", _write))
