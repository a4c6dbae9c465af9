import json
from datetime import timedelta

from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from crm.errors import Conflict
from crm.models import (
    AuditEntry,
    Delivery,
    Notification,
    Tenant,
    WebhookAttempt,
    WebhookEndpoint,
    WebhookEvent,
)
from crm.services import dispatch, webhooks
from crm.services.webhooks import InvalidWebhook
from crm.webhooks import signing
from customers.services.bulk.deeds import Deed, apply
from customers.services.customers import create_customer, delete_customer, update_customer
from customers.services.follow_ups import complete_follow_up
from tests import factories as make
from tests.cases import CastTestCase, TenantTestCase
from tests.crm.webhooks.receiver import Receiver

NOW = timezone.now


@override_settings(WEBHOOK_ALLOW=["127.0.0.1"], WEBHOOK_TIMEOUT=5)
class ReceiverTestCase(CastTestCase):
    def setUp(self):
        super().setUp()
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)

    def endpoint(self, **fields):
        with self.inside():
            return webhooks.create_webhook(actor=self.admin, **{"url": self.receiver.url} | fields)

    def fresh(self, endpoint):
        with self.inside():
            return WebhookEndpoint.objects.get(pk=endpoint.pk)

    def customer(self, **fields):
        with self.inside():
            return create_customer(actor=self.alice, **{"name": "Müller & Söhne"} | fields)

    def deliver(self, at=None):
        dispatch.deliver(tenant_id=self.acme.pk, at=at or NOW())

    def verified(self, endpoint, nth=-1):
        headers, body = self.receiver.received[nth]
        return Webhook(signing.secret_of(endpoint)).verify(body, headers)


class Sending(ReceiverTestCase):
    def test_a_receiver_verifies_what_it_is_sent(self):
        endpoint = self.endpoint()
        customer = self.customer(email="hello@example.com", owner=self.alice)
        self.deliver()
        payload = self.verified(endpoint)
        with self.inside():
            event = WebhookEvent.objects.get()
        self.assertEqual((payload["id"], payload["type"]), (str(event.pk), "customer.created"))
        self.assertEqual(payload["data"]["id"], str(customer.pk))
        self.assertEqual(payload["data"]["name"], "Müller & Söhne")
        self.assertEqual(payload["data"]["owner"], str(self.alice.pk))
        self.assertEqual((payload["data"]["version"], payload["api_version"]), (1, "v1"))
        headers, _body = self.receiver.received[0]
        self.assertEqual(headers["webhook-id"], str(event.pk))

    def test_another_secret_and_another_body_do_not_verify(self):
        endpoint, second = (
            self.endpoint(event_types=["customer.created"]),
            self.endpoint(event_types=["ticket.opened"]),
        )
        self.customer()
        self.deliver()
        headers, body = self.receiver.received[0]
        with self.assertRaises(WebhookVerificationError):
            Webhook(signing.secret_of(second)).verify(body, headers)
        with self.assertRaises(WebhookVerificationError):
            Webhook(signing.secret_of(endpoint)).verify(body.replace(b"customer", b"cusTomer"), headers)

    def test_after_a_rotation_both_secrets_verify_for_a_day_and_then_the_new_one(self):
        endpoint = self.endpoint()
        old = signing.secret_of(endpoint)
        with self.inside():
            endpoint = webhooks.rotate_secret(endpoint=endpoint, actor=self.admin)
        new = signing.secret_of(endpoint)
        self.customer()
        self.deliver()
        headers, body = self.receiver.received[0]
        for secret in (old, new):
            self.assertEqual(Webhook(secret).verify(body, headers)["type"], "customer.created")
        with self.inside():
            WebhookEndpoint.objects.update(previous_until=NOW() - timedelta(seconds=1))
        self.customer(name="Later")
        self.deliver()
        headers, body = self.receiver.received[1]
        self.assertEqual(Webhook(new).verify(body, headers)["data"]["name"], "Later")
        with self.assertRaises(WebhookVerificationError):
            Webhook(old).verify(body, headers)

    def test_every_try_of_an_event_has_the_same_id_and_body(self):
        self.endpoint()
        self.customer()
        self.receiver.status, self.receiver.answer = 500, b"down"
        self.deliver()
        self.receiver.status = 200
        self.deliver(NOW() + timedelta(hours=1))
        self.deliver(NOW() + timedelta(hours=2))
        (first, first_body), (second, second_body) = self.receiver.received
        self.assertEqual((first["webhook-id"], first_body), (second["webhook-id"], second_body))
        with self.inside():
            tries = list(WebhookAttempt.objects.order_by("at").values_list("status", "answer", "error"))
        self.assertEqual(tries, [(500, "down", "The receiver answered 500."), (200, "down", "")])

    def test_an_endpoint_hears_of_the_types_it_chose(self):
        self.endpoint(event_types=["customer.deleted"])
        customer = self.customer()
        with self.inside():
            delete_customer(customer=customer, actor=self.admin)
        self.deliver()
        self.assertEqual(
            [json.loads(body)["type"] for _headers, body in self.receiver.received], ["customer.deleted"]
        )

    def test_a_thin_payload_holds_the_id_alone_and_so_does_one_that_is_too_large(self):
        thin = self.endpoint(payload="thin")
        customer = self.customer(email="secret@example.com")
        self.deliver()
        self.assertEqual(self.verified(thin)["data"], {"id": str(customer.pk)})
        with self.inside():
            webhooks.delete_webhook(endpoint=thin, actor=self.admin)
        full = self.endpoint()
        customer = self.customer(notes="很" * 200_000)
        self.deliver()
        self.assertEqual(self.verified(full)["data"], {"id": str(customer.pk)})

    def test_another_companys_endpoint_hears_nothing(self):
        with self.inside(self.other):
            webhooks.create_webhook(actor=self.mallory, url=self.receiver.url)
        self.customer()
        self.deliver()
        dispatch.deliver(tenant_id=self.other.pk, at=NOW())
        self.assertEqual(self.receiver.received, [])

    def test_one_that_does_not_answer_does_not_hold_up_another(self):
        silent = Receiver()
        silent.close()
        self.endpoint(url=silent.url)
        self.endpoint()
        for _each in range(3):
            self.customer()
        self.deliver()
        self.assertEqual(len(self.receiver.received), 3)
        with self.inside():
            self.assertEqual(Delivery.objects.open().count(), 3)
            self.assertEqual(sum(Delivery.objects.open().values_list("attempts", flat=True)), 1)

    def test_an_address_that_has_come_to_lead_inside_is_not_called(self):
        self.endpoint()
        self.customer()
        with override_settings(WEBHOOK_ALLOW=[], DEBUG=True):
            self.deliver()
        self.assertEqual(self.receiver.received, [])
        with self.inside():
            told = WebhookAttempt.objects.get().error
        self.assertEqual(
            told,
            "127.0.0.1 leads into a network that is not public. "
            "Whoever runs this Tenure can allow it by TENURE_WEBHOOK_ALLOW.",
        )

    def test_a_redirect_is_not_followed_and_the_log_says_where_it_leads(self):
        self.endpoint()
        self.customer()
        self.receiver.status, self.receiver.location = 301, "/moved?to=here"
        self.deliver()
        self.assertEqual(len(self.receiver.received), 1)
        moved = self.receiver.url.removesuffix("/hook") + "/moved?to=here"
        told = f"The address answers with a redirect (301) to {moved}. Give the final address."
        with self.inside():
            self.assertEqual(WebhookAttempt.objects.get().error, told)
            self.assertEqual(Delivery.objects.open().get().last_error, told)

    def test_the_log_is_in_the_companys_language(self):
        Tenant.objects.filter(pk=self.acme.pk).update(locale="zh-hans")
        self.endpoint()
        self.customer()
        self.receiver.status = 500
        self.deliver()
        with self.inside():
            self.assertEqual(WebhookAttempt.objects.get().error, "接收方返回了500。")


