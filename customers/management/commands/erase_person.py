"""Erase one person, a customer or a contact, everywhere. What they bought stays as figures; nothing can be taken back.

With a file named, everything held is written there first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from crm.commands import TenantCommand
from crm.models import Tenant
from crm.tenancy.context import tenant_context
from customers.management.persons import add_person, person_of
from customers.services.privacy.erasing import clear_up, erase_person
from customers.services.privacy.exporting import export_person


class Command(TenantCommand):
    help = __doc__
    one_transaction = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_person(parser)
        parser.add_argument("file", type=Path, nargs="?", help="where to write what was held")
        parser.add_argument("--reason", default="asked for by the person", help="kept in the history")

    def perform_for(self, tenant: Tenant, /, **options: Any) -> dict[str, Any]:
        with tenant_context(tenant.pk, source="command"):
            person = person_of(options)
            if options["file"]:
                export_person(person=person, path=options["file"], actor=None)
            done = erase_person(person=person, reason=options["reason"], actor=None)
        with tenant_context(tenant.pk, source="command"):
            files = clear_up(done)
        return {"erased": str(person.pk), **done.told, "files": files}
