from datetime import timedelta

from django.utils import timezone

from crm.errors import Stale
from crm.models import AuditEntry
from customers.classes import words
from customers.models import CustomerStats
from maintenance.models import MaintenancePlan
from segmentation.criteria import BadCriteria
from segmentation.errors import (
    ClassInUse,
    ClassNotInUse,
    NameTaken,
    NoCatchAll,
    OverrideInThePast,
    OverrideWithoutReason,
)
from segmentation.models import ClassChange, ClassMembership, CustomerClass, Segment
from segmentation.services import classes, overrides, segments
from segmentation.services.classes import Flow
from segmentation.services.classify import Moves, classify
from tests import factories as make
from tests.cases import TenantTestCase


def spent(amount):
    return [[{"field": "spend", "op": "gte", "value": amount}]]


class Case(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.rich = make.customer_class("rich", spent(1_000), 1)
        self.rest = make.customer_class("rest", [], 2)

    def code(self, customer):
        return CustomerStats.objects.get(customer=customer).class_code


class Overrides(Case):
    def setUp(self):
        super().setUp()
        self.customer = make.customer()
        classify()

    def override(self, **fields):
        given = {
            "customer": self.customer,
            "customer_class": self.rich,
            "reason": "Strategic",
            "actor": self.alice,
        }
        return overrides.override_class(**(given | fields))

    def test_it_moves_at_once_and_rules_leave_it_alone(self):
        self.override()
        self.assertEqual(self.code(self.customer), "rich")
        change = ClassChange.objects.first()
        self.assertEqual(
            (change.from_class, change.to_class, change.changed_by), (self.rest, self.rich, self.alice)
        )
        self.assertEqual(AuditEntry.objects.filter(deed="customer.class_overridden").count(), 1)

        self.assertEqual(classify(), Moves(customers=1, moved=0))
        self.assertEqual(self.code(self.customer), "rich")

    def test_it_holds_through_its_last_day_and_then_ends_by_itself(self):
        today = self.acme.today()
        self.override(until=today + timedelta(days=5))
        now = timezone.now()
        self.assertEqual(classify(at=now + timedelta(days=5)).moved, 0)
        self.assertEqual(classify(at=now + timedelta(days=6)).moved, 1)
        membership = ClassMembership.objects.get()
        self.assertEqual(
            (membership.customer_class, membership.overridden, membership.set_by, membership.override_until),
            (self.rest, False, None, None),
        )

    def test_an_override_into_the_class_one_is_in_ends_without_a_move(self):
        self.override(customer_class=self.rest, until=self.acme.today())
        since = ClassMembership.objects.get().since
        self.assertEqual(classify(at=timezone.now() + timedelta(days=1)).moved, 0)
        membership = ClassMembership.objects.get()
        self.assertEqual((membership.overridden, membership.since), (False, since))
        self.assertEqual(ClassChange.objects.count(), 0)

    def test_taken_off_the_rules_decide_again(self):
        self.override()
        overrides.clear_override(customer=self.customer, actor=self.alice)
        self.assertEqual(self.code(self.customer), "rest")
        self.assertFalse(ClassMembership.objects.get().overridden)

    def test_refusals_change_nothing(self):
        CustomerClass.objects.filter(pk=self.rich.pk).update(active=False)
        self.rich.refresh_from_db()
        for error, fields in (
            (OverrideWithoutReason, {"reason": "  "}),
            (ClassNotInUse, {}),
            (
                OverrideInThePast,
                {"customer_class": self.rest, "until": self.acme.today() - timedelta(days=1)},
            ),
        ):
            with self.subTest(error.__name__), self.assertRaises(error):
                self.override(**fields)
        self.assertEqual((ClassChange.objects.count(), self.code(self.customer)), (0, "rest"))


class Saving(Case):
    def setUp(self):
        super().setUp()
        for amount in (100, 600, 700, 5_000):
            make.customer(name=str(amount), stats__spend=amount, stats__spend_12m=amount)
        classify()

    def test_the_simulation_is_what_saving_then_does(self):
        simulation = classes.simulate(customer_class=self.rich, given=spent(600))
        self.assertEqual(simulation.flows, [Flow("rest", "rich", 2)])
        self.assertEqual(
            [row[1:] for row in simulation.sample], [("700", "rest", "rich"), ("600", "rest", "rich")]
        )
        self.assertEqual(ClassChange.objects.count(), 0)

        moves = classes.save_class(customer_class=self.rich, version=1, actor=self.lead, criteria=spent(600))

        self.assertEqual(moves.moved, simulation.moved)
        moved = ClassChange.objects.filter(from_class=self.rest, to_class=self.rich, changed_by=self.lead)
        self.assertEqual(sorted(change.customer.name for change in moved), ["600", "700"])
        self.assertEqual((self.rich.version, self.rich.criteria), (2, spent(600)))

    def test_an_older_version_is_refused(self):
        classes.save_class(customer_class=self.rich, version=1, actor=self.lead, name="Richer")
        with self.assertRaises(Stale):
            classes.save_class(customer_class=self.rich, version=1, actor=self.lead, name="Richest")

    def test_nobody_may_be_left_without_a_class(self):
        for customer_class, given in ((self.rest, spent(1)), (self.rich, [])):
            with self.subTest(customer_class.code), self.assertRaises(NoCatchAll):
                classes.save_class(customer_class=customer_class, version=1, actor=self.lead, criteria=given)
        with self.assertRaises(BadCriteria):
            classes.save_class(customer_class=self.rich, version=1, actor=self.lead, criteria=[[]])

    def test_the_words_of_classes_are_those_of_now(self):
        self.assertEqual(list(words()), ["rich", "rest"])
        classes.create_class(code="vip", name="VIP", given=spent(9_000), actor=self.admin, rank=1)
        self.assertEqual(set(words()), {"rich", "vip", "rest"})
        classes.delete_class(customer_class=self.rich, version=self.rich.version, actor=self.admin)
        self.assertEqual(set(words()), {"vip", "rest"})
        with self.assertNumQueries(0):
            words()

    def test_a_new_class_is_tried_before_the_one_that_takes_the_rest(self):
        new = classes.create_class(code="mid", name="Mid", given=spent(500), actor=self.lead)
        self.assertEqual(
            list(CustomerClass.objects.active().values_list("code", flat=True)), ["rich", "mid", "rest"]
        )
        self.assertEqual(classify().moved, 2)
        with self.assertRaises(NameTaken):
            classes.create_class(code="mid", name="Other", given=spent(500), actor=self.lead)
        self.assertEqual(new.priority, 2)

    def test_a_class_that_goes_lets_its_customers_go_where_the_rules_say(self):
        classes.delete_class(customer_class=self.rich, version=1, actor=self.lead)
        self.assertEqual(set(CustomerStats.objects.values_list("class_code", flat=True)), {"rest"})
        self.rich.refresh_from_db()
        self.assertFalse(self.rich.active)

    def test_a_class_that_plans_serve_or_that_takes_the_rest_stays(self):
        with self.assertRaises(NoCatchAll):
            classes.delete_class(customer_class=self.rest, version=1, actor=self.lead)
        MaintenancePlan.objects.create(
            name="Visits", customer_class=self.rich, every="quarter", channel="visit", subject="Visit"
        )
        with self.assertRaises(ClassInUse):
            classes.delete_class(customer_class=self.rich, version=1, actor=self.lead)


class Segments(Case):
    def test_saved_shared_and_counted_live(self):
        segment = segments.create_segment(name="Buyers", given=spent(1), actor=self.alice)
        self.assertEqual(segment.customers().at_most(10), 0)
        make.customer(stats__spend=5)
        self.assertEqual(segment.customers().at_most(10), 1)

        segments.save_segment(segment=segment, version=1, actor=self.lead, criteria=spent(6))
        self.assertEqual((segment.customers().at_most(10), segment.version), (0, 2))
        with self.assertRaises(Stale):
            segments.save_segment(segment=segment, version=1, actor=self.lead, name="X")

        segments.delete_segment(segment=segment, actor=self.lead)
        self.assertFalse(Segment.objects.exists())

    def test_a_name_stands_once(self):
        segments.create_segment(name="Buyers", given=[], actor=self.alice)
        with self.assertRaises(NameTaken):
            segments.create_segment(name="Buyers", given=[], actor=self.alice)

    def test_a_segment_may_ask_for_the_class(self):
        make.customer(stats__spend=5_000)
        make.customer()
        classify()
        given = [[{"field": "class", "op": "eq", "value": "rich"}]]
        segment = segments.create_segment(name="Rich", given=given, actor=self.alice)
        self.assertEqual(segment.customers().count(), 1)