class Ending(ReceiverTestCase):
    def test_410_ends_it_and_the_administrators_hear_why(self):
        endpoint = self.endpoint()
        self.customer()
        self.customer()
        self.receiver.status = 410
        self.deliver()
        self.assertEqual(len(self.receiver.received), 1)
        ended = self.fresh(endpoint)
        self.assertEqual((ended.active, ended.disabled_because), (False, "gone"))
        with self.inside():
            self.assertEqual(Delivery.objects.filter(kind="webhook").dead().count(), 2)
            self.assertEqual(Notification.objects.get().member, self.admin)
        self.customer()
        with self.inside():
            self.assertEqual(WebhookEvent.objects.count(), 2)

    def test_failing_for_long_ends_it_and_one_success_forgives(self):
        endpoint = self.endpoint()
        self.receiver.status = 500
        self.customer()
        self.deliver()
        self.assertTrue(self.fresh(endpoint).active)
        self.receiver.status = 200
        self.deliver(NOW() + timedelta(hours=1))
        self.assertIsNone(self.fresh(endpoint).failing_since)
        self.receiver.status = 500
        self.customer()
        self.deliver()
        with self.inside():
            WebhookEndpoint.objects.update(failing_since=NOW() - timedelta(hours=73))
        self.deliver(NOW() + timedelta(hours=1))
        ended = self.fresh(endpoint)
        self.assertEqual((ended.active, ended.disabled_because), (False, "failing"))

    def test_switched_on_again_it_starts_anew_and_what_was_given_up_can_be_replayed(self):
        endpoint = self.endpoint()
        self.customer()
        self.receiver.status = 410
        self.deliver()
        with self.inside(), self.assertRaises(Conflict):
            webhooks.replay(endpoint=self.fresh(endpoint), actor=self.admin)
        with self.inside():
            again = webhooks.change_webhook(endpoint=self.fresh(endpoint), actor=self.admin, active=True)
            self.assertEqual((again.disabled_because, again.disabled_at), ("", None))
            self.assertEqual(webhooks.replay(endpoint=again, actor=self.admin), 1)
        self.receiver.status = 200
        self.deliver(NOW() + timedelta(seconds=1))
        (first, _body), (second, _same) = self.receiver.received
        self.assertEqual(first["webhook-id"], second["webhook-id"])

    def test_replays_one_or_all_since(self):
        endpoint = self.endpoint()
        for name in ("A", "B", "C"):
            self.customer(name=name)
        self.deliver()
        with self.inside():
            first = WebhookEvent.objects.earliest("at")
            Delivery.objects.filter(payload__event=str(first.pk)).update(created_at=NOW() - timedelta(days=2))
            webhooks.replay(endpoint=endpoint, actor=self.admin, events_chosen=[first.pk])
        self.deliver(NOW() + timedelta(seconds=1))
        self.assertEqual(self.verified(endpoint)["data"]["name"], "A")
        with self.inside():
            count = webhooks.replay(endpoint=endpoint, actor=self.admin, since=NOW() - timedelta(days=1))
        self.deliver(NOW() + timedelta(seconds=2))
        self.assertEqual((count, len(self.receiver.received)), (2, 6))

    def test_a_test_reaches_also_one_that_is_off_and_judges_nothing(self):
        endpoint = self.endpoint(active=False)
        with self.inside():
            webhooks.ping(endpoint=endpoint, actor=self.admin)
        self.deliver()
        self.assertEqual(self.verified(endpoint)["type"], "ping")


