"""The lists of tickets and feedback: what their addresses ask for, on the page, as a view, as a file."""

import csv
import io
import tempfile
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from crm.saved_views.lists import WrongView
from crm.services import saved_views
from customers.models import CustomerStats
from feedback.models import Feedback, Ticket
from feedback.selectors.said import SAID, said_by
from feedback.selectors.tickets import TICKETS, ticket_page, tickets_of
from tests import factories as make
from tests.cases import BrowserTestCase, TenantTestCase


def said(text, **fields):
    return Feedback.objects.create(text=text, **fields)


def tickets(case):
    """Five tickets of alice's customer, each told by its subject."""
    case.harbour = make.customer(name="Harbour", owner=case.alice)
    CustomerStats.objects.filter(customer=case.harbour).update(class_code="key")
    now = timezone.now()
    hour = timedelta(hours=1)
    states = {
        "waiting": {"respond_by": now + hour, "priority": 2, "owner": case.alice},
        "overdue": {"respond_by": now - hour, "priority": 4, "owner": None},
        "answered": {"respond_by": now - hour, "priority": 3, "first_responded_at": now, "owner": case.lead},
        "resolved": {
            "respond_by": now, "priority": 1, "first_responded_at": now - hour, "resolved_at": now, "owner": None,
        },
    }  # fmt: skip
    for number, (subject, fields) in enumerate(states.items(), 1):
        description = "A broken pump" if subject == "waiting" else ""
        ticket = make.ticket(customer=case.harbour, subject=subject, description=description)
        opened = now - number * timedelta(days=10)
        Ticket.objects.filter(pk=ticket.pk).update(number=number, opened_at=opened, **fields)


