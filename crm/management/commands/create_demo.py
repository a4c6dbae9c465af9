"""Make the two demo companies of a first run, and write down how to sign in. Harmless when run again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from crm.commands import ReportingCommand
from crm.models import Tenant
from crm.services import demo
from crm.stack.home import write_private
from crm.tenancy.context import tenant_context

HORIZON = "90"
WEEKS = 8  # scored one by one before today, so that a course is there from the first day


class Command(ReportingCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--customers", type=int, default=demo.CUSTOMERS)

    def perform(self, **options: Any) -> dict[str, Any]:
        file = settings.HOME / "demo.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        keys = known.get("api_keys", {})
        for company in demo.COMPANIES:
            if not Tenant.objects.filter(slug=company.slug).exists():
                keys[company.slug] = self._open(company, options["customers"])
        people = [
            *(entry for company in demo.COMPANIES for entry in demo.sign_ins(company)),
            demo.open_operations(),
        ]
        result = {"sign_ins": people, "api_key": keys.get(demo.COMPANIES[0].slug, ""), "api_keys": keys}
        write_private(file, json.dumps(result, ensure_ascii=False, indent=2) + "\n")
        return result

    def _open(self, company: demo.Company, customers: int) -> str:
        at = timezone.now()
        with transaction.atomic():
            tenant, key = demo.open_company(company)
            with tenant_context(tenant.pk):
                demo.seed(tenant=tenant, size=customers, seed=company.seed, at=at)
        yesterday = tenant.today(at) - timedelta(days=1)  # the last whole day, which the night scores too
        cut = (tenant.today(at) - timedelta(days=int(HORIZON) + 5)).isoformat()
        month_ago = (tenant.today(at) - timedelta(days=30)).isoformat()
        # Classes were found before: so there is something that moved since.
        self._follow("classify", "--tenant", tenant.slug, "--as-of", month_ago)
        self._follow("classify", "--tenant", tenant.slug)
        self._follow(
            "score_churn", "--tenant", tenant.slug, "--as-of", yesterday.isoformat(), "--horizon", HORIZON
        )
        for week in range(1, WEEKS + 1):
            day = (yesterday - timedelta(weeks=week)).isoformat()
            self._follow("score_churn", "--tenant", tenant.slug, "--as-of", day, "--horizon", HORIZON)
        self._follow("backtest_churn", "--tenant", tenant.slug, "--cut", cut, "--horizon", HORIZON)
        self._follow("work", "--tenant", tenant.slug)
        return key

    def _follow(self, command: str, *arguments: str) -> None:
        """Let the apps above decide what they decide every night, where they are installed."""
        if command in get_commands():
            call_command(command, *arguments, stdout=self.stdout)
