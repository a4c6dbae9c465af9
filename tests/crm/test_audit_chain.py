import json
from datetime import timedelta
from io import StringIO
from unittest.mock import patch

from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from crm import audit
from crm.audit import sealing
from crm.audit.sealing import seal
from crm.audit.verification import verify
from crm.models import AuditEntry, AuditSeal
from crm.tenancy.context import tenant_context
from tests import factories as make
from tests.cases import CommittedTestCase


class Chain(CommittedTestCase):
    """The owner of the tables, whom no permission stops, tampers; the chain tells."""

    databases = {"default", "owner"}

    def setUp(self):
        super().setUp()
        with tenant_context(self.acme.pk):
            for number in range(5):
                audit.record("test.done", self.alice, number=number)
            seal()

    def tamper(self, sql, *parameters):
        with connections["owner"].cursor() as cursor:
            cursor.execute(sql, parameters)

    def verdict(self, **options):
        with tenant_context(self.acme.pk):
            return verify(**options)

    def entry_at(self, position):
        with tenant_context(self.acme.pk):
            return AuditSeal.objects.get(position=position).entry_id

    def finding(self):
        (finding,) = self.verdict().findings
        return finding.what, finding.position, finding.entry_id

    def test_an_untouched_history_holds_and_goes_on(self):
        links = self.verdict().links
        with tenant_context(self.acme.pk):
            make.customer()
            self.assertEqual(seal(), 1)
            self.assertEqual(seal(), 0)
            self.assertEqual(links + 1, AuditEntry.objects.count())
        self.assertEqual((self.verdict().links, self.verdict().findings), (links + 1, []))

    def test_a_changed_value_is_named(self):
        entry = self.entry_at(3)
        self.tamper("UPDATE crm_auditentry SET after = jsonb_set(after, '{x}', '1') WHERE id = %s", entry)
        self.assertEqual(self.finding(), ("the values of an entry were changed", 3, entry))

    def test_a_changed_author_is_named(self):
        entry = self.entry_at(2)
        self.tamper("UPDATE crm_auditentry SET member_id = uuid7() WHERE id = %s", entry)
        self.assertEqual(self.finding(), ("an entry's who, when or what was changed, or the order", 2, entry))

    def test_a_removed_entry_is_named(self):
        entry = self.entry_at(4)
        self.tamper("DELETE FROM crm_auditentry WHERE id = %s", entry)
        self.assertEqual(self.finding(), ("a sealed entry is missing", 4, entry))

    def test_an_entry_removed_together_with_its_seal_is_named(self):
        self.tamper("DELETE FROM crm_auditentry WHERE id = %s", self.entry_at(2))
        self.tamper("DELETE FROM crm_auditseal WHERE tenant_id = %s AND position = 2", self.acme.pk)
        self.assertEqual(self.finding(), ("a seal is missing", 2, None))

    def test_two_seals_in_another_order_are_named(self):
        first, second = self.entry_at(2), self.entry_at(3)
        self.tamper("UPDATE crm_auditseal SET position = 999999 WHERE entry_id = %s", first)
        self.tamper("UPDATE crm_auditseal SET position = 2 WHERE entry_id = %s", second)
        self.tamper("UPDATE crm_auditseal SET position = 3 WHERE entry_id = %s", first)
        self.assertEqual(self.finding()[1:], (2, second))

    def test_an_end_that_was_cut_off_is_told_by_a_known_head(self):
        known = self.verdict()
        self.tamper("DELETE FROM crm_auditentry WHERE id = %s", self.entry_at(known.links))
        self.tamper(
            "DELETE FROM crm_auditseal WHERE tenant_id = %s AND position = %s", self.acme.pk, known.links
        )
        self.assertEqual(self.verdict().findings, [])
        (finding,) = self.verdict(expect=(known.links, known.head)).findings
        self.assertEqual(finding.what, "the chain was cut short: a later head is known")

    def test_a_seal_that_is_gone_from_the_end_leaves_its_entry_bare(self):
        last = self.verdict().links
        entry = self.entry_at(last)
        self.tamper("DELETE FROM crm_auditseal WHERE tenant_id = %s AND position = %s", self.acme.pk, last)
        self.tamper("UPDATE crm_auditentry SET at = at - interval '3 hours' WHERE id = %s", entry)
        self.assertEqual(self.finding(), ("an entry has no seal", 0, entry))

    @patch.object(sealing, "SKEW", timedelta(0))
    def test_an_entry_of_a_long_transaction_is_sealed_when_it_comes(self):
        other = connections["default"].copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute(f"SET LOCAL app.tenant_id = '{self.acme.pk}'")
                cursor.execute("UPDATE crm_team SET name = 'Late'")
                with tenant_context(self.acme.pk):
                    for _twice in range(2):
                        make.customer()
                        seal()
                cursor.execute("COMMIT")
        finally:
            other.close()
        with tenant_context(self.acme.pk):
            self.assertEqual(seal(), 1)
        self.assertEqual(self.verdict().findings, [])

    def test_only_the_new_end_is_looked_at(self):
        with tenant_context(self.acme.pk):
            seal()
        self.tamper("UPDATE crm_auditmark SET looked_from = %s", timezone.now() + timedelta(days=1))
        with tenant_context(self.acme.pk):
            make.customer()
            self.assertEqual(seal(), 0)

    def test_the_command_fails_and_says_where(self):
        self.tamper("DELETE FROM crm_auditentry WHERE id = %s", self.entry_at(1))
        out = StringIO()
        with self.assertRaises(CommandError):
            call_command("verify_audit", "--tenant", self.acme.slug, "--json", stdout=out)
        (finding,) = json.loads(out.getvalue())["findings"]
        self.assertEqual((finding["tenant"], finding["position"]), (self.acme.slug, 1))

    def test_the_command_is_content_with_an_honest_history(self):
        out = StringIO()
        call_command("verify_audit", "--json", stdout=out)
        self.assertEqual(json.loads(out.getvalue())["findings"], [])
