from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.dashboard import selectors
from tests import factories as make
from tests.cases import BrowserTestCase, TenantTestCase


class Today(TenantTestCase):
    def test_entries_stand_in_groups_by_their_moment(self):
        at = timezone.now().replace(hour=10, minute=0)
        for days, subject in ((-2, "late"), (0, "now"), (3, "week"), (30, "far")):
            make.follow_up(self.alice, due_at=at + timedelta(days=days), subject=subject)
        found = selectors.today_of(self.alice, self.acme, at=at)
        titles = {group.key: [entry.title for entry in group.entries] for group in found.groups}
        self.assertEqual(titles, {"overdue": ["late"], "now": ["now"], "week": ["week"]})
        self.assertEqual(found.sentence, "3 to contact")

    def test_the_weeks_load_counts_the_companys_own_days(self):
        at = timezone.now()
        make.follow_up(self.alice, due_at=at)
        make.follow_up(self.lead, due_at=at)
        self.assertEqual(
            [day.count for day in selectors.week_load(self.alice, self.acme, at=at)], [1, 0, 0, 0, 0, 0, 0]
        )

    def test_a_figure_knows_how_it_moved(self):
        from crm import kpis

        share = kpis.Kpi("s", "S", "?", lambda period: None)
        money = kpis.Kpi("m", "M", "?", lambda period: None, unit="money")
        self.assertAlmostEqual(selectors.Figure(share, kpis.Value(0.5, 9), kpis.Value(0.4, 9)).change, 0.1)
        self.assertAlmostEqual(selectors.Figure(money, kpis.Value(150, 9), kpis.Value(100, 9)).change, 0.5)
        self.assertIsNone(selectors.Figure(share, None, kpis.Value(0.4, 9)).change)


class Pages(BrowserTestCase):
    def test_today_asks_the_database_the_same_for_1_and_30_entries(self):
        client = self.sign_in(self.alice)

        def entries(n):
            with self.inside():
                for _ in range(n):
                    make.follow_up(self.alice, customer=make.customer(owner=self.alice))

        entries(1)
        client.get(reverse("today"))
        with CaptureQueriesContext(
            connection,
        ) as first:
            self.assertContains(client.get(reverse("today")), "Call about the renewal")
        entries(29)
        with CaptureQueriesContext(connection) as later:
            self.assertContains(client.get(reverse("today")), "Call about the renewal", count=30)
        self.assertEqual(len(later), len(first))

    def test_a_week_without_promises_says_where_to_make_some(self):
        way = "/customers/?owner=me&amp;next=no"
        self.assertContains(self.sign_in(self.alice).get(reverse("today")), way)
        with self.inside():
            make.follow_up(self.alice)
        self.assertNotContains(self.client.get(reverse("today")), way)

    def test_insight_and_settings_open_for_those_who_may(self):
        self.assertEqual(self.sign_in(self.alice).get(reverse("insight")).status_code, 200)
        self.assertEqual(self.client.get(reverse("settings")).status_code, 403)
        self.assertContains(self.sign_in(self.admin).get(reverse("settings")), "Ada Admin")

    def test_an_address_that_only_takes_forms_says_so_to_who_opens_it(self):
        response = self.sign_in(self.alice).get(reverse("customers:scan-duplicates"))
        self.assertEqual((response.status_code, response["Allow"]), (405, "POST"))
        self.assertTemplateUsed(response, "405.html")
