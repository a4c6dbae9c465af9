"""What is older than its period goes by itself, a bounded number a night, audited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm import audit
from crm.audit.erasing import FACT, Erasing
from crm.models import AuditEntry, Delivery, Member, Notification
from customers.models import Customer, Interaction, RetentionPeriod
from customers.services.privacy.blanking import blank, remove
from customers.services.privacy.erasing import clear_up, erase_person

Kind = RetentionPeriod.Kind
A_NIGHT = 5_000
PEOPLE_A_NIGHT = 100
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Rule:
    """``old(before)`` are the rows whose period ended; ``end(rows)`` ends a list of them."""

    kind: str
    what: str | Promise
    old: Callable[[datetime], QuerySet[Any]]
    end: Callable[[list[Any]], None]
    a_night: int = A_NIGHT


def set_period(*, kind: str, days: int | None, actor: Member | None) -> None:
    """Keep a kind of data for so many days; ``None`` keeps it for good."""
    if days is None:
        RetentionPeriod.objects.filter(kind=kind).delete()
    else:
        RetentionPeriod.objects.update_or_create(kind=kind, defaults={"days": days})
    audit.record("retention.set", None, actor=actor, kind=kind, days=days)


def would_end(kind: str, days: int, at: datetime | None = None) -> int:
    """How many rows are older than that today, counted to 10,000."""
    rows = RULES[kind].old((at or timezone.now()) - timedelta(days=days))
    return rows.order_by()[:MOST_COUNTED].count()


@transaction.atomic
def keep_periods(at: datetime) -> int:
    """End what is older than its period; gives how many rows."""
    ended = 0
    for period in RetentionPeriod.objects.all():
        rule = RULES[period.kind]
        rows = list(rule.old(at - timedelta(days=period.days))[: rule.a_night])
        if rows:
            rule.end(rows)
            audit.record("retention.kept", period, kind=period.kind, days=period.days, rows=len(rows))
            ended += len(rows)
    return ended


def _erase(people: list[Customer]) -> None:
    for person in people:
        done = erase_person(person=person, reason="retention", actor=None)
        transaction.on_commit(lambda told=done: clear_up(told))  # type: ignore[misc]


def _forget_words(interactions: list[Interaction]) -> None:
    """The touchpoints stay; what was said goes, out of the history, too."""
    ids = {one.pk for one in interactions}
    blank(Interaction, ids)
    erasing = Erasing()
    entries = AuditEntry.objects.filter(subject_id__in=ids).exclude(after__has_key=FACT)
    erasing.empty(list(entries.values_list("pk", flat=True)), ["text", "outcome", "external_id"])
    period = RetentionPeriod.objects.get(kind=Kind.TALK)
    erasing.finish("retention.erased", period, actor=None, rows=len(ids))


def _remove(rows: list[Any]) -> None:
    remove(type(rows[0]), [row.pk for row in rows])


def _living() -> QuerySet[Customer]:
    return Customer.objects.filter(erased_at=None, merged_into=None).order_by("created_at", "id")


def _leads(before: datetime) -> QuerySet[Customer]:
    """Leads made before that, never in touch since, who never bought; what review has not taken in is none."""
    silent = Q(stats__last_contact_at=None) | Q(stats__last_contact_at__lt=before)
    leads = _living().filter(review=Customer.Review.ACCEPTED, deleted_at=None, stats__stage="lead")
    return leads.filter(silent, created_at__lt=before, stats__orders=0, stats__open_tickets=0, contracts=None)


RULES: dict[str, Rule] = {
    rule.kind: rule
    for rule in (
        Rule(
            Kind.DELETED,
            _("erased so long after they were deleted"),
            lambda before: _living().filter(deleted_at__lt=before),
            _erase,
            PEOPLE_A_NIGHT,
        ),
        Rule(
            Kind.REJECTED,
            _("erased so long after they came"),
            lambda before: _living().filter(review=Customer.Review.REJECTED, created_at__lt=before),
            _erase,
            PEOPLE_A_NIGHT,
        ),
        Rule(
            Kind.LEADS,
            _("erased so long after the last contact"),
            _leads,
            _erase,
            PEOPLE_A_NIGHT,
        ),
        Rule(
            Kind.TALK,
            _("the words go, that there was a contact stays"),
            lambda before: (
                Interaction.objects.filter(happened_at__lt=before)
                .exclude(text="", outcome="")
                .order_by("happened_at", "id")
            ),
            _forget_words,
        ),
        Rule(
            Kind.MESSAGES,
            _("removed so long after they were sent or given up"),
            lambda before: Delivery.objects.filter(Q(done_at__lt=before) | Q(dead_at__lt=before)),
            _remove,
        ),
        Rule(
            Kind.NOTES,
            _("removed so long after they were written"),
            lambda before: Notification.objects.filter(created_at__lt=before),
            _remove,
        ),
    )
}
