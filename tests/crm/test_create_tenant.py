import json
from io import StringIO

from django.core.management import CommandError, call_command
from django.test import TestCase

from crm.models import ApiKey, AuditEntry, Member, Tenant, User
from crm.people.roles import Role
from crm.tenancy import tokens
from crm.tenancy.context import tenant_context


def create(*arguments):
    out = StringIO()
    call_command("create_tenant", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


class CreateTenant(TestCase):
    def test_a_company_starts_with_its_administrator_and_a_key(self):
        result = create(
            "远山",
            "--slug",
            "yuanshan",
            "--locale",
            "zh-hans",
            "--admin",
            "Li@Example.com",
            "--password",
            "a long secret",
        )
        tenant = Tenant.objects.get(slug="yuanshan")
        self.assertEqual((tenant.timezone, tenant.currency), ("Asia/Shanghai", "CNY"))
        self.assertTrue(User.objects.get(email="li@example.com").check_password("a long secret"))
        token = tokens.parse(result["api_key"], prefix="tnr")
        with tenant_context(tenant.pk):
            admin = Member.objects.get()
            self.assertEqual((admin.email, admin.role), ("li@example.com", Role.ADMIN))
            self.assertEqual(ApiKey.objects.get(secret_hash=token.hash).member, admin)
            self.assertTrue(AuditEntry.objects.filter(deed="company.created", subject_id=tenant.pk).exists())

    def test_a_person_known_already_keeps_their_password(self):
        for slug in ("one", "two"):
            create(
                "Company", "--slug", slug, "--admin", "ada@example.com", "--password", f"a long secret {slug}"
            )
        self.assertTrue(User.objects.get().check_password("a long secret one"))

    def test_what_makes_no_sense_is_refused_and_leaves_nothing(self):
        create("Company", "--slug", "one", "--admin", "ada@example.com", "--password", "a long secret")
        for arguments in (["--slug", "one"], ["--slug", "a b"], ["--slug", "two", "--timezone", "Mars/Base"]):
            with self.assertRaises(CommandError):
                create("Company", *arguments, "--admin", "ada@example.com", "--password", "a long secret")
        self.assertEqual(Tenant.objects.count(), 1)
