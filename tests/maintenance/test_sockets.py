from datetime import timedelta

from django.utils import timezone

from crm import defaults, kpis
from crm.kpis import Period
from customers.models import FollowUp
from maintenance.agenda import nearly_forgotten
from maintenance.models import MaintenancePlan, ReminderPolicy
from maintenance.panels import plans_of
from maintenance.services.follow_ups import make_follow_ups
from tests import factories as make
from tests.cases import ApiTestCase, TenantTestCase


class Sockets(TenantTestCase):
    def test_with_nothing_due_today_offers_who_was_silent_longest(self):
        now = timezone.now()
        recent = make.customer(
            owner=self.alice, stats__class_code="key", stats__last_contact_at=now - timedelta(days=9)
        )
        never = make.customer(owner=self.alice, stats__class_code="potential")
        make.customer(owner=self.alice, stats__class_code="general")
        make.customer(owner=self.lead, stats__class_code="key")
        offered = [entry.customer_id for entry in nearly_forgotten(self.alice, now)]
        self.assertEqual(offered, [never.pk, recent.pk])
        make.follow_up(self.alice, due_at=now - timedelta(hours=1))
        self.assertEqual(list(nearly_forgotten(self.alice, now)), [])

    def test_the_record_tells_the_plan_and_what_it_promised(self):
        plan = make.maintenance_plan()
        customer = make.classified(plan.customer_class, owner=self.alice)
        self.assertIsNone(plans_of(make.customer(), self.alice))
        make_follow_ups(timezone.now())
        (row,) = plans_of(customer, self.alice)["rows"]
        self.assertEqual((row["plan"], row["due_at"]), (plan, FollowUp.objects.get().due_at))

    def test_coverage_and_the_forgotten_are_figures(self):
        today = self.acme.today()
        period = Period(today, today)
        self.assertIsNone(kpis.get("maintenance-coverage").compute(period))
        plan = make.maintenance_plan()
        for _each in range(2):
            make.classified(plan.customer_class, owner=self.alice, stats__class_code="key")
        self.assertEqual(kpis.get("maintenance-coverage").compute(period).number, 0.0)
        self.assertEqual(kpis.get("forgotten-customers").compute(period).number, 2)
        make_follow_ups(timezone.now())
        self.assertEqual(kpis.get("maintenance-coverage").compute(period).number, 1.0)
        self.assertEqual(kpis.get("forgotten-customers").compute(period).number, 0)

    def test_a_new_company_starts_with_a_plan_for_each_class(self):
        defaults.furnish(self.admin)
        plans = MaintenancePlan.objects.values_list("customer_class__code", "every", "channel")
        self.assertEqual(
            set(plans),
            {
                ("key", "quarter", "visit"),
                ("potential", "month", "phone"),
                ("general", "quarter", "email"),
                ("dormant", "quarter", "phone"),
            },
        )
        self.assertEqual(ReminderPolicy.objects.count(), 1)


class Api(ApiTestCase):
    def test_makes_changes_and_removes_plans(self):
        with self.inside():
            customer_class = make.any_class()
        key = self.key_of(self.lead)
        fields = {
            "name": "Calls",
            "customer_class": str(customer_class.pk),
            "every": "month",
            "channel": "phone",
            "subject": "Call",
        }
        made = self.call("POST", "maintenance-plans", fields, key=key)
        self.assertEqual((made.status_code, made.json()["version"]), (201, 1))
        self.assertEqual(self.call("POST", "maintenance-plans", fields, key=key).status_code, 409)
        address = f"maintenance-plans/{made.json()['id']}"
        changed = self.call("PATCH", address, {"every": "week"}, key=key)
        self.assertEqual(
            (changed.status_code, changed.json()["every"], changed.json()["version"]), (200, "week", 2)
        )
        self.assertEqual(self.call("DELETE", address, key=key).status_code, 204)
        self.assertEqual(self.call("GET", address, key=key).status_code, 404)

    def test_an_account_manager_may_only_read(self):
        key = self.key_of(self.alice)
        self.assertEqual(self.call("GET", "maintenance-plans", key=key).status_code, 200)
        self.assertEqual(self.call("POST", "maintenance-plans", {}, key=key).status_code, 403)
