from datetime import datetime, timedelta

from crm.models import Notification
from customers.models import FollowUp, Purchase
from retention.errors import WarningClosed
from retention.models import Warning
from retention.services import warnings
from retention.services.night import score_night
from retention.services.scoring import score_with_arrays
from tests.cases import TenantTestCase
from tests.retention.purchases import DAY, busy_company, buy, customers


class NightCase(TenantTestCase):
    """A night looks at the company's yesterday: ``night(0)`` scores as of ``DAY``."""

    def night(self, days=0):
        at = datetime(DAY.year, DAY.month, DAY.day, 2, tzinfo=self.acme.zone) + timedelta(days=days + 1)
        return score_night(at=at)

    def silent_since(self, days, owner=None, amount=50_000):
        """A customer who bought every ten days and has been silent for ``days``."""
        customer = customers(1, owner=owner)[0]
        customer.external_id = f"S{customer.pk}"
        customer.save()
        buy(customer, *range(days, days + 200, 10), amount=amount, tenant=self.acme)
        return customer


class Opening(NightCase):
    def test_a_silence_that_crosses_the_own_rhythm_opens_one_warning_and_tells_the_owner_once(self):
        customer = self.silent_since(20, owner=self.alice)

        self.assertEqual(self.night().opened, 1)
        warning = Warning.objects.get()
        self.assertEqual(
            (warning.customer, warning.owner, warning.trigger, warning.probability),
            (customer, self.alice, "gap", None),
        )
        self.assertEqual(warning.score.customer, customer)
        self.assertGreater(warning.value_at_risk, 0)
        note = Notification.objects.get()
        self.assertEqual(
            (note.member, note.text), (self.alice, "last order 20 days ago, usually every 10 days")
        )

        self.assertEqual((self.night().opened, self.night(1).opened), (0, 0))
        self.assertEqual((Warning.objects.count(), Notification.objects.count()), (1, 1))

    def test_a_silence_that_is_old_news_opens_nothing(self):
        self.silent_since(150, owner=self.alice)
        self.assertEqual(self.night().opened, 0)

    def test_a_rise_of_the_probability_opens_too(self):
        busy_company(self.acme, owner=self.alice)
        self.night()
        risen = Warning.objects.exclude(trigger="gap")
        self.assertTrue(risen.exists())
        self.assertTrue(all(0 < w.probability < 1 for w in risen))

    def test_an_owner_gets_no_more_than_can_be_handled_and_the_most_valuable_first(self):
        mine = [
            self.silent_since(20, owner=self.alice, amount=1_000 * (n + 1))
            for n in range(warnings.CAPACITY + 2)
        ]
        self.silent_since(20)
        self.assertEqual(self.night().opened, warnings.CAPACITY + 1)
        warned = set(Warning.objects.filter(owner=self.alice).values_list("customer_id", flat=True))
        self.assertEqual(warned, {customer.pk for customer in mine[2:]})
        self.assertEqual(self.night(1).opened, 0)

    def test_what_was_spent_on_returned_goods_is_no_value_at_risk(self):
        customer = self.silent_since(20, owner=self.alice)
        Purchase.objects.filter(customer=customer).update(amount_home=0)
        self.assertEqual(self.night().opened, 0)


class Closing(NightCase):
    def test_a_purchase_closes_the_warning_and_the_customer_is_left_alone(self):
        customer = self.silent_since(20, owner=self.alice)
        self.night()
        buy(customer, -1, tenant=self.acme)

        self.assertEqual(self.night(1).closed, 1)
        warning = Warning.objects.get()
        self.assertEqual((warning.close_reason, warning.closed_by), ("returned", None))
        self.assertEqual(self.night(20).opened, 0)

    def test_a_small_change_does_not_close_it_and_a_clear_one_does(self):
        busy_company(self.acme, owner=self.alice)
        scored = score_with_arrays(as_of=DAY, horizon=60)
        at = datetime(2025, 7, 1, 2, tzinfo=self.acme.zone)
        warnings.update_warnings(scored, at=at)
        warning = Warning.objects.filter(probability__isnull=False).first()

        def closed_when_opened_at(log_odds_higher):
            odds = warning.score.probability / (1 - warning.score.probability) * 2.718281828**log_odds_higher
            Warning.objects.filter(pk=warning.pk).update(probability=odds / (1 + odds))
            return warnings.update_warnings(scored, at=at).closed

        self.assertEqual([closed_when_opened_at(0.3), closed_when_opened_at(0.4)], [0, 1])
        warning.refresh_from_db()
        self.assertEqual(warning.close_reason, "eased")

    def test_by_hand_with_a_reason_and_only_once(self):
        self.silent_since(20, owner=self.alice)
        self.night()
        warning = Warning.objects.get()

        warnings.close_warning(warning=warning, reason="dismissed", note="On holiday", actor=self.alice)

        with self.assertRaises(WarningClosed):
            warnings.close_warning(warning=warning, reason="handled", actor=self.lead)
        warning.refresh_from_db()
        self.assertEqual(
            (warning.close_reason, warning.note, warning.closed_by), ("dismissed", "On holiday", self.alice)
        )
        self.assertEqual(self.night(1).opened, 0)

    def test_acting_makes_a_follow_up_with_the_reason_and_handles_the_warning(self):
        customer = self.silent_since(20, owner=self.alice)
        self.night()
        due = datetime(2025, 7, 2, 10, tzinfo=self.acme.zone)

        follow_up = warnings.act_on_warning(
            warning=Warning.objects.get(), subject="Call", due_at=due, owner=self.alice, actor=self.lead
        )

        self.assertEqual(
            (follow_up.customer, follow_up.origin, follow_up.reason),
            (customer, "warning", "last order 20 days ago, usually every 10 days"),
        )
        warning = Warning.objects.get()
        self.assertEqual((warning.close_reason, warning.follow_up), ("handled", follow_up))
        with self.assertRaises(WarningClosed):
            warnings.act_on_warning(
                warning=warning, subject="Again", due_at=due, owner=self.alice, actor=self.lead
            )
        self.assertEqual(FollowUp.objects.count(), 1)
