"""The worker's entrances. Messages may be lost, repeated or late: what must happen stands in rows."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.utils import timezone

from crm.celery import HEADER, GlobalTask, app
from crm.models import Tenant
from crm.services import jobs
from crm.services.rounds import make_round

DELIVERIES_AT_ONCE = 500

# Every open company has a wake-up ahead, a new one at once.
_WAKE_THE_FORGOTTEN = """
    INSERT INTO crm_wakeup (id, tenant_id, at)
    SELECT uuid7(), t.id, now() FROM crm_tenant t
    WHERE t.closed_at IS NULL AND NOT EXISTS (SELECT FROM crm_wakeup w WHERE w.tenant_id = t.id)
"""
_DUE = """
    SELECT DISTINCT w.tenant_id FROM crm_wakeup w JOIN crm_tenant t ON t.id = w.tenant_id
    WHERE w.at <= %s AND t.closed_at IS NULL
"""


@app.task(base=GlobalTask)
def tick() -> None:
    """Wake the companies that have something due. Two beats, a late one or a lost one change only the delay."""
    with connection.cursor() as cursor:
        cursor.execute(_WAKE_THE_FORGOTTEN)
        cursor.execute(_DUE, [timezone.now()])
        due = [tenant_id for (tenant_id,) in cursor.fetchall()]
    for tenant_id in due:
        hint(tenant_id)


@app.task
def work_for_tenant() -> None:
    """Make a round for the company in the message's header; go on in a new message while more waits."""
    tenant_id = work_for_tenant.tenant_id
    caches["queue"].delete(_guard(tenant_id))
    tenant = Tenant.objects.filter(pk=tenant_id, closed_at=None).first()
    if tenant is None:
        return
    round_ = make_round(
        tenant=tenant,
        at=timezone.now(),
        run_job=lambda job_id: _queue_job(tenant_id, job_id),
        limit=DELIVERIES_AT_ONCE,
    )
    if round_.more:
        hint(tenant_id)


@app.task
def run_job(job_id: str) -> None:
    """Run one waiting job of the company in the header."""
    jobs.run(tenant_id=run_job.tenant_id, job_id=job_id)


def _queue_job(tenant_id: str, job_id: UUID) -> None:
    """Hand a waiting job to a worker, unless its message is already queued."""
    if caches["queue"].add(f"job-queued:{job_id}", 1, settings.WAKE_GUARD):
        run_job.apply_async(args=[str(job_id)], headers={HEADER: tenant_id})


def hint(tenant_id: UUID | str) -> None:
    """Ask for a round, unless one is already queued.

    The guard lives where the queue lives: should the broker lose the message, the guard goes with it.
    It ends by itself, so that a message that got lost alone delays and does not silence.
    """
    if caches["queue"].add(_guard(tenant_id), 1, settings.WAKE_GUARD):
        work_for_tenant.apply_async(headers={HEADER: str(tenant_id)}, retry=False)


def _guard(tenant_id: UUID | str) -> str:
    return f"round-queued:{tenant_id}"
