from datetime import UTC, date, datetime
from unittest import mock

from django.urls import reverse
from django.utils import timezone

from customers.selectors.month import SHOWN, month_of, next_month
from customers.services.contracts import create_contract
from tests import factories as make
from tests.cases import BrowserTestCase, TenantTestCase

NOVEMBER = date(2026, 11, 1)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Month(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.acme.timezone = "Asia/Shanghai"
        self.acme.save()
        self.harbour = make.customer(name="Harbour", owner=self.alice)

    def days(self, member=None):
        found = month_of(member or self.alice, NOVEMBER, tenant=self.acme, at=NOW)
        return {
            str(day.on): [(one.what, one.overdue) for one in day.entries]
            for week in found.weeks
            for day in week
            if day.entries
        }

    def test_ones_own_open_follow_ups_stand_on_the_companys_days(self):
        # Half past midnight in Shanghai of the first day of the grid, and of the day after its last.
        for due_at in (datetime(2026, 10, 25, 16, 30), datetime(2026, 12, 6, 16, 30)):
            make.follow_up(
                self.alice, customer=self.harbour, subject="Call", due_at=due_at.replace(tzinfo=UTC)
            )
        make.follow_up(self.alice, customer=self.harbour, subject="Next", due_at=NOW.replace(day=23))
        make.follow_up(self.lead, customer=self.harbour, subject="Of the lead", due_at=NOW)
        self.assertEqual(self.days(), {"2026-10-26": [("Call", True)], "2026-11-23": [("Next", False)]})

    def test_contracts_to_decide_on_stand_on_the_last_day_for_it(self):
        contract = create_contract(
            customer=self.harbour,
            actor=None,
            title="Care",
            starts_on=date(2025, 12, 1),
            ends_on=date(2026, 11, 30),
            renewal="auto",
            term_months=12,
            notice=10,
            notice_unit="days",
        )
        self.assertEqual(self.days(), {str(contract.notice_by): [("Notice by: Care", False)]})
        self.assertEqual(self.days(self.lead), {})

    def test_there_is_a_first_and_a_last_month(self):
        self.assertEqual(next_month(date(2026, 12, 1), 1), date(2027, 1, 1))
        self.assertEqual((next_month(date(2000, 1, 1), -1), next_month(date(2100, 12, 1), 1)), (None, None))


class Page(BrowserTestCase):
    def test_goes_from_month_to_month_and_shows_a_crowded_day_whole(self):
        with self.inside():
            customer = make.customer(name="Harbour", owner=self.alice)
            for number in range(SHOWN + 2):
                make.follow_up(self.alice, customer=customer, subject=f"Call {number}", due_at=NOW)
        self.sign_in(self.alice)
        with mock.patch.object(timezone, "now", return_value=NOW):
            page = self.client.get(reverse("customers:month"))
        self.assertContains(page, "November 2026")
        self.assertContains(page, 'href="?month=2026-10"')
        self.assertContains(page, "3 more")
        self.assertNotContains(page, 'id="day"')
        day = self.client.get("/calendar/month/?month=2026-11&day=2026-11-22")
        self.assertContains(day, f"Call {SHOWN + 1}")
        for wrong in ("?month=x", "?month=2026-13", "?month=9999-01&day=0001-01-01"):
            self.assertEqual(self.client.get(f"/calendar/month/{wrong}").status_code, 200, wrong)
