"""How each member wants to be told: kind by kind, in the app and by e-mail; and when the digest comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from crm import audit
from crm.models import Digest, Member, NotificationChoice
from crm.notifications import kinds
from crm.notifications.kinds import ByMail, Kind


@dataclass(frozen=True)
class Choice:
    in_app: bool
    email: str


class Choices:
    """The choices of some members, looked up in one query."""

    def __init__(self, members: Iterable[UUID]) -> None:
        rows = NotificationChoice.objects.filter(member__in=set(members)).order_by()
        self._made = {
            (member, kind): Choice(in_app, email)
            for member, kind, in_app, email in rows.values_list("member", "kind", "in_app", "email")
        }

    def of(self, member: UUID, key: str) -> Choice:
        """What the member chose, else what is usual; as far as the kind may be silenced."""
        kind = kinds.get(key)
        return permitted(kind, self._made.get((member, key)) or Choice(kind.in_app, kind.email))


def permitted(kind: Kind, choice: Choice) -> Choice:
    """The choice, or what comes closest to it for a kind that may not be silenced."""
    if kind.silenced:
        return choice
    return Choice(True, kind.email if choice.email == ByMail.OFF else choice.email)


def digest_of(member: Member) -> Digest:
    """When the member's digest comes; the usual where nothing was chosen."""
    return Digest.objects.filter(member=member).first() or Digest(member=member)


@transaction.atomic
def choose(
    *,
    member: Member,
    choices: Mapping[str, Choice],
    days: str | None = None,
    hour: int | None = None,
) -> None:
    """Keep what a member wants. What equals the usual is kept, too, should the usual change some day."""
    rows = [
        NotificationChoice(member=member, kind=key, in_app=chosen.in_app, email=chosen.email)
        for key, choice in choices.items()
        for chosen in [permitted(kinds.get(key), choice)]
    ]
    NotificationChoice.objects.bulk_create(
        rows,
        update_conflicts=True,
        update_fields=["in_app", "email"],
        unique_fields=["tenant", "member", "kind"],
    )
    digest = {name: value for name, value in (("days", days), ("hour", hour)) if value is not None}
    if digest:
        Digest.objects.update_or_create(member=member, defaults=digest)
    audit.record("notifications.chosen", member, actor=member, kinds=sorted(choices), **digest)
