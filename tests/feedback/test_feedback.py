from django.urls import reverse

from feedback.models import Feedback, Ticket
from feedback.services import feedback as services
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase


def save_form(case):
    return services.save_form(
        form=None, actor=case.admin, name="Website", title="Tell us", thanks="Thank you"
    )


class PublicForm(BrowserTestCase):
    def setUp(self):
        with self.inside():
            self.path = services.path_of(save_form(self))
            self.known = make.customer(email="a@example.com", email_norm="a@example.com", owner=self.alice)

    def post(self, **fields):
        return self.client.post(self.path, {"type": "problem", "text": "It broke", **fields})

    def test_a_known_customers_problem_becomes_a_ticket_of_the_owner(self):
        self.assertContains(self.post(email="A@Example.com "), "Thank you")
        with self.inside():
            ticket = Ticket.objects.get()
            self.assertEqual(
                (ticket.customer, ticket.owner, ticket.subject), (self.known, self.alice, "It broke")
            )

    def test_an_unknown_sender_is_kept_to_be_matched(self):
        self.post(name="Nobody", email="n@example.com")
        with self.inside():
            feedback = Feedback.objects.get()
            self.assertEqual(
                (feedback.customer, feedback.sender_name, Ticket.objects.count()), (None, "Nobody", 0)
            )

    def test_a_program_in_the_trap_is_thanked_and_not_kept(self):
        self.assertContains(self.post(website="http://spam.example"), "Thank you")
        with self.inside():
            self.assertFalse(Feedback.objects.exists())


class Pages(BrowserTestCase):
    def rows(self, n):
        with self.inside():
            for _ in range(n):
                customer = make.customer(owner=self.alice)
                services.record_feedback(
                    text="Late again", actor=self.alice, customer=customer, open_ticket=True
                )

    def test_lists_ask_the_database_the_same_for_1_and_30_rows(self):
        self.rows(1)
        client = self.sign_in(self.alice)
        asked = {"state": "open", "class": "key", "q": "late"}
        own = {"feedback:list": {"assigned": "none"}, "feedback:tickets": {"owner": "me"}}
        counts = {}
        for _ in range(2):
            for name in own:
                client.get(reverse(name), asked | own[name])
            for name in own:
                with self.assertNumQueriesKept(counts, name):
                    client.get(reverse(name), asked | own[name])
            self.rows(29)

    def assertNumQueriesKept(self, counts, name):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        case = self

        class Kept(CaptureQueriesContext):
            def __exit__(self, *error):
                super().__exit__(*error)
                case.assertEqual(counts.setdefault(name, len(self)), len(self), name)

        return Kept(connection)

    def test_entering_feedback_needs_a_known_customer_for_a_ticket(self):
        client = self.sign_in(self.alice)
        form = {"type": "problem", "channel": "phone", "text": "Broken", "sentiment": "neutral"}
        refused = client.post(reverse("feedback:new"), {**form, "open_ticket": "on"})
        self.assertContains(refused, "A ticket needs a customer.", status_code=422)
        with self.inside():
            make.customer(name="Known", owner=self.alice)
        kept = client.post(reverse("feedback:new"), {**form, "open_ticket": "on", "customer_name": "known"})
        self.assertEqual(kept.status_code, 204)
        with self.inside():
            self.assertEqual(Ticket.objects.get().customer.name, "Known")

    def test_a_member_sees_only_feedback_of_their_own_customers(self):
        with self.inside():
            self.alice.visibility = "own"
            self.alice.save()
            hidden = services.record_feedback(
                text="Hidden", actor=None, customer=make.customer(owner=self.lead)
            )
        client = self.sign_in(self.alice)
        self.assertNotContains(client.get(reverse("feedback:list"), {"view": "all"}), "Hidden")
        self.assertEqual(client.get(reverse("feedback:record", args=[hidden.pk])).status_code, 404)


class Api(ApiTestCase):
    def test_a_ticket_lives_through_the_api(self):
        with self.inside():
            customer = make.customer()
        key = self.key_of(self.alice, "tickets:read", "tickets:write")
        opened = self.call(
            "POST", "tickets", {"customer": str(customer.pk), "subject": "Broken", "urgency": 3}, key=key
        )
        self.assertEqual((opened.status_code, opened.json()["priority"]), (201, 3))
        path = f"tickets/{opened.json()['id']}"
        self.assertEqual(
            self.call("POST", f"{path}/answer", {"text": "Soon"}, key=key).json()["status"], "answered"
        )
        self.assertEqual(
            self.call("POST", f"{path}/resolve", {"resolution": "New part"}, key=key).status_code, 200
        )
        again = self.call("POST", f"{path}/resolve", {"resolution": "New part"}, key=key)
        self.assertEqual((again.status_code, again.json()["code"]), (409, "ticket_resolved"))
