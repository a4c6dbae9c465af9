from datetime import datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm import agenda
from crm.formats import date_text
from crm.models import Job
from customers import panels, timeline
from customers.models import FollowUp
from retention.models import Score, ScoreRun, Warning
from retention.services.backtests import run_backtest
from retention.services.night import score_night
from retention.services.scoring import score
from tests import factories as make
from tests.cases import BrowserTestCase
from tests.retention.purchases import DAY, busy_company, buy, customers

GAP = {
    "code": "gap",
    "contribution": 1.2,
    "facts": {"days_since": 94, "usual_days": 31.2},
    "raises": True,
    "actionable": True,
}
IN_WORDS = "last order 94 days ago, usually every 31 days"


class PageCase(BrowserTestCase):
    def warned(self, count=1, *, level=1, owner=None):
        """Customers with a score, value at risk and an open warning; gives the last warning."""
        probability = 0.62 if level else None
        run = ScoreRun.objects.first() or ScoreRun.objects.create(
            as_of=DAY,
            horizon_days=90,
            level=level,
            model_version="mbg-nbd/1",
            explanation={
                "why": "better_than_base_rate" if level else "few_customers",
                "value_at_risk": 5_000,
            },
        )
        for _ in range(count):
            customer = make.customer(
                owner=owner,
                stats__churn_risk="high",
                stats__value_at_risk=5_000,
                stats__churn_probability=probability,
            )
            found = Score.objects.create(
                run=run, customer=customer, probability=probability, risk="high", reasons=[GAP]
            )
            warning = Warning.objects.create(
                customer=customer,
                owner=owner,
                score=found,
                trigger="gap",
                probability=probability,
                value_at_risk=5_000,
                reasons=[GAP],
            )
        return warning


class Home(PageCase):
    def test_shows_whom_it_is_about_with_reasons_in_words(self):
        with self.inside():
            self.warned(owner=self.alice)
        page = self.sign_in(self.alice).get("/retention/")
        self.assertContains(page, IN_WORDS)
        self.assertContains(page, "62%")
        self.assertContains(page, "$50")

    def test_takes_as_many_queries_for_thirty_rows_as_for_one(self):
        with self.inside():
            self.warned(owner=self.alice)
        browser = self.sign_in(self.admin)
        browser.get("/retention/")
        with CaptureQueriesContext(connection) as one:
            browser.get("/retention/")
        with self.inside():
            self.warned(29, owner=self.alice)
        with self.assertNumQueries(len(one)):
            page = browser.get("/retention/")
        self.assertEqual(len(page.context["listing"]["rows"]), 30)

    def test_without_a_score_it_says_what_will_be_here(self):
        page = self.sign_in(self.alice).get("/retention/")
        self.assertContains(page, "No scores yet")

    def test_a_night_tells_the_horizon_that_suits(self):
        with self.inside():
            buy(customers(1)[0], *range(0, 200, 10), tenant=self.acme)
            score_night(at=datetime(2025, 7, 1, 2, tzinfo=self.acme.zone))
        page = self.sign_in(self.alice).get("/retention/")
        self.assertContains(
            page,
            "85% of all gaps between purchases stay under 10 days: such a horizon would suit.",
        )
        with self.inside():
            ScoreRun.objects.update(horizon_days=11)
        self.assertNotContains(self.client.get("/retention/"), "would suit")

    def test_filters_by_owner_and_risk(self):
        with self.inside():
            mine = self.warned(owner=self.alice).customer
            other = self.warned().customer
        page = self.sign_in(self.alice).get("/retention/?owner=me&risk=high")
        listed = page.context["listing"]["rows"]
        self.assertEqual([row.customer_id for row in listed], [mine.pk])
        self.assertNotEqual(mine.pk, other.pk)


class Rules(PageCase):
    def test_no_percentage_anywhere(self):
        with self.inside():
            warning = self.warned(level=0, owner=self.alice)
            card = panels.panels_for(warning.customer, self.alice, "context")
            self.assertIsNone(next(c for p, c in card if p.key == "churn")["standing"].score.probability)
        browser = self.sign_in(self.alice)
        for address in ("/retention/", reverse("retention:why", args=[warning.customer_id])):
            page = browser.get(address)
            self.assertContains(page, IN_WORDS)
            self.assertNotRegex(page.content.decode(), r"\d%")
            self.assertContains(page, "Rules, no percentage")

    def test_a_company_of_three_gets_reasons_only(self):
        with self.inside():
            late, *_ = customers(3, owner=self.alice)
            buy(late, 200, 190, 180, 170, 160, tenant=self.acme)
            score(as_of=DAY, horizon=60)
        page = self.sign_in(self.alice).get("/retention/")
        self.assertContains(page, "last order 160 days ago, usually every 10 days")
        self.assertNotRegex(page.content.decode(), r"\d%")


