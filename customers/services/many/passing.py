"""Telling who got records from a colleague, and who lost them again: one note for all of one request or job.

How many there were is counted in the history, so that batches, a job that was started anew and many calls of one
request come to one true number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import models, transaction
from django.db.models import Count, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.formats import number_text
from crm.models import AuditEntry, Member, Notification, Tenant
from crm.people.selectors import language_of
from crm.services.notifications import notify, seen, withdraw
from crm.tenancy.context import current, current_tenant_id
from customers.models import FollowUp


@dataclass(frozen=True)
class Passing:
    """How records of a kind pass from owner to owner by the deed ``deed``.

    ``given`` and ``taken`` are the titles of what is told, from a count and its words; ``mine`` is the address of
    one's own. The kind of note is ``<name>.handed``.
    """

    name: str
    model: type[models.Model]
    deed: str
    given: Callable[[int, dict[str, str]], str]
    taken: Callable[[int, dict[str, str]], str]
    mine: Callable[[], str]


@dataclass(frozen=True)
class One:
    """A single record that passes on: what it is called, for whom it is, where it stands."""

    name: str
    customer: str
    url: str


@transaction.atomic
def tell_given(
    passing: Passing,
    *,
    owner: Member | None,
    actor: Member | None,
    one: One | None = None,
) -> None:
    """Tell the new owner what this request or job gave; ``one`` by its name where it is all. Nobody is told of
    what they took."""
    if owner is None or actor is None or owner.pk == actor.pk or not owner.active:
        return
    count = _moved(passing, current().request_id, after=owner).count()
    if not count:
        return
    key = note_of(passing, current().request_id)
    with translation.override(language_of(owner, Tenant.objects.get(pk=current_tenant_id()))):
        if count == 1 and one is not None:
            told = {"name": one.name, "by": actor.display_name}
            title, text, url = _("%(name)s was handed to you by %(by)s") % told, one.customer, one.url
        else:
            title, text, url = passing.given(count, _words(count, actor)), "", passing.mine()
    earlier = Notification.objects.filter(member=owner, dedup_key=key)
    if not earlier.update(title=title[:200], text=text, url=url):  # several calls of one request
        notify(member=owner, kind=f"{passing.name}.handed", title=title, text=text, url=url, dedup_key=key)


@transaction.atomic
def tell_taken(passing: Passing, *, done: UUID, actor: Member) -> None:
    """After what ``done`` (a request or job) gave was taken back in this one: who has not seen the note never hears of
    it, or of what is left; who has is told."""
    lost = _moved(passing, current().request_id)
    by_owner = lost.values_list(KeyTextTransform("owner_id", "before")).annotate(n=Count("subject_id"))
    for pk, count in by_owner.order_by():
        owner = Member.objects.filter(pk=pk).exclude(pk=actor.pk).first() if pk else None
        given = _moved(passing, done, after=owner).count() if owner else 0
        if owner is None or not given:
            continue
        key, kind = note_of(passing, done), f"{passing.name}.handed"
        if seen(member=owner, kind=kind, dedup_key=key):
            _tell_lost(passing, owner, actor, count)
        elif count < given:
            _tell_left(passing, owner, actor, given - count, key)
        else:
            withdraw(member=owner, dedup_key=key)


def _tell_lost(passing: Passing, owner: Member, actor: Member, count: int) -> None:
    with translation.override(language_of(owner, Tenant.objects.get(pk=current_tenant_id()))):
        title = passing.taken(count, _words(count, actor))
    key = f"taken:{passing.name}:{current().request_id}"
    notify(member=owner, kind=f"{passing.name}.handed", title=title, url=passing.mine(), dedup_key=key)


def _tell_left(passing: Passing, owner: Member, actor: Member, left: int, key: str) -> None:
    with translation.override(language_of(owner, Tenant.objects.get(pk=current_tenant_id()))):
        title = passing.given(left, _words(left, actor))
    Notification.objects.filter(member=owner, dedup_key=key).update(title=title[:200])


def _moved(passing: Passing, request_id: UUID, after: Member | None = None) -> QuerySet[AuditEntry]:
    """The changes of owner under one request or job; only those to ``after``."""
    changes = AuditEntry.objects.filter(
        request_id=request_id,
        subject_type=passing.model._meta.label_lower,
        kind=AuditEntry.Kind.UPDATE,
        before__has_key="owner_id",
    ).order_by()
    return changes.filter(after__owner_id=str(after.pk)) if after is not None else changes


def note_of(passing: Passing, request_id: UUID) -> str:
    """The key of the one note of what a request or job gave."""
    return f"handed:{passing.name}:{request_id}"


def _words(count: int, actor: Member) -> dict[str, str]:
    return {"by": actor.display_name, "count": number_text(count)}


FOLLOW_UPS = Passing(
    "follow_up",
    FollowUp,
    "hand_over",
    given=lambda count, words: (
        ngettext(
            "%(count)s follow-up was handed to you by %(by)s",
            "%(count)s follow-ups were handed to you by %(by)s",
            count,
        )
        % words
    ),
    taken=lambda count, words: (
        ngettext(
            "%(by)s took %(count)s follow-up back that was handed to you",
            "%(by)s took %(count)s follow-ups back that were handed to you",
            count,
        )
        % words
    ),
    mine=lambda: f"{reverse('maintenance:follow-ups')}?owner=me",
)
