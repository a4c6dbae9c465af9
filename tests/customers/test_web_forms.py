import time
from unittest import TestCase

from django.test import Client
from django.urls import reverse

from customers.capture import guard
from customers.models import Capture, CaptureTemplate
from customers.services.capture import reviewing
from customers.services.capture.templates import hook_path_of, path_of, save_template
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase

ASKED = [
    {"name": "name", "required": True, "label": "Your name"},
    {"name": "email", "required": False},
    {"name": "custom.fee"},
    {"name": "message"},
]


class Tickets(TestCase):
    def test_a_ticket_is_good_from_three_seconds_on_for_a_day_and_for_its_form(self):
        given = guard.ticket("form", at=1000)
        self.assertEqual(len(guard.check(given, "form", at=1004)), 16)
        for text, page, at in (
            (given, "form", 1001),
            (given, "form", 1000 + 86_500),
            (given, "other", 1004),
            (given + "x", "form", 1004),
            ("", "form", 1004),
        ):
            with self.assertRaises(guard.NotTaken):
                guard.check(text, page, at=at)

    def test_a_puzzle_wants_its_solution(self):
        given = guard.ticket("form", at=1000)
        solution = next(str(n) for n in range(10**7) if guard.solves(given, str(n)))
        self.assertTrue(guard.check(given, "form", at=1004, solution=solution))
        with self.assertRaises(guard.NotTaken):
            guard.check(given, "form", at=1004, solution="")


