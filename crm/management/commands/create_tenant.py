"""Open a company: its first administrator, its defaults and an API key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from crm.commands import ReportingCommand
from crm.models.people import Locale
from crm.services.tenants import create_tenant

ZONES = {Locale.ENGLISH: "UTC", Locale.SIMPLIFIED: "Asia/Shanghai", Locale.TRADITIONAL: "Asia/Taipei"}
CURRENCIES = {Locale.ENGLISH: "USD", Locale.SIMPLIFIED: "CNY", Locale.TRADITIONAL: "TWD"}


class Command(ReportingCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name")
        parser.add_argument(
            "--slug", required=True, help="the company's short name in addresses and commands"
        )
        parser.add_argument(
            "--template", choices=["service"], default="service", help="what the company starts with"
        )
        parser.add_argument("--locale", choices=Locale.values, default=Locale.ENGLISH.value)
        parser.add_argument("--timezone", help="default: by language")
        parser.add_argument("--currency", help="default: by language")
        parser.add_argument("--admin", required=True, metavar="EMAIL")
        parser.add_argument("--password", required=True, help="for an administrator who is new here")

    def perform(self, **options: Any) -> dict[str, Any]:
        locale = Locale(options["locale"])
        tenant, key = create_tenant(
            name=options["name"],
            slug=options["slug"],
            locale=locale.value,
            timezone=options["timezone"] or ZONES[locale],
            currency=options["currency"] or CURRENCIES[locale],
            admin_email=options["admin"],
            password=options["password"],
        )
        return {"tenant": tenant.slug, "tenant_id": tenant.pk, "api_key": key}
