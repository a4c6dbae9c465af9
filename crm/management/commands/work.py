"""``manage.py work``: run once whatever is due for a company."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from crm.commands import FIRST_DAY, LAST_DAY
from crm.models import Tenant
from crm.services import jobs
from crm.services.rounds import make_round

MOST_ROUNDS = 10


class Command(BaseCommand):
    help = "Run once whatever is due: follow-ups from plans, reminders, clocks, surveys, jobs, deliveries."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, help="the company's short name")
        parser.add_argument(
            "--until", help="work as of this moment (ISO 8601); without a zone, the company's own"
        )
        parser.add_argument("--json", action="store_true", help="end with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["tenant"], closed_at=None).first()
        if tenant is None:
            raise CommandError(f"There is no company {options['tenant']!r}.")
        counts, failed = _work_off(tenant, _moment(tenant, options["until"]))
        if options["json"]:
            self.stdout.write(json.dumps({"tenant": tenant.slug, **counts, "failed": failed}))
        else:
            for kind, count in sorted(counts.items()):
                self.stdout.write(f"{kind}: {count}")
        if failed:
            raise CommandError(f"These failed; the log has the reasons: {', '.join(failed)}")


def _work_off(tenant: Tenant, at: datetime) -> tuple[Counter[str], list[str]]:
    """Rounds until one finds nothing more to do."""
    counts: Counter[str] = Counter()
    failed: set[str] = set()
    for _attempt in range(MOST_ROUNDS):
        round_ = make_round(
            tenant=tenant, at=at, run_job=lambda job_id: jobs.run(tenant_id=tenant.pk, job_id=job_id)
        )
        counts.update(round_.counts)
        failed.update(round_.failed)
        if round_.failed or not +round_.counts:
            break
    return counts, sorted(failed)


def _moment(tenant: Tenant, text: str | None) -> datetime:
    """A moment as typed; a bare day means its end."""
    if not text:
        return timezone.now()
    try:
        moment, day = parse_datetime(text), parse_date(text)
    except ValueError as error:
        raise CommandError(f"--until: {error}") from error
    if day is not None and (moment is None or len(text) == 10):
        moment = datetime.combine(day, datetime.max.time())
    if moment is None:
        raise CommandError(f"--until: {text!r} is not a moment like 2026-03-31T18:00.")
    if not FIRST_DAY <= moment.date() <= LAST_DAY:
        raise CommandError(f"--until: choose a moment from {FIRST_DAY} to {LAST_DAY}.")
    return moment if timezone.is_aware(moment) else moment.replace(tzinfo=tenant.zone)
