"""Decide class, stage and RFM of every customer, now or as of the end of a day."""

from __future__ import annotations

import time as clock
from datetime import datetime, time
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from crm.commands import TenantCommand, day
from crm.models import Tenant
from customers.services import stats
from segmentation.services.classify import classify


class Command(TenantCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as-of", type=day, help="the company's day, ISO 8601; default: now")

    def perform_for(self, tenant: Tenant, /, **options: Any) -> dict[str, Any]:
        began, at, as_of = clock.monotonic(), timezone.now(), options["as_of"]
        if as_of is not None:
            at = datetime.combine(as_of, time.max, tenant.zone)
            stats.refresh(at=at)
        moves = classify(at=at)
        seconds = round(clock.monotonic() - began, 3)
        return {"customers": moves.customers, "moved": moves.moved, "seconds": seconds}