class Answering(PageCase):
    def test_a_follow_up_from_the_warning(self):
        with self.inside():
            warning = self.warned(owner=self.alice)
        browser = self.sign_in(self.alice)
        address = reverse("retention:act", args=[warning.pk])
        self.assertContains(browser.get(address), IN_WORDS)
        fields = {"subject": "Call", "on": "2030-01-02", "channel": "phone", "owner": self.alice.pk}
        self.assertEqual(browser.post(address, fields).status_code, 204)
        with self.inside():
            self.assertEqual(FollowUp.objects.get().reason, IN_WORDS)
            self.assertEqual(Warning.objects.get().close_reason, "handled")
        self.assertEqual(browser.post(address, fields).status_code, 409)

    def test_dismissed_with_a_reason(self):
        with self.inside():
            warning = self.warned(owner=self.alice)
        address = reverse("retention:close", args=[warning.pk])
        answer = self.sign_in(self.alice).post(address, {"reason": "dismissed", "note": "Moved abroad"})
        self.assertEqual(answer.status_code, 204)
        with self.inside():
            self.assertEqual(Warning.objects.get().note, "Moved abroad")

    def test_another_companys_warning_is_not_found_and_stays_open(self):
        with self.inside():
            warning = self.warned(owner=self.alice)
        browser = self.sign_in(self.mallory)
        for name in ("act", "close"):
            address = reverse(f"retention:{name}", args=[warning.pk])
            self.assertEqual(browser.post(address, {"reason": "dismissed"}).status_code, 404)
        self.assertEqual(browser.get(reverse("retention:why", args=[warning.customer_id])).status_code, 404)
        with self.inside():
            self.assertTrue(Warning.objects.open().filter(pk=warning.pk).exists())

    def test_a_reader_may_not(self):
        with self.inside():
            warning = self.warned(owner=self.alice)
        address = reverse("retention:close", args=[warning.pk])
        self.assertEqual(self.sign_in(self.reader).post(address, {"reason": "dismissed"}).status_code, 403)


class BacktestPage(PageCase):
    def test_reads_like_an_explanation(self):
        with self.inside():
            busy_company(self.acme)
            kept = run_backtest(cut=DAY - timedelta(days=60), horizon=60)
        page = self.sign_in(self.reader).get("/retention/backtest/")
        self.assertContains(page, "What we predicted")
        self.assertContains(page, "120 customers")
        self.assertContains(page, "a coin has 50%")
        again = self.client.get(reverse("retention:kept-backtest", args=[kept.pk]))
        self.assertContains(again, "The days that were tried")

    def test_is_started_in_the_background_by_who_may(self):
        browser = self.sign_in(self.admin)
        answer = browser.post("/retention/backtest/new/", {"cut": "2025-01-31", "horizon": "60"})
        self.assertEqual(answer.status_code, 204)
        with self.inside():
            self.assertEqual(Job.objects.get().params, {"cut": "2025-01-31", "horizon": 60})
        self.assertEqual(self.sign_in(self.reader).get("/retention/backtest/new/").status_code, 403)

    def test_another_companys_report_is_not_found(self):
        with self.inside():
            busy_company(self.acme)
            kept = run_backtest(cut=DAY - timedelta(days=60), horizon=60)
        address = reverse("retention:kept-backtest", args=[kept.pk])
        self.assertEqual(self.sign_in(self.mallory).get(address).status_code, 404)


class Elsewhere(PageCase):
    def test_today_and_the_timeline_tell_of_a_warning(self):
        with self.inside():
            warning = self.warned(owner=self.alice)
            at = datetime.now(self.acme.zone)
            today = [entry for entry in agenda.entries_for(self.alice, at) if entry.kind == "warning"]
            self.assertEqual(
                [(e.reason, e.value, e.customer_id) for e in today], [(IN_WORDS, 5_000, warning.customer_id)]
            )
            self.assertEqual([action.way for action in today[0].actions], ["sheet", "sheet"])
            told = timeline.entries_of(warning.customer, kind="warning")
            self.assertEqual(
                [(e.title, e.text) for e in told], [("Early warning: Silent for longer than usual", IN_WORDS)]
            )


class OpenWarnings(PageCase):
    def test_opened_directly_it_is_a_whole_page_and_for_htmx_the_part(self):
        with self.inside():
            self.warned(owner=self.alice)
        browser = self.sign_in(self.alice)
        self.assertContains(browser.get("/retention/warnings/"), "</html>")
        part = browser.get("/retention/warnings/", headers={"HX-Request": "true"})
        self.assertContains(part, IN_WORDS)
        self.assertNotContains(part, "</html>")

    def test_days_read_as_the_language_writes_them(self):
        with self.inside():
            self.warned(owner=self.alice)
        page = self.sign_in(self.alice).get("/retention/")
        self.assertNotRegex(page.content.decode(), rf">[^<{{]*{DAY.isoformat()}")
        self.assertContains(page, date_text(DAY))
