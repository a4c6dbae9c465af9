from datetime import date, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import AuditEntry
from crm.tenancy.context import tenant_context
from maintenance.models import MaintenancePlan, PlannedFollowUp, ReminderPolicy
from tests import factories as make
from tests.cases import BrowserTestCase

HOME = "/maintenance/"


class Home(BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.key = make.any_class(code="key", name="Key")
            self.plan = make.maintenance_plan(customer_class=self.key, name="Visits", subject="Visit them")

    def promise(self, owner, **fields):
        with self.inside():
            return make.follow_up(owner, **{"due_at": timezone.now() - timedelta(days=2)} | fields)

    def test_shows_the_plan_in_words_and_what_is_overdue(self):
        self.promise(self.alice, subject="Call Zoë", customer=self._customer())
        page = self.sign_in(self.lead).get(HOME)
        self.assertContains(page, "Each customer of this class, every quarter: Visit them (Phone).")
        self.assertContains(page, "Call Zoë")
        self.assertContains(page, "100%")

    def _customer(self):
        with self.inside():
            return make.classified(self.key, owner=self.alice)

    def test_mine_are_mine_and_the_teams_are_the_teams(self):
        with self.inside():
            stranger = make.member()
        for owner, subject in ((self.alice, "Hers"), (self.lead, "Of the lead"), (stranger, "Of a stranger")):
            self.promise(owner, subject=subject)
        client = self.sign_in(self.alice)
        team, mine = client.get(HOME), client.get(f"{HOME}?whose=mine")
        self.assertContains(team, "Of the lead")
        self.assertNotContains(team, "Of a stranger")
        self.assertContains(mine, "Hers")
        self.assertNotContains(mine, "Of the lead")

    def test_thirty_rows_take_no_more_queries_than_one(self):
        client, counts = self.sign_in(self.alice), []
        for many in (1, 30):
            for _each in range(many):
                self.promise(self.alice)
            client.get(HOME)
            with CaptureQueriesContext(connection) as queries:
                client.get(HOME)
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])

    def test_another_companys_plan_is_not_found(self):
        with tenant_context(self.other.pk):
            theirs = make.maintenance_plan()
        client = self.sign_in(self.admin)
        self.assertEqual(client.get(reverse("maintenance:plan", args=[theirs.pk])).status_code, 404)
        self.assertNotContains(client.get(HOME), theirs.name)


class Editing(BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.plan = make.maintenance_plan(name="Visits")
        self.address = reverse("maintenance:plan", args=[self.plan.pk])

    def fields(self, **changes):
        return {
            "name": "Visits",
            "customer_class": self.plan.customer_class_id,
            "every": "month",
            "channel": "visit",
            "subject": "Visit",
            "guide": "",
            "fallback_owner": "",
            "active": "on",
            "version": self.plan.version,
        } | changes

    def reload(self):
        with self.inside():
            return MaintenancePlan.objects.get(pk=self.plan.pk)

    def test_saves_and_says_so_in_the_history(self):
        response = self.sign_in(self.lead).post(self.address, self.fields())
        self.assertEqual((response.status_code, response["HX-Redirect"]), (204, HOME))
        self.assertEqual((self.reload().every, self.reload().version), ("month", 2))
        with self.inside():
            self.assertTrue(
                AuditEntry.objects.filter(deed="maintenance_plan.changed", member_id=self.lead.pk).exists()
            )

    def test_asks_about_what_somebody_else_saved_meanwhile(self):
        client = self.sign_in(self.lead)
        client.post(self.address, self.fields(guide="Ask"))
        response = client.post(self.address, self.fields(every="week"))
        for words in ("<td>Quarter</td>", "<td>Month</td>", "<td>Week</td>", "Keep mine"):
            self.assertContains(response, words, status_code=422)
        self.assertEqual(self.reload().every, "month")
        client.post(self.address, self.fields(every="week", guide="Ask", version=2))
        self.assertEqual(
            (self.reload().every, self.reload().guide, self.reload().version), ("week", "Ask", 3)
        )

    def test_refuses_what_does_not_say_what_it_read(self):
        response = self.sign_in(self.lead).post(self.address, self.fields(version=""))
        self.assertContains(response, "which version of the record it changes", status_code=422)
        self.assertEqual(self.reload().version, 1)

    def test_keeps_what_was_typed_when_something_is_missing(self):
        response = self.sign_in(self.lead).post(self.address, self.fields(subject=""))
        self.assertContains(response, "This field is required.", status_code=422)

    def test_makes_a_plan_and_refuses_its_name_a_second_time(self):
        client = self.sign_in(self.lead)
        for status in (204, 409):
            self.assertEqual(
                client.post(reverse("maintenance:new-plan"), self.fields(name="Calls")).status_code, status
            )

    def test_an_account_manager_may_look_and_not_change(self):
        client = self.sign_in(self.alice)
        self.assertEqual(client.get(HOME).status_code, 200)
        self.assertEqual(client.post(self.address, self.fields()).status_code, 403)
        self.assertEqual(self.reload().version, 1)

    def test_a_deleted_plan_comes_back_with_what_it_made(self):
        with self.inside():
            follow_up = make.follow_up(self.alice)
            PlannedFollowUp.objects.create(
                plan=self.plan, customer=follow_up.customer, period_on=date(2026, 4, 1), follow_up=follow_up
            )
        client = self.sign_in(self.lead)
        client.post(reverse("maintenance:delete-plan", args=[self.plan.pk]))
        with self.inside():
            self.assertFalse(MaintenancePlan.objects.exists())
            deed = AuditEntry.objects.get(deed="maintenance_plan.deleted")
        back = reverse("maintenance:restore-plan", args=[deed.request_id])
        self.assertContains(client.get(HOME), back)
        self.assertEqual([client.post(back).status_code for _twice in range(2)], [204, 409])
        self.assertEqual(self.reload().name, "Visits")
        with self.inside():
            self.assertEqual(PlannedFollowUp.objects.get().follow_up, follow_up)

    def test_sets_when_people_are_reminded(self):
        fields = {"days_before": 2, "days_overdue": 1, "days_escalate": 5, "hour": 7}
        client = self.sign_in(self.lead)
        self.assertEqual(client.post(reverse("maintenance:reminders"), fields).status_code, 204)
        self.assertEqual(
            client.post(reverse("maintenance:reminders"), fields | {"hour": 24}).status_code, 422
        )
        with self.inside():
            policy = ReminderPolicy.objects.get()
        self.assertEqual((policy.days_before, policy.hour, policy.by_email), (2, 7, False))


class Forgotten(BrowserTestCase):
    def test_lists_important_customers_nobody_speaks_with(self):
        with self.inside():
            make.customer(name="Lost from sight", stats__class_code="key")
            make.customer(name="Ordinary", stats__class_code="general")
            make.customer(name="Just called", stats__class_code="key", stats__last_contact_at=timezone.now())
            make.customer(name="Promised", stats__class_code="key", stats__next_follow_up_at=timezone.now())
        page = self.sign_in(self.alice).get(reverse("maintenance:forgotten"))
        self.assertContains(page, "Lost from sight")
        for name in ("Ordinary", "Just called", "Promised"):
            self.assertNotContains(page, name)
