import json
from datetime import date, timedelta
from io import StringIO

from django.core.management import call_command
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from crm.models import AuditEntry
from crm.tenancy.context import tenant_context
from customers.models import Customer, CustomerStats
from segmentation import defaults
from segmentation.models import ClassChange, ClassMembership, CustomerClass, StageMembership, Tally
from segmentation.selectors.standing import standing
from segmentation.services import changes
from segmentation.services.classify import Moves, classify
from tests import factories as make
from tests.cases import CastTestCase, TenantTestCase

RICH = [[{"field": "spend", "op": "gte", "value": 1_000}]]
OFTEN = [[{"field": "orders", "op": "gte", "value": 5}]]


def three_classes():
    """Rich before often before the rest."""
    return [
        make.customer_class("rich", RICH, 1),
        make.customer_class("often", OFTEN, 2),
        make.customer_class("rest", [], 3),
    ]


def class_of(customer):
    return CustomerStats.objects.get(customer=customer).class_code


class Classes(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.rich, self.often, self.rest = three_classes()

    def test_the_first_rule_that_holds_wins(self):
        both = make.customer(stats__spend=1_000, stats__orders=5)
        often = make.customer(stats__spend=999, stats__orders=5)
        neither = make.customer()

        self.assertEqual(classify(), Moves(customers=3, moved=3))

        self.assertEqual([class_of(c) for c in (both, often, neither)], ["rich", "often", "rest"])
        self.rich.priority, self.often.priority = 2, 1
        self.rich.save()
        self.often.save()
        self.assertEqual(classify(), Moves(customers=3, moved=1))
        self.assertEqual(class_of(both), "often")

    def test_a_second_run_changes_nothing(self):
        once = date(2020, 1, 1)
        make.customer(stats__spend=1_000, stats__last_purchase_on=once, stats__first_purchase_on=once)
        make.customer()
        classify()
        before = list(ClassMembership.objects.values()), list(StageMembership.objects.values())

        self.assertEqual(classify(), Moves(customers=2, moved=0))

        self.assertEqual(
            (list(ClassMembership.objects.values()), list(StageMembership.objects.values())), before
        )
        self.assertEqual(ClassChange.objects.count(), 0)

    def test_a_move_is_kept_with_its_reason_and_its_day(self):
        customer = make.customer(stats__spend=10)
        classify()
        CustomerStats.objects.update(spend=2_000)
        at = timezone.now() + timedelta(days=3)

        classify(at=at)

        change = ClassChange.objects.first()
        self.assertEqual(
            (change.customer, change.from_class, change.to_class), (customer, self.rest, self.rich)
        )
        self.assertEqual((change.at, change.changed_by), (at, None))
        expected = {
            "alternative": 0,
            "field": "spend",
            "op": "gte",
            "threshold": 1_000,
            "value": 2_000,
            "met": True,
        }
        self.assertEqual(change.why, [expected])
        membership = ClassMembership.objects.get()
        self.assertEqual(
            (membership.customer_class, membership.since, membership.why), (self.rich, at, [expected])
        )
        self.assertTrue(AuditEntry.objects.about(change).exists())

    def test_only_the_customers_asked_for_are_looked_at(self):
        first, second = make.customer(), make.customer()
        self.assertEqual(classify(customer_ids=[first.pk]), Moves(customers=1, moved=1))
        self.assertEqual((class_of(first), class_of(second)), ("rest", ""))

    def test_deleted_and_unreviewed_customers_are_left_alone(self):
        make.customer(deleted_at=timezone.now())
        make.customer(review=Customer.Review.WAITING)
        self.assertEqual(classify(), Moves(customers=0, moved=0))

    def test_another_companys_customers_are_untouched(self):
        self._stack.close()
        with tenant_context(self.other.pk):
            theirs = make.customer(stats__spend=5_000)
        with tenant_context(self.acme.pk):
            classify()
        with tenant_context(self.other.pk):
            self.assertEqual((class_of(theirs), ClassChange.objects.count()), ("", 0))

    def test_what_is_counted_is_kept_by_day(self):
        make.customer(stats__spend=1_000, stats__spend_12m=700)
        make.customer(stats__spend=1_000, stats__spend_12m=300)
        classify()
        classify()
        tally = Tally.objects.get(kind="class")
        self.assertEqual((tally.key, tally.customers, tally.spend_12m), ("rich", 2, 1_000))


class Stages(TenantTestCase):
    def stage(self, orders=0, first=None, last=None, **figures):
        today = self.acme.today()
        customer = make.customer(
            stats__orders=orders,
            stats__first_purchase_on=today - timedelta(days=first) if first is not None else None,
            stats__last_purchase_on=today - timedelta(days=last) if last is not None else None,
            **{f"stats__{name}": value for name, value in figures.items()},
        )
        classify()
        stage = StageMembership.objects.get(customer=customer).stage
        self.assertEqual(CustomerStats.objects.get(customer=customer).stage, stage)
        return stage

    def test_each_stage_follows_from_the_facts(self):
        self.assertEqual(self.stage(), "lead")
        self.assertEqual(self.stage(last_contact_at=timezone.now()), "prospect")
        self.assertEqual(self.stage(orders=1, first=90, last=90), "new")
        self.assertEqual(self.stage(orders=2, first=91, last=90), "active")
        self.assertEqual(self.stage(orders=1, first=91, last=91), "dormant")
        self.assertEqual(self.stage(orders=1, first=270, last=270), "dormant")
        self.assertEqual(self.stage(orders=1, first=271, last=271), "lost")

    def test_a_slow_rhythm_of_ones_own_is_given_its_time(self):
        # Every 100 days: quiet only after 200.
        self.assertEqual(self.stage(orders=4, first=500, last=200), "active")
        self.assertEqual(self.stage(orders=4, first=501, last=201), "dormant")

    def test_the_facts_are_kept(self):
        self.stage(orders=4, first=500, last=200)
        why = StageMembership.objects.get().why
        self.assertEqual((why["rhythm"], why["quiet_after"], why["since_last"]), (100.0, 200, 200))


class Rfm(TenantTestCase):
    def test_fifths_over_those_who_bought(self):
        today = self.acme.today()
        for i in range(10):
            make.customer(
                name=str(i),
                stats__orders=i + 1,
                stats__spend=(i + 1) * 100,
                stats__first_purchase_on=today - timedelta(days=400),
                stats__last_purchase_on=today - timedelta(days=100 - i),
            )
        make.customer(name="never")
        classify()
        rows = CustomerStats.objects.order_by("spend").values_list(
            "rfm_recency", "rfm_frequency", "rfm_monetary"
        )
        self.assertEqual(
            list(rows), [(None, None, None), *[(s, s, s) for s in (1, 1, 2, 2, 3, 3, 4, 4, 5, 5)]]
        )
        segments = CustomerStats.objects.order_by("spend").values_list("rfm_segment", flat=True)
        self.assertEqual((segments[0], segments[1], segments[10]), ("", "hibernating", "champions"))

    def test_who_loses_all_purchases_loses_the_scores(self):
        today = self.acme.today()
        make.customer(
            stats__orders=1, stats__spend=1, stats__last_purchase_on=today, stats__first_purchase_on=today
        )
        make.customer(
            stats__orders=1, stats__spend=1, stats__last_purchase_on=today, stats__first_purchase_on=today
        )
        classify()
        gone = CustomerStats.objects.exclude(rfm_segment="").first()
        CustomerStats.objects.filter(pk=gone.pk).update(
            orders=0, last_purchase_on=None, first_purchase_on=None
        )
        classify()
        gone.refresh_from_db()
        self.assertEqual((gone.rfm_recency, gone.rfm_segment, gone.stage), (None, "", "lead"))


DAY = date(2025, 6, 1)
FIGURES = st.fixed_dictionaries(
    {
        "orders": st.integers(0, 6),
        "spend_12m": st.integers(0, 3_000_000),
        "orders_12m": st.integers(0, 6),
        "since_last": st.none() | st.integers(0, 400),
        "since_first": st.integers(0, 400),
        "since_contact": st.none() | st.integers(0, 400),
        "known_for": st.integers(0, 400),
    }
)


def holds(criterion, facts):
    """What a criterion means, written a second time and without SQL."""
    value, threshold = facts[criterion["field"]], criterion.get("value")
    match criterion["op"]:
        case "is_null":
            return value is None
        case "eq":
            return value == threshold
        case "gte":
            return value is not None and value >= threshold
        case "lte":
            return value is not None and value <= threshold


class Explained(CastTestCase, HypothesisTestCase):
    """The default rules over random customers: SQL, its explanation and a plain reading of the rule agree."""

    @settings(max_examples=20, deadline=None)
    @given(figures=FIGURES)
    def test_the_explanation_and_the_decision_agree(self, figures):
        at = timezone.datetime(2025, 6, 1, 12, tzinfo=self.acme.zone)
        with tenant_context(self.acme.pk):
            defaults.make_classes(self.admin)
            customer = self.customer(figures, at)
            classify(at=at)
            facts = {
                "spend_12m": figures["spend_12m"],
                "orders_12m": figures["orders_12m"],
                "has_purchase": figures["orders"] > 0,
                "days_since_last_purchase": figures["since_last"],
                "days_since_first_purchase": figures["since_first"],
                "days_since_last_contact": figures["since_contact"],
                "days_since_created": figures["known_for"],
            }
            rules = CustomerClass.objects.active()
            winner = next(
                one.code
                for one in rules
                if not one.criteria
                or any(all(holds(c, facts) for c in alternative) for alternative in one.criteria)
            )
            self.assertEqual(class_of(customer), winner)
            found = standing(customer, at=at)
            self.assertEqual(found.membership.customer_class.code, winner)
            for one in found.rules:
                met = {}
                for row in one.why:
                    met.setdefault(row["alternative"], []).append(row["met"])
                held = not met or any(all(alternative) for alternative in met.values())
                self.assertEqual(held, one.holds)
                self.assertEqual([row["value"] for row in one.why], [facts[row["field"]] for row in one.why])
            self.assertEqual(next(one.code for one in found.rules if one.holds), winner)

    def customer(self, figures, at):
        def day(name):
            return DAY - timedelta(days=figures[name]) if figures[name] is not None else None

        contact = figures["since_contact"]
        return make.customer(
            created_at=at - timedelta(days=figures["known_for"]),
            stats__orders=figures["orders"],
            stats__orders_12m=figures["orders_12m"],
            stats__spend_12m=figures["spend_12m"],
            stats__first_purchase_on=day("since_first"),
            stats__last_purchase_on=day("since_last"),
            stats__last_contact_at=at - timedelta(days=contact) if contact is not None else None,
        )


class Changes(TenantTestCase):
    def test_only_who_changed_is_looked_at_again(self):
        three_classes()
        first, _second = make.customer(stats__spend=10), make.customer(stats__spend=10)
        self.assertEqual(changes.catch_up(timezone.now()), Moves(customers=2, moved=2))
        changes.Watermark.objects.update(seen_until=timezone.now() + changes.OVERLAP)
        self.assertEqual(changes.catch_up(timezone.now()), Moves(customers=0, moved=0))

        changes.Watermark.objects.update(seen_until=timezone.now() + changes.OVERLAP)
        CustomerStats.objects.update(spend=5_000)
        make.purchase(customer=first)
        self.assertEqual(changes.catch_up(timezone.now()), Moves(customers=1, moved=1))
        self.assertEqual(class_of(first), "rich")


class Command(TenantTestCase):
    def test_it_reports_and_reads_the_figures_of_the_day(self):
        make.customer_class("now", [[{"field": "days_since_last_purchase", "op": "lte", "value": 10}]], 1)
        make.customer_class("rest", [], 2)
        customer = make.customer()
        for day in (1, 200):
            make.purchase(
                customer=customer,
                purchased_at=timezone.datetime(2024, 1, 1, tzinfo=self.acme.zone) + timedelta(days=day),
            )
        self._stack.close()
        out = StringIO()

        call_command("classify", tenant=self.acme.slug, as_of=date(2024, 1, 5), json=True, stdout=out)

        result = json.loads(out.getvalue().splitlines()[-1])
        self.assertEqual((result["customers"], result["moved"]), (1, 1))
        with tenant_context(self.acme.pk):
            self.assertEqual((class_of(customer), CustomerStats.objects.get().orders), ("now", 1))


class Defaults(TenantTestCase):
    def test_four_classes_and_their_rules(self):
        defaults.make_classes(self.admin)
        defaults.make_segments(self.admin)
        codes = list(CustomerClass.objects.active().values_list("code", "rank"))
        self.assertEqual(codes, [("key", 1), ("potential", 2), ("dormant", 4), ("general", 3)])
        make.customer(stats__spend_12m=500_000, stats__orders_12m=4)
        make.customer(stats__spend_12m=499_999, stats__orders_12m=4)
        classify()
        self.assertEqual(
            list(CustomerStats.objects.order_by("-spend_12m").values_list("class_code", flat=True)),
            ["key", "general"],
        )
