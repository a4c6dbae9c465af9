"""Score as of a past day and compare with what happened: how good would the churn score have been?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from crm.commands import TenantCommand, day
from crm.models import Tenant
from retention.services.backtests import figures, run_backtest


class Command(TenantCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--cut", type=day, required=True, metavar="DATE")
        parser.add_argument("--horizon", type=int, metavar="DAYS", help="default: the company's")

    def perform_for(self, tenant: Tenant, /, **options: Any) -> dict[str, Any]:
        horizon = tenant.churn_horizon_days if options["horizon"] is None else options["horizon"]
        return figures(run_backtest(cut=options["cut"], horizon=horizon))