class TicketsAsked(TenantTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        with cls.inside(cls):
            tickets(cls)

    def found(self, **query):
        asked = TICKETS.asked(query)
        rows = tickets_of(asked, self.alice)
        return [ticket.subject for ticket in ticket_page(asked, rows).rows]

    def test_each_filter_keeps_its_own(self):
        opened = timezone.localdate() - timedelta(days=15)
        for query, expected in (
            ({"state": "open"}, {"waiting", "overdue", "answered"}),
            ({"state": "waiting"}, {"waiting", "overdue"}),
            ({"state": "overdue"}, {"overdue"}),
            ({"state": "answered"}, {"answered"}),
            ({"state": "resolved"}, {"resolved"}),
            ({"priority": "urgent"}, {"overdue"}),
            ({"owner": "me"}, {"waiting"}),
            ({"owner": "team", "state": "open"}, {"waiting", "answered"}),
            ({"owner": "none", "state": "open"}, {"overdue"}),
            ({"owner": str(self.lead.pk)}, {"answered"}),
            ({"late": "yes"}, {"overdue", "answered"}),
            ({"late": "no"}, {"resolved"}),
            ({"class": "key", "days": "15"}, {"waiting"}),
            ({"class": "other"}, set()),
            ({"to": opened.isoformat(), "priority": "urgent"}, {"overdue"}),
            ({"from": opened.isoformat()}, {"waiting"}),
            ({"q": "harbour", "state": "resolved"}, {"resolved"}),
            ({"q": "overd"}, {"overdue"}),
            ({"q": "broken pump"}, {"waiting"}),
            ({"q": "#2"}, {"overdue"}),
            ({"q": "#9"}, set()),
        ):
            with self.subTest(query):
                self.assertEqual(set(self.found(**query)), expected)

    def test_what_makes_no_sense_keeps_nothing(self):
        for name in ("state", "priority", "owner", "late", "days", "from", "to"):
            self.assertEqual(self.found(**{name: "9999-12-31x"}), [], name)
        self.assertEqual(self.found(to="9999-12-31"), [])

    def test_orders_and_pages_by_position(self):
        self.assertEqual(self.found(sort="opened")[0], "waiting")
        self.assertEqual(self.found(sort="-opened")[0], "resolved")
        self.assertEqual(self.found(sort="priority"), ["overdue", "answered", "waiting", "resolved"])
        self.assertEqual(self.found(state="open", sort="due")[-1], "waiting")
        self.assertEqual(self.found(state="open"), self.found(state="open", sort="due"))

    def test_a_view_may_ask_for_what_the_list_knows(self):
        saved_views.save_view(
            actor=self.alice, listing="tickets", name="Hot", filters={"priority": "urgent"}, sort="-due"
        )
        for wrong in ({"filters": {"sentiment": "negative"}}, {"sort": "received"}, {"columns": ["odd"]}):
            with self.assertRaises(WrongView):
                saved_views.save_view(actor=self.alice, listing="tickets", name="No", **wrong)


class FeedbackAsked(TenantTestCase):
    def test_each_filter_keeps_its_own(self):
        now = timezone.now()
        harbour = make.customer(name="Harbour", owner=self.alice)
        said(
            "late", customer=harbour, type="problem", sentiment="negative", topic="Delivery", channel="wechat"
        )
        said("fine", customer=harbour, type="satisfaction", sentiment="positive", handled_at=now)
        said("more", sender_name="Walker", type="need", channel="visit", assigned_to=self.alice)
        Feedback.objects.filter(text="fine").update(received_at=now - timedelta(days=20))
        for query, expected in (
            ({"state": "open"}, {"late", "more"}),
            ({"state": "handled"}, {"fine"}),
            ({"type": "need"}, {"more"}),
            ({"channel": "wechat"}, {"late"}),
            ({"topic": "Delivery"}, {"late"}),
            ({"sentiment": "positive"}, {"fine"}),
            ({"assigned": "me"}, {"more"}),
            ({"assigned": "none", "days": "7"}, {"late"}),
            ({"q": "harbour"}, {"late", "fine"}),
            ({"q": "walk"}, {"more"}),
            ({"q": "deliv"}, {"late"}),
            ({"type": "other"}, set()),
            ({"state": "x"}, set()),
        ):
            with self.subTest(query):
                rows = said_by(SAID.asked(query), self.alice)
                self.assertEqual({one.text for one in rows}, expected)


class Pages(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.enterContext(override_settings(MEDIA_ROOT=self.enterContext(tempfile.TemporaryDirectory())))
        with self.inside():
            tickets(self)
            said("Late again", customer=self.harbour, sentiment="negative", type="problem")
            said("Lovely", customer=self.harbour, sentiment="positive", type="satisfaction")
        self.browser = self.sign_in(self.alice)
        self.tickets, self.feedback = reverse("feedback:tickets"), reverse("feedback:list")

    def test_bare_and_old_addresses_lead_to_what_they_show(self):
        for address, query in (
            (self.tickets, {"state": "open"}),
            (f"{self.tickets}?view=open", {"state": "open"}),
            (f"{self.tickets}?view=mine&sort=due", {"state": "open", "owner": "me", "sort": "due"}),
            (f"{self.tickets}?view=unanswered", {"state": "waiting"}),
            (self.feedback, {"state": "open"}),
            (f"{self.feedback}?view=mine", {"assigned": "me"}),
            (f"{self.feedback}?view=negative", {"sentiment": "negative"}),
        ):
            answer = self.browser.get(address)
            self.assertEqual(answer.status_code, 302, address)
            self.assertEqual(dict(parse_qsl(urlsplit(answer.url).query)), query, address)
        self.assertContains(self.browser.get(self.tickets, {"view": "all"}), "resolved</a>")

    def test_tabs_chips_and_columns_tell_what_is_shown(self):
        page = self.browser.get(self.tickets, {"state": "open", "owner": "me"}).content.decode()
        self.assertIn('aria-current="page">Mine</a>', page)
        self.assertIn('href="?state=open"', page.replace("&amp;", "&"))
        self.assertIn("waiting</a>", page)
        self.assertNotIn("overdue</a>", page)
        sorted_by = self.browser.get(self.tickets, {"sort": "-opened", "priority": "urgent"})
        self.assertContains(sorted_by, 'aria-sort="ascending"')
        self.assertContains(sorted_by, "?sort=opened&amp;priority=urgent")
        self.assertContains(sorted_by, "?view=all")

    def test_the_sheet_asks_for_everything_and_keeps_view_search_and_order(self):
        behind = {"HX-Request": "true"} | {
            "HX-Current-URL": f"http://testserver{self.tickets}?state=open&q=har&sort=due&owner=me"
        }
        sheet = reverse("feedback:filter-tickets")
        drawn = self.browser.get(sheet, headers=behind)
        self.assertContains(drawn, '<option value="me" selected>')
        answer = self.browser.post(sheet, {"priority": "high", "from": "2026-01-31"}, headers=behind)
        shown = dict(parse_qsl(urlsplit(answer.headers["HX-Redirect"]).query))
        self.assertEqual(shown, {"sort": "due", "q": "har", "priority": "high", "from": "2026-01-31"})
        self.assertEqual(self.browser.post(sheet, {"priority": "no"}, headers=behind).status_code, 422)

    def test_a_kept_view_is_a_tab_and_can_be_begun_with(self):
        for key, address, query, row in (
            ("tickets", self.tickets, "priority=urgent", "overdue</a>"),
            ("feedback", self.feedback, "sentiment=positive", "Lovely</a>"),
        ):
            behind = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{address}?{query}"}
            new = {"name": f"Kept {key}", "sharing": "team", "pinned": "on"}
            kept = self.browser.post(reverse("new-view", args=[key]), new, headers=behind)
            url = kept.headers["HX-Redirect"]
            page = self.browser.get(url)
            self.assertContains(page, f'aria-current="page">Kept {key}</a>')
            self.assertContains(page, row)
            self.assertNotContains(page, "Late again</a>")
            pk = dict(parse_qsl(urlsplit(url).query))["view"]
            self.browser.post(reverse("default-view", args=[pk]), headers=behind)
            self.assertRedirects(self.browser.get(address), url, fetch_redirect_response=False)

    def test_the_file_holds_what_the_page_shows(self):
        def column(name, query, at):
            export = f"{reverse('new-export', args=[name])}?{query}"
            answer = self.browser.post(export, {"format": "csv", "what": f"{name}:shown"})
            text = b"".join(answer.streaming_content).decode("utf-8-sig")
            return [row[at] for row in csv.reader(io.StringIO(text))][1:]

        self.assertEqual(column("tickets", "state=waiting&sort=due", 1), ["overdue", "waiting"])
        self.assertEqual(column("tickets", "view=mine", 1), ["waiting"])
        self.assertEqual(column("feedback", "sentiment=negative", 0), ["Late again"])
        page = self.browser.get(self.tickets, {"state": "waiting"})
        self.assertContains(page, f"{reverse('new-export', args=['tickets'])}?state=waiting")

    def test_nothing_to_do_says_so_and_a_filter_that_hides_everything_otherwise(self):
        with self.inside():
            Ticket.objects.all().delete()
        self.assertContains(self.browser.get(self.tickets, {"state": "open"}), "No open ticket")
        self.assertContains(
            self.browser.get(self.tickets, {"priority": "urgent"}), "Nothing matches these filters"
        )
        self.assertContains(self.browser.get(self.tickets, {"view": "all"}), "No ticket yet")
