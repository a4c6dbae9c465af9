from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import AuditEntry, Delivery, Job, Member, Tenant
from crm.services import operations
from customers.inbound.bounces import Failure, Report
from customers.models import MailBounce
from customers.services import bounces
from customers.services.customers import create_customer
from tests import factories as make
from tests.cases import CastTestCase

COMPANY_TABLES = (
    "crm_member",
    "crm_team",
    "crm_invitation",
    "crm_apikey",
    "crm_delivery",
    "crm_webhookendpoint",
    "crm_webhookevent",
    "crm_webhookattempt",
    "crm_job",
    "crm_auditentry",
    "customers_customer",
    "customers_import",
    "customers_mailbounce",
)
GLOBAL_TABLES = (
    "crm_tenant",
    "crm_user",
    "django_celery_beat_periodictask",
    "django_celery_beat_intervalschedule",
    "django_celery_beat_crontabschedule",
)


class OperatorTestCase(CastTestCase):
    def setUp(self):
        super().setUp()
        self.operator = make.user(email="ops@example.com", is_staff=True)
        self.client.force_login(self.operator)

    def enter(self, tenant):
        return self.client.post(reverse("admin:enter-company", args=[tenant.pk]))

    def list(self, table, query=""):
        return self.client.get(reverse(f"admin:{table}_changelist") + query)

    def deeds(self, tenant):
        with self.inside(tenant):
            deeds = AuditEntry.objects.filter(kind="deed", source="admin").order_by("at", "id")
            return [(entry.deed, (entry.after or {}).get("operator")) for entry in deeds]


class Door(CastTestCase):
    def test_only_staff_come_in_and_by_the_common_sign_in(self):
        self.assertRedirects(
            self.client.get("/admin/login/?next=/admin/"),
            "/accounts/login/?next=%2Fadmin%2F",
            fetch_redirect_response=False,
        )
        self.client.force_login(self.admin.user)
        for path in ("/admin/", "/admin/company/", "/admin/crm/member/"):
            response = self.client.get(path, follow=True)
            self.assertEqual(response.status_code, 403, path)

    def test_an_operator_is_no_member_on_the_companys_own_pages(self):
        operator = make.user(is_staff=True)
        self.client.force_login(operator)
        self.client.post(reverse("admin:enter-company", args=[self.acme.pk]))
        response = self.client.get("/")
        self.assertEqual((response.status_code, response["Location"]), (302, reverse("companies")))
        self.assertEqual(self.client.get("/admin/crm/member/").context["cl"].result_list.count(), 4)


class Companies(OperatorTestCase):
    def test_without_a_company_no_row_of_any_company_is_shown(self):
        for table in COMPANY_TABLES:
            response = self.list(table)
            self.assertEqual(
                (response.status_code, response.templates[0].name), (200, "operations/no_company.html")
            )
        response = self.client.get(reverse("admin:crm_member_change", args=[self.alice.pk]))
        self.assertEqual(response.templates[0].name, "operations/no_company.html")

    def test_global_tables_need_no_company(self):
        for table in GLOBAL_TABLES:
            self.assertEqual(self.list(table).status_code, 200, table)

    def test_entering_looking_and_leaving_stand_in_the_companys_history(self):
        self.enter(self.acme)
        self.list("crm_member")
        self.client.get(reverse("admin:crm_member_change", args=[self.alice.pk]))
        self.client.post(reverse("admin:leave-company"))
        ops = self.operator.email
        self.assertEqual(
            self.deeds(self.acme),
            [("admin.entered", ops), ("admin.viewed", ops), ("admin.viewed", ops), ("admin.left", ops)],
        )
        self.assertEqual(self.list("crm_member").templates[0].name, "operations/no_company.html")

    def test_changing_companies_leaves_the_first(self):
        self.enter(self.acme)
        self.enter(self.other)
        self.assertEqual([deed for deed, _by in self.deeds(self.acme)], ["admin.entered", "admin.left"])
        names = [member.display_name for member in self.list("crm_member").context["cl"].result_list]
        self.assertEqual(names, ["Mallory"])

    def test_another_companys_record_is_not_found(self):
        self.enter(self.acme)
        for pk in (self.mallory.pk, "01900000-0000-7000-8000-000000000000", "x"):
            response = self.client.get(reverse("admin:crm_member_change", args=[pk]))
            self.assertEqual(response.status_code, 404)
        response = self.client.post(
            reverse("admin:crm_member_change", args=[self.mallory.pk]), {"role": "reader"}
        )
        self.assertEqual(response.status_code, 404)

    def test_a_change_is_named_and_nothing_goes_to_the_common_log(self):
        self.enter(self.acme)
        form = {"display_name": "Alicia", "role": "reader", "visibility": "own", "team": "", "active": "on"}
        self.client.post(reverse("admin:crm_member_change", args=[self.alice.pk]), form)
        with self.inside():
            self.assertEqual(Member.objects.get(pk=self.alice.pk).display_name, "Alicia")
            change = AuditEntry.objects.get(deed="admin.changed")
            row = AuditEntry.objects.get(kind="update", subject_id=self.alice.pk)
        self.assertEqual((change.subject_id, change.request_id), (self.alice.pk, row.request_id))
        self.assertFalse(LogEntry.objects.exists())

    def test_the_last_administrator_stays_one(self):
        self.enter(self.acme)
        form = {"display_name": "Ada", "role": "reader", "visibility": "all", "team": "", "active": "on"}
        page = self.client.post(reverse("admin:crm_member_change", args=[self.admin.pk]), form)
        self.assertContains(page, "This is the last administrator.")
        with self.inside():
            self.assertEqual(Member.objects.get(pk=self.admin.pk).role, "admin")

    def test_what_is_to_read_cannot_be_changed(self):
        self.enter(self.acme)
        with self.inside():
            entry, customer = AuditEntry.objects.first(), make.customer()
        for table, pk in (("crm_auditentry", entry.pk), ("customers_customer", customer.pk)):
            for path in (f"admin:{table}_change", f"admin:{table}_delete"):
                self.assertEqual(self.client.post(reverse(path, args=[pk]), {"name": "x"}).status_code, 403)


