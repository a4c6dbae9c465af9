"""Measure pages, imports and science in a company of its own; one JSON object per line (docs/benchmarks.md)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.errors import DomainError
from planning.bench import changes, company, duplicates, imports
from planning.bench.figures import Measure
from planning.bench.pages import REQUESTS, Pages
from planning.bench.science import Science


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, default=1_000_000)
        parser.add_argument("--requests", type=int, default=REQUESTS, help="how often each page is asked")
        parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="figures or their groups")
        parser.add_argument("--remove", action="store_true", help="take the company away instead")

    def handle(self, *args: Any, **options: Any) -> None:
        customers = options["customers"]
        if min(customers, options["requests"]) < 1:
            raise CommandError("--customers, --requests: at least one.")
        if options["remove"]:
            gone = company.remove(customers)
            self.stderr.write("removed" if gone else "there was none")
            return
        try:
            measured = company.company_of(customers, self.stderr.write)
            for measure in _chosen(_measures(measured, options["requests"]), options["only"]):
                self.stdout.write(measure().line())
                self.stdout.flush()
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal


def _measures(measured: company.Company, requests: int) -> dict[str, Measure]:
    return (
        Pages(measured, requests).measures()
        | imports.measures(measured)
        | changes.measures(measured)
        | Science(measured).measures()
        | duplicates.measures(measured)
    )


def _chosen(measures: dict[str, Measure], only: list[str]) -> list[Measure]:
    known = set(measures) | {name.partition(".")[0] for name in measures}
    unknown = sorted(set(only) - known)
    if unknown:
        raise CommandError(f"There is no figure {', '.join(unknown)}. There are: {', '.join(measures)}.")
    return [
        measure
        for name, measure in measures.items()
        if not only or name in only or name.partition(".")[0] in only
    ]