class Emitting(TenantTestCase):
    def listen(self, *event_types):
        return webhooks.create_webhook(
            actor=self.admin, url="https://hooks.example.com/", event_types=list(event_types)
        )

    def told(self):
        return list(WebhookEvent.objects.order_by("at", "id").values_list("type", flat=True))

    def test_where_nobody_listens_nothing_is_written_and_once_is_asked(self):
        self.listen("ticket.opened")
        create_customer(name="Warm", actor=self.alice)
        with CaptureQueriesContext(connection) as queries:
            for name in "abc":
                create_customer(name=name, actor=self.alice)
        self.assertEqual([q["sql"] for q in queries if "webhook" in q["sql"]], [])
        self.assertEqual((self.told(), Delivery.objects.count()), ([], 0))

    def test_a_refused_change_is_not_told_of(self):
        self.listen()
        try:
            with self.assertRaises(RuntimeError), transaction.atomic():
                create_customer(name="Never", actor=self.alice)
                raise RuntimeError
        finally:
            self.assertEqual((self.told(), Delivery.objects.count()), ([], 0))

    def test_a_change_is_told_with_the_record_as_it_became_and_what_changed(self):
        self.listen("customer.updated")
        customer = create_customer(name="Old", actor=self.alice)
        update_customer(customer=customer, actor=self.alice, name="New")
        body = WebhookEvent.objects.get().body
        self.assertEqual((body["data"]["name"], body["data"]["version"]), ("New", 2))
        self.assertEqual(body["facts"], {"fields": ["name"]})

    def test_a_follow_up_kept_is_told_of(self):
        self.listen("follow_up.completed")
        complete_follow_up(follow_up=make.follow_up(self.alice), actor=self.alice)
        self.assertEqual(WebhookEvent.objects.get().body["data"]["outcome"], "done")

    def test_many_take_one_statement_and_are_described_when_they_are_sent(self):
        endpoint = self.listen("customer.updated")
        made = [make.customer() for _each in range(30)]
        with CaptureQueriesContext(connection) as queries:
            apply(
                deed=Deed("edit", {"owner": str(self.alice.pk)}),
                ids=[customer.pk for customer in made],
                actor=self.admin,
            )
        written = [q["sql"] for q in queries if "crm_webhookevent" in q["sql"]]
        self.assertEqual((len(written), WebhookEvent.objects.filter(body__isnull=True).count()), (1, 30))
        self.assertEqual(Delivery.objects.filter(kind="webhook", lane=str(endpoint.pk)).count(), 30)
        self.assertEqual(
            set(WebhookEvent.objects.values_list("subject_id", flat=True)), {customer.pk for customer in made}
        )

    def test_addresses_and_types_are_judged_when_they_are_saved(self):
        for fields in ({"url": "http://hooks.example.com/"}, {"url": "https://10.0.0.1/"}):
            with self.subTest(fields), self.assertRaises(InvalidWebhook) as refusal:
                webhooks.create_webhook(actor=self.admin, **fields)
            self.assertEqual(list(refusal.exception.errors), ["url"])
        with self.assertRaises(InvalidWebhook) as refusal:
            self.listen("customer.eaten")
        self.assertEqual(list(refusal.exception.errors), ["event_types"])
        self.assertEqual(WebhookEndpoint.objects.count(), 0)

    def test_no_secret_stands_in_the_history_or_the_table(self):
        endpoint = self.listen()
        secret = signing.secret_of(endpoint).removeprefix("whsec_")
        kept = str(list(WebhookEndpoint.objects.values())) + str(list(AuditEntry.objects.values()))
        self.assertNotIn(secret, kept)
        webhooks.rotate_secret(endpoint=endpoint, actor=self.admin)
        self.assertNotEqual(signing.secret_of(endpoint).removeprefix("whsec_"), secret)
