"""The shape of Tenure's commands: what was done as text, or with ``--json`` as one object on the last line."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from crm.errors import DomainError
from crm.models import Tenant
from crm.tenancy.context import tenant_context

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def day(text: str) -> date:
    """A day as an argument: ISO 8601, and so near that what is counted from it is a day, too."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a day like 2026-03-31.") from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise ArgumentTypeError(f"{text}: choose a day from {FIRST_DAY} to {LAST_DAY}.")
    return found


class ReportingCommand(BaseCommand):
    """A command whose ``perform`` gives its result as a dictionary; a refusal is its exit status."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="end with the result as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = self.perform(**options)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            if error.filename is None:
                raise
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        if options["json"]:
            self.stdout.write(json.dumps(result, default=str, ensure_ascii=False))
        else:
            for name, value in result.items():
                self.stdout.write(f"{name}: {value}")

    def perform(self, **options: Any) -> dict[str, Any]:
        raise NotImplementedError


class TenantCommand(ReportingCommand):
    """Works for the company named by ``--tenant``, in its language.

    One transaction around all of it, unless ``one_transaction`` is false and ``perform_for`` opens its own.
    """

    one_transaction = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--tenant", required=True, metavar="SLUG", help="the company's short name")

    def perform(self, **options: Any) -> dict[str, Any]:
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no company {options['tenant']}.")
        with translation.override(tenant.locale):
            if not self.one_transaction:
                return self.perform_for(tenant, **options)
            with tenant_context(tenant.pk, source="command"):
                return self.perform_for(tenant, **options)

    def perform_for(self, tenant: Tenant, /, **options: Any) -> dict[str, Any]:
        raise NotImplementedError
