"""Tell whether the database keeps the companies apart; non-zero when it does not."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from crm.tenancy import catalog, startup


class Command(BaseCommand):
    help = "Check policies, keys, relations, histories and roles in the database's own catalog."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        found = catalog.findings(connection)
        if startup.role_is_unsafe(connection):
            found.append("the application connects as a role that can look past the policies")
        for finding in found:
            self.stdout.write(finding)
        if options["json"]:
            self.stdout.write(json.dumps({"findings": len(found)}))
        elif not found:
            self.stdout.write("The companies are kept apart as they should be.")
        if found:
            sys.exit(1)
