"""A round: everything due for one company at one moment, worked off.

The truth is in rows. A wake-up goes only after the round that saw it at its start has done everything;
a crash leaves it, and the next tick begins again. Every work is safe to run twice and anywhere.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation

from crm.models import Nightly, Tenant, WakeUp
from crm.services import deliveries, dispatch, jobs
from crm.tenancy.context import tenant_context
from crm.work import Outcome, Work, all_work

logger = logging.getLogger(__name__)
AGAIN_AFTER_FAILURE = timedelta(minutes=5)
MOST_WAKE_UPS = 20_000

RunJob = Callable[[UUID], object]


@dataclass
class Round:
    """What a round did: ``counts`` by kind, what ``failed``, and whether ``more`` waits right now."""

    counts: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)
    more: bool = False
    next_at: datetime | None = None

    def foresee(self, moment: datetime | None) -> None:
        if moment is not None:
            self.next_at = min(self.next_at or moment, moment)


def make_round(*, tenant: Tenant, at: datetime, run_job: RunJob, limit: int | None = None) -> Round:
    """Do what is due for a company at ``at``, of deliveries at most about ``limit``. No transaction is open."""
    seen = list(_ripe(tenant, at)[:MOST_WAKE_UPS])
    round_ = Round()
    _do_works(round_, tenant, at)
    _take_up_jobs(round_, tenant, run_job)
    sent, round_.more = dispatch.deliver(tenant_id=tenant.pk, at=at, limit=limit)
    round_.counts.update({f"{kind}_deliveries": count for kind, count in sent.items()})
    _look_ahead(round_, tenant, at)
    _close(round_, tenant, seen)
    return round_


def _do_works(round_: Round, tenant: Tenant, at: datetime) -> None:
    today = tenant.today(at)
    with _inside(tenant):
        night_is_over = Nightly.objects.filter(ran_on=today).exists()
    undone = False
    for work in all_work():
        if work.nightly and night_is_over:
            continue
        outcome = _do(round_, work, tenant, at)
        undone |= work.nightly and outcome is None
    if not night_is_over and not undone:
        _note_night(tenant, today)


def _do(round_: Round, work: Work, tenant: Tenant, at: datetime) -> Outcome | None:
    """One work in its own transaction; what fails does not hold up the others."""
    try:
        with _inside(tenant):
            if not _alone_with(work):
                round_.busy.append(work.key)
                return None
            outcome = work.run(at)
    except Exception:
        logger.exception("work %s failed for company %s", work.key, tenant.slug)
        round_.failed.append(work.key)
        return None
    round_.counts[work.key] += outcome.done
    round_.foresee(outcome.next_at)
    return outcome


def _take_up_jobs(round_: Round, tenant: Tenant, run_job: RunJob) -> None:
    with _inside(tenant):
        waiting = jobs.take_up()
    for job_id in waiting:
        run_job(job_id)
    if waiting:  # looked for again, should the message to a worker be lost
        round_.counts["jobs"] += len(waiting)
        round_.foresee(timezone.now() + timedelta(seconds=settings.WAKE_GUARD))


def _look_ahead(round_: Round, tenant: Tenant, at: datetime) -> None:
    """When the company must be looked at again, by the clock and by ``at`` if that was another moment."""
    with _inside(tenant):
        round_.foresee(deliveries.next_moment())
        round_.foresee(jobs.next_moment())
    round_.foresee(_midnight_after(tenant, timezone.now()))
    round_.foresee(_midnight_after(tenant, at))
    if round_.failed or round_.busy:
        round_.foresee(timezone.now() + AGAIN_AFTER_FAILURE)
    if round_.more:
        round_.foresee(timezone.now())


def _close(round_: Round, tenant: Tenant, seen: list[UUID]) -> None:
    """Take away the wake-ups that were seen and leave one ahead, in one transaction."""
    assert round_.next_at is not None
    with transaction.atomic():
        WakeUp.objects.filter(pk__in=seen).delete()
        ahead = WakeUp.objects.filter(tenant_id=tenant.pk, at__gt=timezone.now(), at__lte=round_.next_at)
        if not ahead.exists():
            WakeUp.objects.create(tenant_id=tenant.pk, at=round_.next_at)


def _ripe(tenant: Tenant, at: datetime) -> Any:
    # By id, not by moment: one that is written now and committed later was not seen.
    return WakeUp.objects.filter(tenant_id=tenant.pk, at__lte=at).order_by("at").values_list("pk", flat=True)


def _note_night(tenant: Tenant, today: date) -> None:
    with _inside(tenant):
        Nightly.objects.bulk_create(
            [Nightly(ran_on=today)],
            update_conflicts=True,
            update_fields=["ran_on"],
            unique_fields=["tenant"],
        )


def _alone_with(work: Work) -> bool:
    """Whether nobody else does this work for this company; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(current_setting('app.tenant_id') || %s, 0))",
            [f":work:{work.key}"],
        )
        return bool(cursor.fetchone()[0])


def _midnight_after(tenant: Tenant, at: datetime) -> datetime:
    return datetime.combine(tenant.today(at) + timedelta(days=1), time.min, tenant.zone)


@contextmanager
def _inside(tenant: Tenant) -> Iterator[None]:
    """The company's data, language and clock."""
    with (
        tenant_context(tenant.pk, source="worker"),
        translation.override(tenant.locale),
        timezone.override(tenant.zone),
    ):
        yield