class WebForm(BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            make.custom_field("number", "fee", label="Monthly fee")
            self.template = save_template(
                template=None,
                actor=self.admin,
                name="Contact",
                title="Talk to us",
                fields=ASKED,
                source="Website",
                owner=self.alice,
                consent="You may write to me.",
            )
            self.address = path_of(self.template)
        self.client = Client(enforce_csrf_checks=True)

    def send(self, address="", **given):
        ticket = guard.ticket(self.template.pk, at=time.time() - 10)
        return self.client.post(address or self.address, {"ticket": ticket, "name": "Ada", **given})

    def kept(self):
        with self.inside():
            return list(Capture.objects.all())

    def test_it_asks_in_the_visitors_language_and_other_sites_may_show_it(self):
        response = self.client.get(self.address, headers={"Accept-Language": "zh-CN"})
        self.assertContains(response, "Your name")
        self.assertContains(response, 'lang="zh-hans"')
        self.assertContains(response, "Monthly fee")
        self.assertIn("frame-ancestors *", response["Content-Security-Policy"])
        self.assertNotIn("X-Frame-Options", response)
        script = self.client.get(f"{self.address}embed.js")
        self.assertIn(self.address, script.content.decode())

    def test_what_is_sent_waits_with_where_it_came_from_and_what_was_agreed_to(self):
        address = f"{self.address}?utm_source=ads&utm_campaign=Spring&page=https://acme.example/"
        response = self.send(address, fee="", email="ada@x.example", consent="on", **{"custom.fee": "12.5"})
        self.assertContains(response, "Thank you")
        (capture,) = self.kept()
        self.assertEqual(capture.values, {"name": "Ada", "email": "ada@x.example", "custom.fee": "12.5"})
        self.assertEqual((capture.source, capture.campaign, capture.owner_id),
                         ("Website", "Spring", self.alice.pk))  # fmt: skip
        self.assertEqual(capture.context["consent"], "You may write to me.")
        self.assertEqual(capture.context["page"], "https://acme.example/")

    def test_what_was_agreed_to_is_a_consent_once_accepted_and_none_once_a_merge_is_undone(self):
        self.send(consent="on")
        (capture,) = self.kept()
        with self.inside():
            customer = make.customer(name="Ada")
            reviewing.merge(capture=capture, customer=customer, actor=self.admin)
            self.assertEqual(customer.consents.count(), 1)
            reviewing.undo(capture=capture, actor=self.admin)
            self.assertEqual(customer.consents.count(), 0)
            accepted = reviewing.accept(capture=capture, actor=self.admin).customer
            word = accepted.consents.get()
            self.assertEqual((word.channel, word.purpose, word.given), ("email", "marketing", True))
            self.assertEqual((word.source, word.proof), ("form", "You may write to me."))
            self.assertEqual(word.at, capture.received_at)

    def test_who_ticks_nothing_agrees_to_nothing(self):
        self.send()
        (capture,) = self.kept()
        with self.inside():
            accepted = reviewing.accept(capture=capture, actor=self.admin).customer
            self.assertFalse(accepted.consents.exists())

    def test_the_same_form_sent_twice_is_one_capture(self):
        ticket = guard.ticket(self.template.pk, at=time.time() - 10)
        for _twice in range(2):
            self.assertEqual(self.send(ticket=ticket).status_code, 200)
        self.assertEqual(len(self.kept()), 1)

    def test_programs_and_wrong_answers_leave_nothing(self):
        self.assertContains(self.send(fax="1"), "Thank you")  # the trap
        early = self.send(ticket=guard.ticket(self.template.pk, at=time.time()))
        self.assertEqual(early.status_code, 422)
        self.assertContains(early, "not a program", status_code=422)
        self.assertContains(self.send(name="", email="x"), "Not an e-mail address.", status_code=422)
        self.assertEqual(self.kept(), [])

    def test_an_address_may_send_only_so_many(self):
        self.client = Client(enforce_csrf_checks=True, REMOTE_ADDR="192.0.2.7")
        with self.settings(FORMS_PER_HOUR=2):
            statuses = [self.send(message=f"No {number}").status_code for number in range(3)]
        self.assertEqual(statuses, [200, 200, 422])

    def test_a_program_posts_what_was_filled_in_elsewhere(self):
        with self.inside():
            address = hook_path_of(self.template)
        for _twice in range(2):
            body = {"name": "Ada", "email": "", "other": 1, "external_id": "7", "utm_campaign": "Spring"}
            sent = self.client.post(address, body, content_type="application/json")
            self.assertEqual(sent.status_code, 201)
        (capture,) = self.kept()
        self.assertEqual((capture.values, capture.campaign), ({"name": "Ada"}, "Spring"))
        refused = self.client.post(address, {"email": "x"})
        self.assertEqual((refused.status_code, set(refused.json()["errors"])),
                         (422, {"values.name", "values.email"}))  # fmt: skip

    def test_a_closed_form_and_a_foreign_secret_are_unknown(self):
        with self.inside():
            save_template(template=self.template, actor=self.admin, active=False)
        self.assertEqual(self.client.get(self.address).status_code, 404)
        self.assertEqual(self.client.get(self.address[:-5] + "abcd/").status_code, 404)


class Editing(BrowserTestCase):
    def test_rows_are_kept_in_the_order_of_the_page(self):
        self.sign_in(self.admin)
        body = {
            "name": "Fair",
            "title": "Meet us",
            "active": "on",
            "sites": "https://acme.example/contact",
            "field": ["email", "name", "city"],
            "use-name": "on",
            "use-email": "on",
            "required-email": "on",
            "consent_channel": "phone",
            "consent_purpose": "care",
        }
        response = self.client.post(reverse("customers:new-template"), body)
        with self.inside():
            saved = CaptureTemplate.objects.get()
        self.assertRedirects(response, reverse("customers:edit-template", args=[saved.pk]))
        self.assertEqual([(one["name"], one["required"]) for one in saved.fields],
                         [("email", True), ("name", False)])  # fmt: skip
        self.assertEqual(saved.sites, ["https://acme.example"])
        with self.inside():
            page, deleted = path_of(saved), "Deleted web forms"
        for way, shown, listed in (("delete", 404, True), ("restore", 200, False)):
            answer = self.client.post(reverse(f"customers:{way}-template", args=[saved.pk]))
            self.assertEqual(answer.status_code, 204)
            self.assertEqual(self.client.get(page).status_code, shown)
            self.assertEqual(
                deleted in self.client.get(reverse("customers:templates")).content.decode(), listed
            )


class Api(ApiTestCase):
    def test_a_template_says_what_is_taken(self):
        with self.inside():
            template = save_template(
                template=None, actor=self.admin, name="Fair", title="Fair", fields=ASKED[:2], source="Fair"
            )
        key = self.key_of(self.admin, "captures:write")
        body = {"template": str(template.pk), "values": {"email": "a@b.example", "city": "Oslo"}}
        refused = self.call("POST", "captures", body, key=key).json()
        self.assertEqual(set(refused["errors"]), {"values.name", "values.city"})
        body["values"] = {"name": "Ada"}
        self.assertEqual(self.call("POST", "captures", body, key=key).json()["source"], "Fair")
