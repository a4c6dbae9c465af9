from django.test import override_settings
from django.utils import timezone

from crm.ids import uuid7
from crm.models import Delivery, WebhookEndpoint, WebhookEvent
from crm.services import dispatch, webhooks
from crm.webhooks import events, signing
from crm.webhooks.views import SHOWN
from tests.cases import ApiTestCase, BrowserTestCase
from tests.crm.webhooks.receiver import Receiver

URL = "https://hooks.example.com/tenure"


@override_settings(WEBHOOK_ALLOW=["127.0.0.1"])
class Pages(BrowserTestCase):
    def make(self, **fields):
        with self.inside():
            return webhooks.create_webhook(actor=self.admin, **{"url": URL} | fields)

    def test_a_new_one_shows_its_secret_once(self):
        page = self.sign_in(self.admin).post(
            "/settings/webhooks/new/",
            {
                "url": URL,
                "payload": "full",
                "active": "on",
                "event_types": ["ticket.opened", "customer.created"],
            },
        )
        with self.inside():
            endpoint = WebhookEndpoint.objects.get()
        self.assertContains(page, signing.secret_of(endpoint))
        self.assertEqual(endpoint.event_types, ["customer.created", "ticket.opened"])
        shown = self.client.get(f"/settings/webhooks/{endpoint.pk}/")
        self.assertContains(shown, URL)
        self.assertNotContains(shown, signing.secret_of(endpoint))

    def test_an_address_inside_is_refused_beside_its_field(self):
        page = self.sign_in(self.admin).post(
            "/settings/webhooks/new/", {"url": "https://10.0.0.1/", "payload": "full"}
        )
        self.assertContains(page, "leads into a network that is not public", status_code=422)
        with self.inside():
            self.assertFalse(WebhookEndpoint.objects.exists())

    def test_is_for_administrators(self):
        endpoint = self.make()
        for member in (self.lead, self.reader):
            client = self.sign_in(member)
            for address in ("", f"{endpoint.pk}/", "new/"):
                self.assertEqual(client.get(f"/settings/webhooks/{address}").status_code, 403)

    def test_the_log_shows_what_was_sent_what_was_answered_and_sends_it_again(self):
        receiver = Receiver()
        self.addCleanup(receiver.close)
        receiver.status, receiver.answer = 500, b"<b>down for repairs</b>"
        endpoint = self.make(url=receiver.url)
        client = self.sign_in(self.admin)
        self.assertEqual(client.post(f"/settings/webhooks/{endpoint.pk}/test/").status_code, 204)
        dispatch.deliver(tenant_id=self.acme.pk, at=timezone.now())
        page = client.get(f"/settings/webhooks/{endpoint.pk}/")
        self.assertContains(page, "&lt;b&gt;down for repairs&lt;/b&gt;")
        self.assertContains(page, "The receiver answered 500.")
        self.assertContains(client.get("/settings/webhooks/"), "500 ·")
        with self.inside():
            Delivery.objects.update(dead_at=timezone.now())
            event = WebhookEvent.objects.get()
        answer = client.post(f"/settings/webhooks/{endpoint.pk}/replay/", {"event": str(event.pk)})
        self.assertIn("1 event is sent again", answer["HX-Trigger"])
        dispatch.deliver(tenant_id=self.acme.pk, at=timezone.now())
        self.assertEqual([h["webhook-id"] for h, _body in receiver.received], [str(event.pk)] * 2)

    def test_what_happened_to_many_at_once_is_all_in_the_log(self):
        endpoint = self.make()
        with self.inside():
            events.emit_many("customer.updated", [uuid7() for _one in range(SHOWN + 3)])
        page = self.sign_in(self.admin).get(f"/settings/webhooks/{endpoint.pk}/")
        self.assertEqual(len(page.context["entries"]), SHOWN)
        rest = self.client.get(f"/settings/webhooks/{endpoint.pk}/?after={page.context['older']}")
        self.assertEqual(len(rest.context["entries"]), 3)
        shown = {one.delivery.pk for one in (*page.context["entries"], *rest.context["entries"])}
        self.assertEqual(len(shown), SHOWN + 3)

    def test_edits_rotates_and_deletes(self):
        endpoint = self.make()
        client = self.sign_in(self.admin)
        client.post(
            f"/settings/webhooks/{endpoint.pk}/edit/", {"url": URL, "payload": "thin", "description": "Shop"}
        )
        page = client.post(f"/settings/webhooks/{endpoint.pk}/rotate/")
        with self.inside():
            changed = WebhookEndpoint.objects.get()
        self.assertEqual((str(changed), changed.payload, changed.active), ("Shop", "thin", False))
        self.assertContains(page, signing.secret_of(changed))
        self.assertNotEqual(signing.secret_of(changed), signing.secret_of(endpoint))
        client.post(f"/settings/webhooks/{endpoint.pk}/delete/")
        with self.inside():
            self.assertFalse(WebhookEndpoint.objects.exists())


