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

    def test_the_rules_for_names_and_passwords_hold_here_too(self):
        company = ("--admin", "ada@example.com")
        refused = {
            ("Company", "--slug", "one", *company, "--password", "short"): "password",
            ("Company", "--slug", "one", *company, "--password", "ada@example.com"): "password",
            (" ", "--slug", "one", *company, "--password", "a long secret"): "name",
            ("n" * 201, "--slug", "one", *company, "--password", "a long secret"): "name",
            ("Company", "--slug", "s" * 51, *company, "--password", "a long secret"): "slug",
        }
        for arguments, field in refused.items():
            with self.subTest(field), self.assertRaisesMessage(CommandError, f"{field}: "):
                create(*arguments)
        self.assertEqual((Tenant.objects.count(), User.objects.count()), (0, 0))


class Days(TestCase):
    def test_a_day_too_far_away_to_count_from_is_refused_in_words(self):
        create("Company", "--slug", "one", "--admin", "ada@example.com", "--password", "a long secret")
        for day in ("0001-01-01", "9999-12-31"):
            for command in (
                ("classify", "--as-of", day),
                ("score_churn", "--horizon", "90", "--as-of", day),
                ("backtest_churn", "--horizon", "90", "--cut", day),
                ("seed_demo", "--until", day),
                ("work", "--until", day),
            ):
                with self.subTest(command=command), self.assertRaisesMessage(CommandError, "from 1900-01-01"):
                    call_command(*command, "--tenant", "one")
        with self.assertRaisesMessage(CommandError, "tomorrow is not a day like 2026-03-31."):
            call_command("classify", "--tenant", "one", "--as-of", "tomorrow")