class Lists(OperatorTestCase):
    def test_every_list_and_record_opens_and_costs_the_same_for_thirty_rows(self):
        self.enter(self.acme)
        self.fill(1)
        few = {table: self.queries(table) for table in COMPANY_TABLES}
        self.fill(30)
        self.assertEqual({table: self.queries(table) for table in COMPANY_TABLES}, few)

    def fill(self, count):
        with self.inside():
            for _n in range(count):
                customer = make.customer(owner=make.member(team=make.team(lead=self.alice)))
                Delivery.objects.create(kind="mail", dedup_key=str(customer.pk), member=self.alice)
                Job.objects.create(kind="x", created_by=self.alice)

    def queries(self, table):
        with CaptureQueriesContext(connection) as captured:
            self.assertEqual(self.list(table).status_code, 200)
        return len(captured)

    def test_records_open(self):
        self.enter(self.acme)
        self.fill(1)
        with self.inside():
            found = {
                "crm_delivery": Delivery.objects.first(),
                "crm_job": Job.objects.first(),
                "crm_auditentry": AuditEntry.objects.first(),
                "crm_team": self.team,
            }
        for table, record in found.items():
            response = self.client.get(reverse(f"admin:{table}_change", args=[record.pk]))
            self.assertEqual(response.status_code, 200, table)


class Work(OperatorTestCase):
    def test_dead_letters_are_found_and_tried_again(self):
        with self.inside():
            dead = Delivery.objects.create(kind="mail", dedup_key="a", dead_at=timezone.now(), attempts=9)
            Delivery.objects.create(kind="mail", dedup_key="b")
        self.enter(self.acme)
        listed = self.list("crm_delivery", "?state=dead").context["cl"].result_list
        self.assertEqual([delivery.pk for delivery in listed], [dead.pk])
        self.assertContains(self.client.get(reverse("admin:health")), "1 delivery was given up.")
        form = {"action": "requeue", "_selected_action": [str(dead.pk)]}
        self.client.post(reverse("admin:crm_delivery_changelist"), form)
        with self.inside():
            dead.refresh_from_db()
            self.assertEqual((dead.dead_at, dead.attempts), (None, 0))
        self.assertIn(("admin.requeued", self.operator.email), self.deeds(self.acme))

    def test_a_bounced_address_is_cleared_once_within_the_company_and_told(self):
        with self.inside():
            create_customer(actor=None, name="Harbour", email="lei@harbour.example")
            failure = Failure("lei@harbour.example", "5.1.1", "no such user")
            sent = make.delivery(failure.address).pk
            marks = [bounces.take_report(Report([failure], sent, name))[0].pk for name in ("one", "two")]
        form = {"action": "clear", "_selected_action": [str(pk) for pk in marks]}
        address = reverse("admin:customers_mailbounce_changelist")
        for company, standing in ((self.other, 2), (self.acme, 0)):
            self.enter(company)
            self.client.post(address, form)
            with self.inside():
                self.assertEqual(MailBounce.objects.standing().count(), standing)
        deeds = [deed for deed, _by in self.deeds(self.acme)]
        self.assertEqual((deeds.count("admin.cleared"), self.deeds(self.other)[-1][0]), (1, "admin.left"))

    def test_health_shows_without_a_company(self):
        response = self.client.get(reverse("admin:health"))
        self.assertEqual(response.context["dead"], None)
        self.assertTrue(response.context["signs"][0]["well"])


class Registry(OperatorTestCase):
    def test_a_company_is_opened_closed_and_opened_again(self):
        form = {
            "name": "Newco",
            "slug": "newco",
            "locale": "en",
            "timezone": "UTC",
            "currency": "EUR",
            "admin_email": "boss@newco.example",
            "password": "correct horse battery",
        }
        response = self.client.post(reverse("admin:crm_tenant_add"), form)
        self.assertEqual(response.status_code, 302, response.content[:500])
        tenant = Tenant.objects.get(slug="newco")
        with self.inside(tenant):
            self.assertEqual(Member.objects.get().email, "boss@newco.example")
        for action, closed in (("close", True), ("reopen", False)):
            self.client.post(
                reverse("admin:crm_tenant_changelist"),
                {"action": action, "_selected_action": [str(tenant.pk)]},
            )
            tenant.refresh_from_db()
            self.assertEqual(tenant.closed_at is not None, closed)
        self.assertEqual([deed for deed, _by in self.deeds(tenant)], ["company.closed", "company.reopened"])

    def test_a_closed_company_lets_nobody_in(self):
        operations.close_company(tenant=self.acme, operator=self.operator)
        self.client.force_login(self.admin.user)
        session = self.client.session
        session["tenant_id"] = str(self.acme.pk)
        session.save()
        self.assertEqual(self.client.get("/").status_code, 302)

    def test_an_operator_cannot_make_operators(self):
        page = reverse("admin:crm_user_change", args=[self.operator.pk])
        self.assertEqual(self.client.post(page, {"is_superuser": "on"}).status_code, 403)


class Policy(OperatorTestCase):
    def test_only_the_admin_may_compile_code(self):
        self.assertIn("'unsafe-eval'", self.client.get("/admin/")["Content-Security-Policy"])
        self.assertNotIn("unsafe", self.client.get("/accounts/login/")["Content-Security-Policy"])