@override_settings(WEBHOOK_ALLOW=["127.0.0.1"])
class Api(ApiTestCase):
    def setUp(self):
        super().setUp()
        self.key = self.key_of(self.admin)

    def test_the_whole_life_of_one(self):
        receiver = Receiver()
        self.addCleanup(receiver.close)
        body = {"url": receiver.url, "event_types": ["customer.created"]}
        made = self.call("POST", "webhooks", body, key=self.key)
        self.assertEqual((made.status_code, made.json()["secret"][:6]), (201, "whsec_"))
        address = f"webhooks/{made.json()['id']}"
        self.assertNotIn("secret", self.call("GET", address, key=self.key).json())
        rotated = self.call("POST", f"{address}/rotate", key=self.key).json()
        self.assertNotEqual(rotated["secret"], made.json()["secret"])
        event = self.call("POST", f"{address}/test", key=self.key).json()["event"]
        dispatch.deliver(tenant_id=self.acme.pk, at=timezone.now())
        (entry,) = self.call("GET", f"{address}/deliveries", key=self.key).json()["results"]
        self.assertEqual((entry["event"], entry["type"], entry["state"]), (event, "ping", "done"))
        self.assertEqual([attempt["status"] for attempt in entry["attempts"]], [204])
        replayed = self.call("POST", f"{address}/replay", {"events": [event]}, key=self.key)
        self.assertEqual(replayed.json(), {"deliveries": 1})
        self.assertEqual(self.call("PATCH", address, {"active": False}, key=self.key).json()["active"], False)
        self.assertEqual(self.call("DELETE", address, key=self.key).status_code, 204)

    def test_refuses_what_it_cannot_call_and_types_there_are_not(self):
        for body, field in (
            ({"url": "http://169.254.169.254/latest/"}, "url"),
            ({"url": URL, "event_types": ["customer.eaten"]}, "event_types"),
        ):
            answer = self.call("POST", "webhooks", body, key=self.key)
            self.assertEqual((answer.status_code, answer.json()["code"]), (400, "invalid_webhook"))
            self.assertEqual(list(answer.json()["errors"]), [field])

    def test_needs_the_scope_and_an_administrator(self):
        self.assertEqual(self.call("GET", "webhooks", key=self.key_of(self.lead)).status_code, 403)
        self.assertEqual(
            self.call("GET", "webhooks", key=self.key_of(self.admin, "customers:read")).status_code, 403
        )

    def test_events_it_was_never_sent_are_refused_by_name(self):
        made = self.call("POST", "webhooks", {"url": URL}, key=self.key).json()
        body = {"events": ["0198c0de-0000-7000-8000-000000000000"]}
        answer = self.call("POST", f"webhooks/{made['id']}/replay", body, key=self.key)
        self.assertEqual((answer.status_code, list(answer.json()["errors"])), (400, ["events"]))

    def test_replay_wants_one_of_the_two(self):
        made = self.call("POST", "webhooks", {"url": URL}, key=self.key).json()
        answer = self.call("POST", f"webhooks/{made['id']}/replay", {}, key=self.key)
        self.assertEqual((answer.status_code, sorted(answer.json()["errors"])), (400, ["events", "since"]))

    def test_the_description_lists_every_type_with_the_schema_of_its_record(self):
        section = self.client.get("/api/schema/").json()["webhooks"]
        contract = {
            *("customer.created", "customer.merged", "class.changed", "follow_up.due", "follow_up.completed"),
            *("feedback.received", "ticket.opened", "ticket.resolved", "survey.answered", "churn.warned"),
        }
        self.assertEqual(contract - set(section), set())
        sent = section["customer.created"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        self.assertEqual(sent["properties"]["data"]["anyOf"][0], {"$ref": "#/components/schemas/Customer"})
        for name, methods in section.items():
            schema = methods["post"]["requestBody"]["content"]["application/json"]["schema"]
            self.assertIn("anyOf", schema["properties"]["data"], name)
        self.assertContains(self.client.get("/api/docs/"), "churn.warned")
