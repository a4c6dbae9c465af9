"""Fill a company with believable customers and two years of history; the same seed gives the same data."""

from __future__ import annotations

import time as clock
from datetime import datetime, time
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from crm.commands import TenantCommand, day
from crm.models import Tenant
from crm.models.people import Locale
from crm.services.demo import seed


class Command(TenantCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--customers", type=int, default=400)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--locale", choices=Locale.values, default="", help="default: the company's language"
        )
        parser.add_argument("--until", type=day, help="the last day of the history (default: now)")

    def perform_for(self, tenant: Tenant, /, **options: Any) -> dict[str, Any]:
        started = clock.monotonic()
        at = datetime.combine(options["until"], time(18), tenant.zone) if options["until"] else timezone.now()
        made = seed(
            tenant=tenant, size=options["customers"], seed=options["seed"], at=at, locale=options["locale"]
        )
        return {**made, "seconds": round(clock.monotonic() - started, 2)}
