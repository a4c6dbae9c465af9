"""Write a list of a company to a CSV or XLSX file: customers, contacts, purchases, interactions, products, follow-ups,
feedback or tickets, as a member sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from crm.commands import TenantCommand
from crm.exports.listings import listing_of
from crm.exports.services import asked, export_to, listing_for
from crm.models import Member, Tenant
from crm.people.roles import Role


class Command(TenantCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="its ending, .csv or .xlsx, names the format")
        parser.add_argument("--kind", required=True, metavar="LIST")
        parser.add_argument(
            "--member", default="", metavar="EMAIL", help="who takes it; else an administrator"
        )
        parser.add_argument(
            "--filter", action="append", default=[], metavar="NAME=VALUE", help="as in the list's address"
        )
        parser.add_argument("--column", action="append", default=[], metavar="KEY", help="only these columns")

    def perform_for(self, tenant: Tenant, /, **options: Any) -> dict[str, Any]:
        path, listing = options["file"], listing_of(options["kind"])
        if listing is None:
            raise CommandError(f"There is no list {options['kind']}.")
        if path.suffix not in (".csv", ".xlsx"):
            raise CommandError("The file's name must end in .csv or .xlsx.")
        member = _member(options["member"])
        ask = asked(
            member=member,
            query=dict(_pair(text) for text in options["filter"]),
            columns=options["column"],
            whole=listing.whole and not options["column"],
        )
        listing = listing_for(member, listing.name)
        rows = export_to(listing=listing, ask=ask, form=path.suffix.removeprefix("."), path=path)
        return {"rows": rows, "file": str(path)}


def _member(email: str) -> Member:
    members = Member.objects.active()
    found = members.filter(email__iexact=email) if email else members.filter(role=Role.ADMIN)
    member = found.order_by("joined_at", "id").first()
    if member is None:
        raise CommandError("There is no such active member.")
    return member


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"--filter {text}: write NAME=VALUE.")
    return name, value
