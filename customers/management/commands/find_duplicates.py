"""Find customers that are recorded more than once; keep the pairs for review, and write them to a file if asked."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Count

from crm.commands import TenantCommand
from crm.models import Tenant
from crm.tenancy.context import tenant_context
from customers.duplicates.engine import search
from customers.models import Duplicate
from customers.services.duplicates.scanning import read, reasons_in_short, write


class Command(TenantCommand):
    help = __doc__
    one_transaction = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--export", type=Path, metavar="FILE", help="write the pairs as CSV")

    def perform_for(self, tenant: Tenant, /, **options: Any) -> dict[str, Any]:
        started = time.monotonic()
        with tenant_context(tenant.pk):
            reading = read()
        found = search(reading.records)
        with tenant_context(tenant.pk):
            write(reading, found)
            open_pairs = Duplicate.objects.open().order_by()
            levels = dict(open_pairs.values_list("level").annotate(count=Count("pk")))
            if options["export"]:
                _export(options["export"])
        return {
            "customers": len(reading),
            "pairs": sum(levels.values()),
            **{level: levels.get(level, 0) for level in Duplicate.Level.values},
            "seconds": round(time.monotonic() - started, 2),
        }


def _export(path: Path) -> None:
    """A line for each open pair. ``left`` and ``right`` are external ids, and ids where there are none."""
    pairs = Duplicate.objects.open().select_related("left", "right")
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["left", "right", "score", "reasons", "level", "left_id", "right_id"])
        for pair in pairs.iterator(chunk_size=2_000):
            names = [side.external_id or str(side.pk) for side in (pair.left, pair.right)]
            reasons = reasons_in_short(pair.reasons)
            lines.writerow([*names, pair.probability, reasons, pair.level, pair.left_id, pair.right_id])
