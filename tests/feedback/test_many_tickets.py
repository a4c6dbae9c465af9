"""What is done to many tickets at once, and taken back."""

import json

from django.urls import reverse
from django.utils import timezone

from crm.models import Delivery, Job, Notification
from crm.models.notifications import ByMail
from crm.notifications.choices import Choice, choose
from customers.models import CustomerStats
from feedback.models import Feedback, Ticket
from feedback.services.tickets import count_open
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase


def images():
    """All tickets and feedback as they stand, and what the customers' figures say of them."""
    rows = [
        [{**row, "version": 0} for row in kind.objects.order_by("pk").values()] for kind in (Ticket, Feedback)
    ]
    return rows, list(CustomerStats.objects.order_by("pk").values_list("pk", "open_tickets"))


class ManyTickets(BrowserTestCase):
    key_of, call = ApiTestCase.key_of, ApiTestCase.call

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        with cls.inside(cls):
            mill = make.customer(name="Mill", owner=cls.alice)
            said = Feedback.objects.create(customer=mill, text="Broken")
            cls.rows = [
                make.ticket(customer=mill, owner=cls.alice, feedback=said),
                make.ticket(customer=mill, subject="Other"),
            ]
            cls.foreign = make.ticket(customer=make.customer(owner=cls.admin), owner=cls.admin)
            count_open([mill.pk, cls.foreign.customer_id])

    def address(self, kind, *rows, **query):
        chosen = "&".join([*(f"ids={row.pk}" for row in rows), *(f"{k}={v}" for k, v in query.items())])
        return f"{reverse('feedback:change-tickets', args=[kind])}?{chosen}"

    def post(self, client, kind, form):
        answer = client.post(self.address(kind, *self.rows), form)
        return json.loads(answer["HX-Trigger"])["toast"]

    def test_the_limit_of_an_answered_ticket_stays(self):
        with self.inside():
            Ticket.objects.filter(pk=self.rows[1].pk).update(first_responded_at=timezone.now())
        self.post(self.sign_in(self.alice), "rate", {"urgency": "3", "impact": "3"})
        with self.inside():
            waiting, answered = (Ticket.objects.get(pk=row.pk) for row in self.rows)
        self.assertLess(waiting.respond_by, self.rows[0].respond_by)
        self.assertEqual(answered.respond_by, self.rows[1].respond_by)

    def test_every_deed_and_back_leaves_all_as_it_was(self):
        client = self.sign_in(self.alice)
        for kind, form, found in (
            ("assign", {"owner": str(self.lead.pk)}, {"owner": self.lead}),
            ("rate", {"urgency": "3", "impact": "3"}, {"priority": Ticket.Priority.URGENT}),
            ("resolve", {"resolution": "Mended"}, {"status": "resolved", "resolution": "Mended"}),
        ):
            with self.subTest(kind):
                with self.inside():
                    before = images()
                self.assertEqual(client.get(self.address(kind, *self.rows)).status_code, 200)
                toast = self.post(client, kind, form)
                self.assertEqual(toast["message"], "2 tickets changed.")
                with self.inside():
                    self.assertEqual(Ticket.objects.filter(**found).count(), 2)
                back = json.loads(client.post(toast["undo_url"])["HX-Trigger"])["toast"]
                self.assertEqual(back["message"], "2 records are as they were.")
                with self.inside():
                    self.assertEqual(images(), before)

    def test_who_gets_them_is_told_as_they_chose(self):
        client, key = self.sign_in(self.alice), self.key_of(self.alice)
        self.post(client, "assign", {"owner": str(self.lead.pk)})
        self.call("PATCH", f"tickets/{self.rows[0].pk}", {"owner": str(self.admin.pk)}, key=key)
        self.call("PATCH", f"tickets/{self.rows[0].pk}", {"owner": str(self.alice.pk)}, key=key)
        with self.inside():
            notes = list(Notification.objects.values_list("member", "kind", "title", "for_digest"))
            choose(member=self.lead, choices={"ticket.handed": Choice(False, ByMail.NOW)})
        named = f"{self.rows[0]} was handed to you by Alice"
        several = "2 tickets were handed to you by Alice"
        self.assertCountEqual(
            notes,
            [
                (self.lead.pk, "ticket.handed", several, True),
                (self.admin.pk, "ticket.handed", named, True),
            ],
        )
        undo = self.post(client, "assign", {"owner": str(self.lead.pk)})["undo_url"]
        with self.inside():
            mail = Delivery.objects.get(kind="email")
            self.assertEqual(
                (mail.member, mail.payload["subject"]), (self.lead, "1 ticket was handed to you by Alice")
            )
        client.post(undo)
        with self.inside():
            self.assertFalse(Delivery.objects.filter(kind="email").exists())

    def test_resolved_ones_are_opened_again(self):
        client = self.sign_in(self.alice)
        self.post(client, "resolve", {"resolution": "Mended"})
        with self.inside():
            self.assertEqual(CustomerStats.objects.get(customer=self.rows[0].customer).open_tickets, 0)
            self.assertEqual(Feedback.objects.filter(handled_at=None).count(), 0)
        self.assertEqual(self.post(client, "reopen", {})["message"], "2 tickets changed.")
        with self.inside():
            self.assertEqual(Ticket.objects.open().count(), 3)

    def test_only_what_one_sees_and_may(self):
        with self.inside():
            self.alice.visibility = "own"
            self.alice.save()
        client, form = self.sign_in(self.alice), {"resolution": "No"}
        client.post(self.address("resolve", self.foreign), form)
        client.post(self.address("resolve", all=1, state="open"), form)
        with self.inside():
            self.assertEqual(list(Ticket.objects.open()), [self.foreign])
        foreign = client.post(self.address("assign", *self.rows), {"owner": str(self.mallory.pk)})
        self.assertEqual(foreign.status_code, 422)
        self.assertEqual(self.sign_in(self.reader).post(self.address("reopen", all=1)).status_code, 403)

    def test_over_the_api_it_is_a_job(self):
        key = self.key_of(self.alice)
        body = {"deed": "rate", "values": {"urgency": "1", "impact": "1"}, "query": "state=open"}
        answer = self.call("POST", "tickets/change-many", body, key=key)
        self.assertEqual(answer.status_code, 202, answer.content)
        with self.inside():
            self.assertEqual(Job.objects.get(pk=answer.json()["id"]).total, 3)
        for wrong in ({**body, "values": {"urgency": "9"}}, {**body, "query": "odd=1"}):
            self.assertEqual(self.call("POST", "tickets/change-many", wrong, key=key).status_code, 400)
