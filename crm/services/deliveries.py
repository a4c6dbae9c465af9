"""Deliveries: what the world must be told, as rows that are claimed, sent and settled.

A claim is a lease. Nobody else touches a delivery until the lease ends; whoever lost it neither sends
nor settles. A try is counted when it begins, so that one that kills its worker is counted too.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Min
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import audit, channels
from crm.errors import Conflict
from crm.models import Delivery, Member, WakeUp
from crm.models.work import DeliveryQuerySet
from crm.tenancy.context import current_tenant_id

LONGEST_PAUSE = timedelta(hours=4)


class NotDead(Conflict):
    """Only a dead letter can be sent again."""

    code = "delivery_not_dead"
    message = _("This delivery is not a dead letter.")


@dataclass(frozen=True)
class Parcel:
    """A delivery to be; ``dedup_key`` makes the same reason a single row."""

    kind: str
    dedup_key: str
    payload: dict[str, Any] = field(default_factory=dict)
    member: Member | None = None
    address: str = ""
    next_at: datetime | None = None
    lane: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a try ended: no ``error`` is success; ``final`` means that no other try can succeed."""

    error: str = ""
    final: bool = False


def enqueue(
    *,
    kind: str,
    dedup_key: str,
    payload: dict[str, Any],
    member: Member | None = None,
    address: str = "",
    next_at: datetime | None = None,
) -> None:
    """Write down what must be sent, in the transaction of its reason; the same key a second time is nothing."""
    enqueue_many([Parcel(kind, dedup_key, payload, member, address, next_at)])


def enqueue_many(parcels: Iterable[Parcel]) -> None:
    """As ``enqueue``, for many in one statement."""
    Delivery.objects.bulk_create(
        [
            Delivery(
                kind=parcel.kind,
                dedup_key=parcel.dedup_key,
                payload=parcel.payload,
                member=parcel.member,
                address=parcel.address,
                next_at=parcel.next_at or timezone.now(),
                lane=parcel.lane,
            )
            for parcel in parcels
        ],
        ignore_conflicts=True,
        batch_size=2_000,
    )


def lanes_due(at: datetime) -> list[tuple[str, str]]:
    """The kinds, and within them the lanes, that have something to be sent outside the database."""
    due = Delivery.objects.due(at).exclude(kind__in=channels.inside_kinds())
    return list(due.order_by("kind", "lane").values_list("kind", "lane").distinct())


@transaction.atomic
def claim(*, kind: str, lane: str = "", limit: int, at: datetime) -> list[Delivery]:
    """Lease up to ``limit`` due deliveries of a kind's lane to the caller, oldest first.

    One at a time sends in a lane of a company, so that a crash repeats one message at most: while
    somebody else's lease lasts, nothing is given.
    """
    with connection.cursor() as cursor:
        lock = f"deliver:{current_tenant_id()}:{kind}:{lane}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [lock])
    leased = Delivery.objects.open().filter(kind=kind, lane=lane, claimed_until__gt=timezone.now())
    if leased.exists():
        return []
    due = Delivery.objects.due(at).filter(kind=kind, lane=lane)
    claimed = list(due.select_for_update(skip_locked=True)[:limit])
    _renew(claimed)
    return claimed


@transaction.atomic
def perform_inside(*, limit: int, at: datetime) -> list[Delivery]:
    """Do up to ``limit`` due effects inside the database, each together with its mark: exactly once."""
    due = Delivery.objects.due(at).filter(kind__in=channels.inside_kinds())
    claimed = list(due.select_for_update(skip_locked=True)[:limit])
    until = _lease()
    Delivery.objects.filter(pk__in=[d.pk for d in claimed]).update(
        claimed_until=until, attempts=F("attempts") + 1
    )
    for delivery in claimed:
        delivery.claimed_until, delivery.attempts = until, delivery.attempts + 1
        channel = channels.get(delivery.kind)
        assert channel is not None
        try:
            with transaction.atomic():
                channel.prepare(delivery)
            outcome = Outcome()
        except Exception as error:  # whatever it is, the other deliveries go on
            outcome = Outcome(describe(error))
        settle(delivery=delivery, outcome=outcome, at=at)
    return claimed


def begin(*, delivery: Delivery, waiting: Sequence[Delivery] = ()) -> bool:
    """Count a try and renew the lease; False when the lease was lost: then hands off.

    ``waiting`` are those of the same claim that come next: their lease is renewed when half of it is gone.
    """
    until = _lease()
    held = Delivery.objects.open().filter(pk=delivery.pk, claimed_until=delivery.claimed_until)
    if not held.update(claimed_until=until, attempts=F("attempts") + 1):
        return False
    delivery.claimed_until, delivery.attempts = until, delivery.attempts + 1
    if waiting and (waiting[0].claimed_until or until) < timezone.now() + timedelta(
        seconds=settings.DELIVERY_LEASE / 2
    ):
        _renew(waiting)
    return True


