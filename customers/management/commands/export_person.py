"""Write everything held about one person, a customer or a contact, to a file: JSON, or a ZIP with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from crm.commands import TenantCommand
from crm.models import Tenant
from customers.management.persons import add_person, person_of
from customers.services.privacy.exporting import export_person


class Command(TenantCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_person(parser)
        parser.add_argument("file", type=Path, help="ends in .json or .zip")

    def perform_for(self, tenant: Tenant, /, **options: Any) -> dict[str, Any]:
        counts = export_person(person=person_of(options), path=options["file"], actor=None)
        return {"file": str(options["file"]), "rows": sum(counts.values()), "tables": counts}
