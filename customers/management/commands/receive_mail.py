"""Take in one raw message of mail (RFC 5322), from a file or from standard input, as mail servers' pipes deliver it.

One that says what could not be delivered marks the address."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from crm.commands import TenantCommand
from crm.models import Tenant
from customers.inbound import bounces as reports
from customers.inbound import mail as mails
from customers.models import Interaction
from customers.services import bounces
from customers.services.capture.inlets import take_mail


class Command(TenantCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", nargs="?", type=Path, help="a file instead of standard input")

    def perform_for(self, tenant: Tenant, /, **options: Any) -> dict[str, Any]:
        raw = options["file"].read_bytes() if options["file"] else sys.stdin.buffer.read()
        if (report := reports.read(raw)) is not None:
            kept = bounces.take_report(report)
            return {"taken": "bounce" if kept else "", "id": str(kept[0].pk) if kept else ""}
        try:
            taken = take_mail(inlet=None, mail=mails.read(raw))
        except mails.NotMail as error:
            raise CommandError("The message names no sender.") from error
        if taken is None:
            return {"taken": "", "id": ""}
        kind = "interaction" if isinstance(taken, Interaction) else "capture"
        return {"taken": kind, "id": str(taken.pk)}
