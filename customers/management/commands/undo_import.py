"""Take an import back: what it made goes, what it changed is as before; what changed since stays and is told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from crm.commands import TenantCommand
from crm.models import Tenant
from customers.models import Import
from customers.services.imports.undoing import undo


class Command(TenantCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("id", type=UUID, help="as import_file told it")

    def perform_for(self, tenant: Tenant, /, **options: Any) -> dict[str, Any]:
        import_ = Import.objects.filter(pk=options["id"]).first()
        if import_ is None:
            raise CommandError(f"There is no import {options['id']}.")
        result = undo(import_=import_, actor=None)
        if not options["json"]:
            for left in result.pop("left"):
                self.stderr.write("{model} {id} {name}: {columns}".format(**left))
        return result
