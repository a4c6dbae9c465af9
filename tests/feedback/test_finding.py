"""What Ctrl/⌘K finds of tickets and feedback: over all of them, however old, as far as they may be seen."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from crm.finding import LATEST, found_by
from crm.people.roles import Visibility
from crm.tenancy.context import tenant_context
from feedback.models import Feedback, Ticket
from feedback.selectors import visible_feedback, visible_tickets
from feedback.selectors.said import SAID
from feedback.selectors.tickets import TICKETS
from feedback.services.feedback import record_feedback
from feedback.services.tickets import open_ticket
from tests import factories as make
from tests.cases import CastTestCase

OLD = "The lamp of No. 7 flickers, 灯光闪烁不停。100%_sure"


class FarBack(CastTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        with tenant_context(cls.acme.pk):
            cls.customer = make.customer(name="Mine", owner=cls.alice)
            cls.elsewhere = make.customer(name="Theirs", owner=cls.admin)
            cls.said = record_feedback(actor=cls.admin, customer=cls.customer, text=OLD)
            cls.ticket = open_ticket(
                customer=cls.customer, actor=cls.admin, subject="Flickering", description=OLD
            )
            before = timezone.now() - timedelta(days=900)
            Feedback.objects.filter(pk=cls.said.pk).update(received_at=before)
            Ticket.objects.filter(pk=cls.ticket.pk).update(opened_at=before)
            cls.bury()

    @classmethod
    def bury(cls):
        """Put more than the latest over it."""
        Feedback.objects.bulk_create(
            Feedback(customer=cls.elsewhere, text=f"Common word {n}") for n in range(LATEST + 1)
        )
        now = timezone.now()
        Ticket.objects.bulk_create(
            Ticket(
                customer=cls.elsewhere,
                number=n,
                subject=f"Common word {n}",
                priority=Ticket.Priority.NORMAL,
                respond_by=now,
            )
            for n in range(1000, 1001 + LATEST)
        )

    def found(self, words, member=None, tenant=None):
        with self.inside(tenant):
            groups = found_by(words, member or self.admin)
        return {str(group.label): [hit.title for hit in group.items] for group in groups}

    def test_words_are_found_in_what_is_old(self):
        both = {"Tickets": ["Flickering"], "Feedback": [OLD]}
        for words in ("flickers", "LAMP OF NO", "amp", "灯光闪烁", "光闪", "烁", "100%_SURE"):
            self.assertEqual(self.found(words), both, words)
        for words in ("flicker%no", "闪光", "flickers lamp", "mp o f"):
            self.assertEqual(self.found(words), {}, words)
        self.assertEqual(self.found("flickering"), {"Tickets": ["Flickering"]})

    def test_the_lists_find_it_too(self):
        with self.inside():
            tickets = TICKETS.filters["q"](visible_tickets(self.admin), "灯光", self.admin)
            said = SAID.filters["q"](visible_feedback(self.admin), "灯光", self.admin)
            self.assertEqual([*tickets, *said], [self.ticket, self.said])

    def test_the_latest_come_first_and_no_more_than_are_shown(self):
        with self.inside():
            newest = Feedback.objects.create(customer=self.elsewhere, text="Common word at last")
            Feedback.objects.filter(pk=newest.pk).update(received_at=timezone.now() + timedelta(hours=1))
        found = self.found("common")
        self.assertEqual((found["Feedback"][0], len(found["Feedback"])), ("Common word at last", 5))
        self.assertEqual(len(found["Tickets"]), 5)

    def test_only_what_may_be_seen_and_of_living_customers(self):
        self.alice.visibility = Visibility.OWN
        self.assertEqual(self.found("flickers", self.alice)["Feedback"], [OLD])
        self.assertEqual(self.found("common", self.alice), {})
        with self.inside():
            type(self.customer).objects.filter(pk=self.customer.pk).update(owner=self.admin)
            Ticket.objects.filter(pk=self.ticket.pk).update(owner=self.admin)
            Feedback.objects.filter(pk=self.said.pk).update(assigned_to=self.admin)
        self.assertEqual(self.found("flickers", self.alice), {})
        with self.inside():
            type(self.customer).objects.filter(pk=self.customer.pk).update(deleted_at=timezone.now())
        self.assertEqual(self.found("flickers"), {})

    def test_another_company_finds_nothing_nor_does_nobody(self):
        self.assertEqual(self.found("flickers", self.mallory, self.other), {})
        with connection.cursor() as cursor:
            for function in ("search_tickets", "search_feedback"):
                cursor.callproc(function, ["flickers", 9])
                self.assertEqual(cursor.fetchall(), [])
