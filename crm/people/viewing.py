"""What an administrator sees as another member: to read only, for some minutes, and told in the history."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import audit
from crm.errors import DomainError, NotAllowed
from crm.models import Member

KEY = "viewed_member"
MINUTES = (5, 15, 60)
CAPABILITY = "people.manage"
SAFE = ("GET", "HEAD", "OPTIONS")
ACCOUNT = "/accounts/"
# One's own settings are nobody else's business.
PRIVATE = frozenset({"profile.change"})


class NoSuchView(DomainError):
    """One looks as another active member, for a while that is offered."""

    code = "no_such_view"


class AccountOfViewer(NotAllowed):
    """One's own account stays closed while one looks as another member."""

    message = _("You are looking as another member. End that view first to open your own account.")


def begin(session: Any, *, member: Member, actor: Member, minutes: int) -> None:
    """From the next request on the session sees what ``member`` sees, for so many minutes."""
    if not actor.can(CAPABILITY):
        raise NotAllowed
    if minutes not in MINUTES or not member.active or member.pk == actor.pk:
        raise NoSuchView
    until = timezone.now() + timedelta(minutes=minutes)
    session[KEY] = [str(member.pk), until.isoformat()]
    audit.record("member.viewed_as", member, actor=actor, minutes=minutes)


def end(session: Any, *, actor: Member) -> None:
    """See one's own pages again."""
    given = session.pop(KEY, None)
    if given:
        member = Member.objects.filter(pk=given[0]).first()
        audit.record("member.view_ended", member, actor=actor)


def seen_by(session: Any, actor: Member) -> tuple[Member, datetime] | None:
    """As whom ``actor`` looks, and until when; nobody once the time is over or the right is gone."""
    given = session.get(KEY)
    if not given:
        return None
    until = datetime.fromisoformat(given[1])
    people = Member.objects.active().filter(pk=given[0]).select_related("team", "tenant")
    member = people.first() if actor.can(CAPABILITY) and timezone.now() < until else None
    if member is None:
        session.pop(KEY)
        return None
    return member, until


def check(request: Any, capability: str) -> None:
    """Refuse what changes anything, and the other's own settings, while one looks as another member."""
    if request.viewer is not None and (request.method not in SAFE or capability in PRIVATE):
        raise NotAllowed


def check_account(request: Any) -> None:
    """Refuse passwords, addresses and keys of the account while one looks as another member: they are one's own."""
    if request.viewer is not None and request.path.startswith(ACCOUNT):
        raise AccountOfViewer
