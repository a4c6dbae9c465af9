import json
from collections import Counter
from io import StringIO

from django.core.management import CommandError, call_command

from crm.models import SavedView
from crm.tenancy.context import tenant_context
from customers.demo.twice import MOST
from customers.models import (
    Capture,
    CaptureTemplate,
    Consent,
    Contact,
    Customer,
    CustomerStats,
    FollowUp,
    Import,
    Interaction,
    MailBounce,
    Purchase,
)
from tests import factories as make
from tests.cases import CastTestCase


def seed(tenant, **options):
    out = StringIO()
    arguments = [f"--{name}={value}" for name, value in options.items()]
    call_command(
        "seed_demo", "--tenant", tenant.slug, "--until", "2026-06-30", *arguments, "--json", stdout=out
    )
    return json.loads(out.getvalue().splitlines()[-1])


class SeedDemo(CastTestCase):
    def story(self):
        return (
            list(
                Customer.objects.order_by("external_id").values_list(
                    "id", "name", "email", "owner__display_name"
                )
            ),
            list(
                Purchase.objects.order_by("order_no").values_list("id", "order_no", "purchased_at", "amount")
            ),
            list(Interaction.objects.order_by("id").values_list("id", "happened_at", "text")),
            list(FollowUp.objects.order_by("id").values_list("id", "due_at", "subject")),
            list(MailBounce.objects.order_by("id").values_list("email_norm", "status", "at", "cleared_at")),
        )

    def told(self, tenant, **options):
        counts = seed(tenant, **options)
        with tenant_context(tenant.pk):
            story = self.story()
            made = (counts["customers"], counts["purchases"] + counts["returns"])
            self.assertEqual(made, (len(story[0]), len(story[1])))
        return story

    def company(self):
        tenant = make.tenant()
        with tenant_context(tenant.pk):
            make.member(display_name="Ada")
        return tenant

    def test_the_same_seed_tells_the_same_story(self):
        first = self.told(self.company(), customers=40, seed=7)
        self.assertEqual(self.told(self.company(), customers=40, seed=7), first)
        self.assertNotEqual(self.told(self.company(), customers=40, seed=8)[0], first[0])

    def test_an_administrator_looks_after_customers_too(self):
        seed(self.acme, customers=40, seed=1)
        with tenant_context(self.acme.pk):
            owned = Counter(Customer.objects.values_list("owner__display_name", flat=True))
        self.assertLess(0, owned["Ada Admin"])
        self.assertLess(owned["Ada Admin"], owned["Alice"])
        for company, customers in ((self.acme, 40), (self.other, 0), (self.other, -1)):
            with self.assertRaisesRegex(CommandError, "has its demo data already|at least one customer"):
                seed(company, customers=customers, seed=1)

    def test_a_chinese_company_has_chinese_customers(self):
        seed(self.acme, customers=30, seed=1, locale="zh-hans")
        with tenant_context(self.acme.pk):
            self.assertFalse(Customer.objects.filter(pinyin="").exists())
            self.assertTrue(Contact.objects.filter(primary=True, email__endswith=".example").exists())

    def test_only_who_was_entered_twice_shares_an_address(self):
        seed(self.acme, customers=400, seed=1)
        with tenant_context(self.acme.pk):
            emails = Counter(Customer.objects.exclude(email="").values_list("email", flat=True))
            phones = Counter(Customer.objects.exclude(phone="").values_list("phone_norm", flat=True))
            twice = Customer.objects.filter(external_id__gte=f"K{400 - MOST + 1:06d}")
            self.assertEqual(twice.count(), MOST)
            for row in twice:
                shared = (emails[row.email] if row.email else 0, phones[row.phone_norm] if row.phone else 0)
                self.assertIn(shared, ((2, 2), (2, 0), (0, 2)))
            self.assertEqual(len(emails) + sum(bool(row.email) for row in twice), emails.total())
            people = dict(Contact.objects.values_list("email", "name"))
            self.assertEqual(len(people), len(set(Contact.objects.values_list("email", "name"))))

    def test_figures_agree_with_what_was_made(self):
        seed(self.acme, customers=30, seed=1)
        with tenant_context(self.acme.pk):
            for figures in CustomerStats.objects.select_related("customer"):
                amounts = list(figures.customer.purchases.values_list("amount", flat=True))
                bought = sum(amount > 0 for amount in amounts)
                self.assertEqual((figures.orders, figures.spend), (bought, sum(amounts)))
            for purchase in Purchase.objects.filter(amount__gt=0):
                self.assertEqual(purchase.amount, sum(purchase.lines.values_list("amount", flat=True)))

    def test_there_is_something_to_decide_and_to_do(self):
        for locale, customers in (("en", 40), ("zh-hans", 100)):
            tenant = make.tenant()
            with tenant_context(tenant.pk):
                make.member(display_name="Ada", role="admin")
                make.member(display_name="Leo", role="lead")
            seed(tenant, customers=customers, seed=1, locale=locale)
            with self.subTest(locale), tenant_context(tenant.pk):
                states = Counter(Capture.objects.values_list("state", flat=True))
                self.assertEqual((states["merged"], states["rejected"]), (1, 1))
                self.assertGreater(states["waiting"], 5)
                self.assertEqual(Capture.objects.exclude(candidates=[]).filter(state="waiting").count(), 2)
                self.assertEqual(CaptureTemplate.objects.filter(active=True).count(), 2)
                self.assertEqual({True, False}, set(Consent.objects.values_list("given", flat=True)))
                self.assertEqual(SavedView.objects.filter(sharing="everyone").count(), 2)
                encodings = list(Import.objects.values_list("encoding", flat=True))
                self.assertEqual(encodings, ["gb18030"] if customers == 100 else [])
