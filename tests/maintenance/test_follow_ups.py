from collections import Counter
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import AuditEntry
from customers.models import CustomerStats, FollowUp, Interaction
from customers.services.follow_ups import complete_follow_up, skip_follow_up
from maintenance.models import PlannedFollowUp
from maintenance.selectors.coverage import coverage_of
from maintenance.services.follow_ups import make_follow_ups
from tests import factories as make
from tests.cases import TenantTestCase

APRIL = datetime(2026, 4, 1, 0, 30, tzinfo=UTC)  # a Wednesday


class MakeFollowUps(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.key = make.any_class(code="key")
        self.plan = make.maintenance_plan(customer_class=self.key, channel="visit", subject="Visit")

    def customer(self, **fields):
        return make.classified(self.key, **{"owner": self.alice} | fields)

    def only(self):
        return FollowUp.objects.get()

    def test_makes_one_for_each_customer_of_the_class_and_no_more_the_second_time(self):
        mine, orphan = self.customer(), self.customer(owner=None)
        make.customer()
        self.assertEqual(make_follow_ups(APRIL), 2)
        self.assertEqual(make_follow_ups(APRIL + timedelta(days=40)), 0)
        owners = dict(FollowUp.objects.values_list("customer", "owner"))
        self.assertEqual(owners, {mine.pk: self.alice.pk, orphan.pk: self.lead.pk})
        follow_up = FollowUp.objects.get(customer=mine)
        self.assertEqual((follow_up.origin, follow_up.subject, follow_up.channel), ("plan", "Visit", "visit"))
        self.assertEqual(follow_up.reason, f"{self.plan.name}: every quarter, until 30 Jun 2026")
        self.assertEqual(str(PlannedFollowUp.objects.get(customer=mine).period_on), "2026-04-01")
        self.assertEqual(CustomerStats.objects.get(customer=mine).next_follow_up_at, follow_up.due_at)
        deed = AuditEntry.objects.get(deed="maintenance_plan.follow_ups_made")
        self.assertEqual((deed.subject_id, deed.after), (self.plan.pk, {"made": 2}))
        self.assertTrue(AuditEntry.objects.about(follow_up).filter(kind="insert").exists())

    def test_due_at_ten_in_the_morning_of_a_working_day_where_the_company_is(self):
        self.acme.timezone = "Asia/Shanghai"
        self.acme.save()
        for _each in range(80):
            self.customer()
        make_follow_ups(datetime(2026, 3, 31, 16, 30, tzinfo=UTC))  # already April in Shanghai
        due = [at.astimezone(self.acme.zone) for at in FollowUp.objects.values_list("due_at", flat=True)]
        self.assertEqual({at.hour for at in due}, {10})
        self.assertTrue(all(at.weekday() < 5 for at in due))
        self.assertEqual(
            (min(due).date().isoformat()[:7], max(due).date().isoformat()[:7]), ("2026-04", "2026-06")
        )
        self.assertEqual({str(p.period_on) for p in PlannedFollowUp.objects.all()}, {"2026-04-01"})

    def test_each_owners_load_is_level(self):
        other = make.member()
        for owner, many in ((self.alice, 130), (other, 65)):
            for _each in range(many):
                self.customer(owner=owner)
        make_follow_ups(APRIL)
        for owner, most in ((self.alice, 2), (other, 1)):
            days = Counter(f.due_at.date() for f in FollowUp.objects.filter(owner=owner))
            self.assertEqual((len(days), max(days.values())), (65, most))

    def test_the_same_customers_get_the_same_days_again(self):
        for _each in range(10):
            self.customer()
        make_follow_ups(APRIL)
        first = dict(FollowUp.objects.values_list("customer", "due_at"))
        FollowUp.objects.all().delete()
        make_follow_ups(APRIL)
        self.assertEqual(dict(FollowUp.objects.values_list("customer", "due_at")), first)

    def test_whoever_was_contacted_as_planned_or_better_is_covered(self):
        visited, called, last_quarter = self.customer(), self.customer(), self.customer()
        for customer, kind, at in (
            (visited, "visit", APRIL + timedelta(days=1)),
            (called, "call", APRIL + timedelta(days=1)),
            (last_quarter, "visit", APRIL - timedelta(days=1)),
        ):
            make.interaction(customer=customer, kind=kind, happened_at=at)
        make_follow_ups(APRIL + timedelta(days=5))
        self.assertEqual(
            set(FollowUp.objects.values_list("customer", flat=True)), {called.pk, last_quarter.pk}
        )

    def test_a_promise_that_will_do_is_not_doubled(self):
        promised, too_late = self.customer(), self.customer()
        make.follow_up(self.alice, customer=promised, channel="visit", due_at=APRIL + timedelta(days=20))
        make.follow_up(self.alice, customer=too_late, channel="visit", due_at=APRIL + timedelta(days=120))
        make_follow_ups(APRIL)
        self.assertEqual(PlannedFollowUp.objects.get().customer, too_late)

    def test_the_next_quarter_makes_the_next_one_once_the_last_is_closed(self):
        customer = self.customer()
        make_follow_ups(APRIL)
        july = datetime(2026, 7, 1, 1, tzinfo=UTC)
        self.assertEqual(make_follow_ups(july), 0)
        complete_follow_up(follow_up=self.only(), actor=self.alice, kind=Interaction.Kind.VISIT)
        Interaction.objects.update(happened_at=july - timedelta(days=1))
        self.assertEqual(make_follow_ups(july), 1)
        self.assertEqual(
            [
                str(day)
                for day in PlannedFollowUp.objects.order_by("period_on").values_list("period_on", flat=True)
            ],
            ["2026-04-01", "2026-07-01"],
        )
        self.assertEqual(FollowUp.objects.filter(customer=customer).count(), 2)

    def test_one_that_was_skipped_does_not_come_back_in_its_period(self):
        self.customer()
        make_follow_ups(APRIL)
        skip_follow_up(follow_up=self.only(), because="on leave", actor=self.alice)
        self.assertEqual(make_follow_ups(APRIL + timedelta(days=30)), 0)

    def test_leaves_out_the_deleted_the_unreviewed_and_plans_out_of_use(self):
        self.customer(deleted_at=APRIL)
        self.customer(review="waiting")
        make.classified(make.maintenance_plan(active=False).customer_class)
        self.assertEqual(make_follow_ups(APRIL), 0)

    def test_an_owner_who_left_is_replaced_by_the_plans_fallback(self):
        gone, stand_in = make.member(active=False), make.member()
        self.customer(owner=gone)
        self.plan.fallback_owner = stand_in
        self.plan.save()
        make_follow_ups(APRIL)
        self.assertEqual(self.only().owner, stand_in)

    def test_a_hundred_customers_take_no_more_queries_than_one(self):
        counts = []
        for many in (1, 100):
            for _each in range(many):
                self.customer()
            with CaptureQueriesContext(connection) as queries:
                make_follow_ups(APRIL)
            counts.append(len(queries))
        self.assertLessEqual(counts[1], counts[0])  # the first also asks who listens


class Coverage(TenantTestCase):
    def test_counts_who_was_contacted_or_is_promised_to(self):
        key = make.any_class(code="key")
        plan = make.maintenance_plan(customer_class=key)
        contacted, promised, done, _forgotten = (make.classified(key, owner=self.alice) for _ in range(4))
        make.interaction(customer=contacted, kind="call", happened_at=APRIL)
        make.follow_up(self.alice, customer=promised, due_at=APRIL + timedelta(days=3))
        planned = make.follow_up(self.alice, customer=done, due_at=APRIL, channel="other")
        PlannedFollowUp.objects.create(plan=plan, customer=done, period_on="2026-04-01", follow_up=planned)
        (row,) = coverage_of([plan], at=APRIL + timedelta(days=1))
        self.assertEqual((row.plan, row.customers, row.covered, row.share), (plan, 4, 3, 0.75))

    def test_a_plan_for_nobody_has_no_share(self):
        (row,) = coverage_of([make.maintenance_plan()], at=APRIL)
        self.assertIsNone(row.share)
