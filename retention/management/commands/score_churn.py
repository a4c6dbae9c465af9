"""Score every customer's chance of buying nothing within the horizon, as of the end of a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser

from crm.commands import TenantCommand, day
from crm.models import Tenant
from retention.services.score_files import write_scores
from retention.services.scoring import score


class Command(TenantCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as-of", type=day, metavar="DATE", help="default: yesterday")
        parser.add_argument("--horizon", type=int, metavar="DAYS", help="default: the company's")
        parser.add_argument("--export", metavar="FILE", help="write the scores with their reasons as CSV")

    def perform_for(self, tenant: Tenant, /, **options: Any) -> dict[str, Any]:
        as_of = options["as_of"] or tenant.today() - timedelta(days=1)
        horizon = tenant.churn_horizon_days if options["horizon"] is None else options["horizon"]
        run = score(as_of=as_of, horizon=horizon)
        result = {"customers": run.customers, "level": run.level, "seconds": run.seconds}
        if options["export"]:
            with open(options["export"], "w", encoding="utf-8", newline="") as file:
                result["exported"] = write_scores(run, file, currency=tenant.currency)
        return result
