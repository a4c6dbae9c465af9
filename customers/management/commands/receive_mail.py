"""Take in one raw message of mail (RFC 5322), from a file or from standard input, as mail servers' pipes deliver it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from crm.commands import TenantCommand
from crm.models import Tenant
from customers.inbound import mail as mails
from customers.models import Interaction
from customers.services.capture.inlets import take_mail


class Command(TenantCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", nargs="?", type=Path, help="a file instead of standard input")

    def perform_for(self, tenant: Tenant, /, **options: Any) -> dict[str, Any]:
        raw = options["file"].read_bytes() if options["file"] else sys.stdin.buffer.read()
        try:
            taken = take_mail(inlet=None, mail=mails.read(raw))
        except mails.NotMail as error:
            raise CommandError("The message names no sender.") from error
        if taken is None:
            return {"taken": "", "id": ""}
        kind = "interaction" if isinstance(taken, Interaction) else "capture"
        return {"taken": kind, "id": str(taken.pk)}
