"""Bring a CSV or XLSX file into a company: customers, contacts, products, purchases, interactions, visits or
contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from crm.commands import TenantCommand
from crm.models import Tenant
from customers.imports.errors import MappingRefused
from customers.models import Import
from customers.selectors.imports import remarks_on
from customers.services.imports import import_file


class Command(TenantCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", required=True, choices=Import.Kind.values)
        parser.add_argument(
            "--map", action="append", default=[], metavar="COLUMN=FIELD", help="overrules the guess"
        )
        parser.add_argument("--key", default="", metavar="FIELD", help="what tells that a record is known")
        parser.add_argument("--mode", choices=Import.Mode.values, default=Import.Mode.BOTH.value)
        parser.add_argument("--unknown", choices=Import.Unknown.values, default=Import.Unknown.REJECT.value)
        parser.add_argument(
            "--alike",
            choices=Import.Alike.values,
            default=Import.Alike.APART.value,
            help="what lines without an id that share a company's name become",
        )
        parser.add_argument(
            "--answer",
            action="append",
            default=[],
            metavar="COLUMN=VALUE=ANSWER",
            help="what the cells of a column say instead of a value: a member's e-mail, a choice, or nothing for blank",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="tell what would happen, and change nothing"
        )

    def perform_for(self, tenant: Tenant, /, **options: Any) -> dict[str, Any]:
        if not options["file"].is_file():
            raise CommandError(f"There is no file {options['file']}.")
        result = import_file(
            path=options["file"],
            kind=options["kind"],
            mapping=dict(map(_pair, options["map"])),
            key=options["key"],
            mode=options["mode"],
            unknown=options["unknown"],
            alike=options["alike"],
            answers=_answers(options["answer"]),
            dry_run=options["dry_run"],
        )
        if not options["json"]:
            for error in result.pop("first_errors"):
                self.stderr.write("line {line}: {column} {value!r}: {reason}".format(**error))
            for remark in remarks_on(result):
                self.stderr.write(remark)
        return result


def _pair(text: str) -> tuple[str, str]:
    column, equals, field = text.rpartition("=")
    if not equals:
        raise MappingRefused(f"--map {text}: write COLUMN=FIELD.")
    return column, field


def _answers(texts: list[str]) -> dict[str, dict[str, str]]:
    """``{column: {value: answer}}``; the value may hold an equals sign, neither of the others does."""
    found: dict[str, dict[str, str]] = {}
    for text in texts:
        column, _equals, rest = text.partition("=")
        value, equals, answer = rest.rpartition("=")
        if not equals:
            raise MappingRefused(f"--answer {text}: write COLUMN=VALUE=ANSWER.")
        found.setdefault(column, {})[value] = answer
    return found
