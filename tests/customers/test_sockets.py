from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone

from crm.agenda import entries_for
from crm.kpis import Period
from customers import kpis
from customers.services import follow_ups
from tests import factories as make
from tests.cases import TenantTestCase


class Today(TenantTestCase):
    def entries(self, member):
        return [
            entry for entry in entries_for(member, timezone.now()) if entry.kind in ("follow_up", "review")
        ]

    def test_a_members_promises_of_the_week_with_their_worth(self):
        now = timezone.now()
        customer = make.customer(name="Nordwind", stats__class_code="key", stats__spend_12m=500)
        make.follow_up(self.alice, customer=customer, subject="Late", due_at=now - timedelta(days=2))
        make.follow_up(self.alice, customer=customer, subject="Soon", due_at=now + timedelta(days=2))
        make.follow_up(self.alice, customer=customer, subject="Far", due_at=now + timedelta(days=20))
        make.follow_up(self.lead, customer=customer, subject="Leo's")
        late, soon = self.entries(self.alice)
        self.assertEqual((late.title, late.overdue, late.value, late.class_code), ("Late", True, 500, "key"))
        self.assertEqual((soon.title, soon.overdue, soon.customer_name), ("Soon", False, "Nordwind"))
        self.assertEqual(late.actions[0].way, "sheet")

    def test_a_company_without_customers_is_told_how_to_begin(self):
        def ways(member):
            found = entries_for(member, timezone.now())
            return [action.url for entry in found if entry.kind == "start" for action in entry.actions]

        new, file = reverse("customers:new"), reverse("customers:new-import")
        self.assertEqual(
            [ways(one) for one in (self.lead, self.alice, self.reader)], [[file, new], [new], []]
        )
        make.customer()
        self.assertEqual(ways(self.lead), [])

    def test_records_wait_for_those_who_may_decide(self):
        waiting = make.customer(review="waiting")
        self.assertEqual([entry.customer_id for entry in self.entries(self.alice)], [waiting.pk])
        self.assertEqual(self.entries(self.reader), [])
        self.assertIn(
            reverse("customers:review", args=[waiting.pk]), self.entries(self.alice)[0].actions[0].url
        )


class Kpis(TenantTestCase):
    year = Period(date(2025, 1, 1), date(2025, 12, 31))

    def bought(self, customer, *days):
        for day in days:
            moment = datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=ZoneInfo("UTC"))
            make.purchase(customer=customer, purchased_at=moment)

    def test_staying_and_buying_again(self):
        stays, leaves, comes = make.customer(), make.customer(), make.customer()
        self.bought(stays, "2024-05-01", "2025-03-01", "2025-04-01")
        self.bought(leaves, "2024-06-01")
        self.bought(comes, "2025-06-01")
        self.assertEqual(kpis.retention_rate(self.year), kpis.Value(0.5, 2))
        self.assertEqual(kpis.repurchase_rate(self.year), kpis.Value(0.5, 2))
        self.assertIsNone(kpis.retention_rate(Period(date(2020, 1, 1), date(2020, 12, 31))))

    def test_promises_kept_on_time(self):
        now = timezone.now()
        period = Period((now - timedelta(days=9)).date(), now.date())
        self.assertIsNone(kpis.follow_ups_kept(period))
        kept, late, skipped = [
            make.follow_up(self.alice, due_at=now - timedelta(hours=hours)) for hours in (1, 2, 3)
        ]
        follow_ups.complete_follow_up(follow_up=kept, actor=self.alice)
        type(kept).objects.filter(pk=kept.pk).update(closed_at=now - timedelta(hours=1, minutes=1))
        follow_ups.complete_follow_up(follow_up=late, actor=self.alice)
        follow_ups.skip_follow_up(follow_up=skipped, because="x", actor=self.alice)
        self.assertEqual(kpis.follow_ups_kept(period), kpis.Value(0.5, 2))

    def test_customers_with_a_next_step(self):
        make.customer(stats__stage="active", stats__next_follow_up_at=timezone.now())
        make.customer(stats__stage="active")
        make.customer(stats__stage="lead")
        self.assertEqual(kpis.with_next_step(self.year), kpis.Value(0.5, 2))
