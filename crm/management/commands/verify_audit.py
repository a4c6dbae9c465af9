"""``manage.py verify_audit``: recompute the chain of the history and name the first link that does not hold."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.audit.verification import Verdict, verify
from crm.models import Tenant
from crm.tenancy.context import tenant_context


class Command(BaseCommand):
    help = "Check that nobody changed, removed or reordered what the history holds. Fails when somebody did."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", help="one company's short name; without it, all companies")
        parser.add_argument(
            "--head",
            metavar="POSITION:HASH",
            help="a head known from the log or an earlier check (with --tenant)",
        )
        parser.add_argument("--json", action="store_true", help="end with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        expect = _head(options["head"]) if options["head"] else None
        if expect and not options["tenant"]:
            raise CommandError("--head belongs to one company: name it with --tenant.")
        verdicts = {tenant.slug: _verdict(tenant, expect) for tenant in _tenants(options["tenant"])}
        findings = [
            {
                "tenant": slug,
                "what": finding.what,
                "position": finding.position,
                "entry": str(finding.entry_id) if finding.entry_id else None,
            }
            for slug, verdict in verdicts.items()
            for finding in verdict.findings
        ]
        self._tell(verdicts, findings, as_json=options["json"])
        if findings:
            raise CommandError(f"{len(findings)} broken: {findings[0]['what']} ({findings[0]['tenant']})")

    def _tell(self, verdicts: dict[str, Verdict], findings: list[dict[str, Any]], *, as_json: bool) -> None:
        if as_json:
            heads = {slug: f"{verdict.links}:{verdict.head}" for slug, verdict in verdicts.items()}
            self.stdout.write(json.dumps({"findings": findings, "heads": heads}))
            return
        for slug, verdict in verdicts.items():
            self.stdout.write(f"{slug}: {verdict.links} links hold, head {verdict.links}:{verdict.head}")
        for finding in findings:
            self.stdout.write(
                f"{finding['tenant']}: {finding['what']} (link {finding['position']}, {finding['entry']})"
            )


def _tenants(slug: str | None) -> list[Tenant]:
    tenants = list(Tenant.objects.filter(slug=slug) if slug else Tenant.objects.all())
    if slug and not tenants:
        raise CommandError(f"There is no company {slug!r}.")
    return tenants


def _verdict(tenant: Tenant, expect: tuple[int, str] | None) -> Verdict:
    with tenant_context(tenant.pk):
        return verify(expect=expect)


def _head(text: str) -> tuple[int, str]:
    position, _, digest = text.partition(":")
    if not position.isdecimal() or len(digest) != 64:
        raise CommandError("--head must look like 1234:<64 hexadecimal digits>.")
    return int(position), digest