def settle(*, delivery: Delivery, outcome: Outcome, at: datetime) -> bool:
    """Write down how a try ended: done, again later, or dead. False when the lease was lost meanwhile."""
    changes: dict[str, Any] = {"claimed_until": None, "last_error": outcome.error}
    if not outcome.error:
        changes["done_at"] = timezone.now()
    elif outcome.final or delivery.attempts >= _most_tries(delivery.kind):
        changes["dead_at"] = timezone.now()
    else:
        changes["next_at"] = at + pause_after(delivery.attempts)
    held = Delivery.objects.open().filter(pk=delivery.pk, claimed_until=delivery.claimed_until)
    return bool(held.update(**changes))


def postpone(*, claimed: Iterable[Delivery], at: datetime) -> None:
    """Give back what was claimed and not tried, since nobody answers there; it costs them no try."""
    for delivery in claimed:
        held = Delivery.objects.open().filter(pk=delivery.pk, claimed_until=delivery.claimed_until)
        held.update(claimed_until=None, next_at=at + pause_after(max(1, delivery.attempts)))


def pause_after(attempts: int) -> timedelta:
    """Twice as long after each failed try, up to four hours; a fifth more or less, so that they do not march."""
    seconds = settings.DELIVERY_BACKOFF * 2 ** min(attempts - 1, 20)
    return timedelta(seconds=min(seconds, LONGEST_PAUSE.total_seconds()) * random.uniform(0.8, 1.2))


@transaction.atomic
def requeue(*, delivery: Delivery, actor: Member | None) -> Delivery:
    """Give a dead letter all its tries again, from now on."""
    now = timezone.now()
    revived = Delivery.objects.dead().filter(pk=delivery.pk)
    if not revived.update(dead_at=None, attempts=0, claimed_until=None, next_at=now):
        raise NotDead
    WakeUp.objects.create(tenant_id=current_tenant_id(), at=now)
    audit.record("delivery.requeued", delivery, actor=actor)
    delivery.refresh_from_db()
    return delivery


@transaction.atomic
def send_again(chosen: DeliveryQuerySet) -> int:
    """Send what was done or given up once more, under the same id; what is still open stays as it is."""
    now = timezone.now()
    closed = chosen.exclude(done_at=None, dead_at=None)
    count = closed.update(
        done_at=None, dead_at=None, attempts=0, claimed_until=None, next_at=now, last_error=""
    )
    if count:
        WakeUp.objects.create(tenant_id=current_tenant_id(), at=now)
    return count


def give_up(chosen: DeliveryQuerySet, because: str) -> int:
    """Make dead letters of what is still open."""
    return chosen.open().update(dead_at=timezone.now(), claimed_until=None, last_error=because)


def next_moment() -> datetime | None:
    """When the earliest open delivery is ripe and free."""
    free_at = Greatest("next_at", Coalesce("claimed_until", "next_at"))
    return Delivery.objects.open().aggregate(at=Min(free_at))["at"]


def describe(error: BaseException) -> str:
    """Why something was not taken, as its sender told it; any other error as ops can read it."""
    told = str(error) if isinstance(error, channels.Untaken) else f"{type(error).__name__}: {error}"
    return told[:2_000]


def message_id(delivery_id: UUID, host: str) -> str:
    """The id every try of a delivery carries, so that a receiver recognises a repeat."""
    return f"<{delivery_id}@{host}>"


def _renew(claimed: Sequence[Delivery]) -> None:
    """A fresh lease for what the caller holds; what was lost meanwhile stays lost."""
    until = _lease()
    by_lease: dict[datetime | None, list[Delivery]] = {}
    for delivery in claimed:
        by_lease.setdefault(delivery.claimed_until, []).append(delivery)
    for lease, some in by_lease.items():
        Delivery.objects.open().filter(pk__in=[one.pk for one in some], claimed_until=lease).update(
            claimed_until=until
        )
    for delivery in claimed:
        delivery.claimed_until = until


def _most_tries(kind: str) -> int:
    channel = channels.get(kind)
    return (channel.tries if channel else None) or settings.DELIVERY_TRIES


def _lease() -> datetime:
    return timezone.now() + timedelta(seconds=settings.DELIVERY_LEASE)
