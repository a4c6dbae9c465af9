"""Migrations run as the owner of the tables, whoever asks for them."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

# What the owner makes, the application may read and write; policies and append_only narrow it.
GRANTS = """
    GRANT USAGE ON SCHEMA public TO crm_app, crm_search;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO crm_app;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO crm_app;
"""


class Command(migrate.Command):
    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        with connections[options["database"]].cursor() as cursor:
            cursor.execute(GRANTS)
        super().handle(*args, **options)
