"""Applying changed rules to a large company: a job, batch by batch, that can be watched and stopped."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone

from crm.models import Job
from crm.services import jobs
from customers.models import Customer
from segmentation.members import reference_at
from segmentation.services import classify, tallies

APPLY = "apply_classes"
BATCH = 10_000


def run(job: Job) -> dict[str, Any]:
    """Classify everyone by the rules as they are when a batch's turn comes; stopped, the night does the rest."""
    at, moved, seen, after = timezone.now(), 0, 0, None
    while True:
        with jobs.working_on(job):
            reference = reference_at(at)
            ids = _next(after)
            if not ids:
                tallies.keep(reference)
                return {"moved": moved}
            moved += classify.apply(at=at, reference=reference, customer_ids=ids, actor=job.created_by).moved
        after, seen = ids[-1], seen + len(ids)
        jobs.report(job, seen)


def _next(after: UUID | None) -> list[UUID]:
    rows = Customer.objects.living()
    rows = rows.filter(pk__gt=after) if after else rows
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
