from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.core import mail
from django.db import connections
from django.test import override_settings
from django.utils import timezone

from crm import channels
from crm.channels import Channel, Refused, Unreachable
from crm.models import AuditEntry, Delivery, Notification, WakeUp
from crm.services import deliveries, dispatch
from crm.services.deliveries import NotDead, Outcome, enqueue, requeue
from crm.services.notifications import notify
from crm.tenancy.context import tenant_context
from tests.cases import CastTestCase, CommittedTestCase, TenantTestCase

NOW = timezone.now


class World:
    """A receiver outside the database: keeps what it is sent, and fails as it is told."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.troubles: dict[str, Exception] = {}
        self.dies_after = ""

    @contextmanager
    def connect(self):
        yield self.send

    def send(self, message: str) -> None:
        assert not connections["default"].in_atomic_block or isinstance(self, LenientWorld)
        if message in self.troubles:
            raise self.troubles[message]
        self.received.append(message)
        if message == self.dies_after:
            raise KeyboardInterrupt


class LenientWorld(World):
    """For tests that run inside a transaction of their own."""


def _put_in(world: World) -> None:
    channels._channels["world"] = Channel("world", lambda delivery: delivery.dedup_key, world.connect)


def _write(*keys: str, **fields) -> None:
    for key in keys:
        enqueue(kind="world", dedup_key=key, payload={}, **fields)


class WithWorld(CastTestCase):
    def setUp(self):
        super().setUp()
        self.world = LenientWorld()
        _put_in(self.world)
        self.addCleanup(channels._channels.pop, "world")

    def deliver(self, at=None):
        return dispatch.deliver(tenant_id=self.acme.pk, at=at or NOW())

    def delivery(self, key):
        return Delivery.objects.get(dedup_key=key)


class Deliver(WithWorld):
    def test_sends_each_reason_once(self):
        with self.inside():
            _write("a", "b", "a")
        done, more = self.deliver()
        self.deliver()
        self.assertEqual((sorted(self.world.received), dict(done), more), (["a", "b"], {"world": 2}, False))

    def test_waits_until_it_is_time(self):
        with self.inside():
            _write("later", next_at=NOW() + timedelta(hours=1))
        self.deliver()
        self.assertEqual(self.world.received, [])
        self.deliver(at=NOW() + timedelta(hours=2))
        self.assertEqual(self.world.received, ["later"])

    @override_settings(DELIVERY_BACKOFF=100, DELIVERY_TRIES=3)
    def test_tries_again_later_each_time_and_then_gives_up(self):
        self.world.troubles["a"] = RuntimeError("broken pipe")
        with self.inside():
            _write("a")
        at, pauses = NOW(), []
        for _try in range(2):
            self.deliver(at)
            with self.inside():
                pauses.append((self.delivery("a").next_at - at).total_seconds())
                at = self.delivery("a").next_at
        self.assertTrue(80 <= pauses[0] <= 120 and 160 <= pauses[1] <= 240, pauses)
        self.deliver(at)
        with self.inside():
            dead = self.delivery("a")
            self.assertEqual((dead.attempts, dead.last_error), (3, "RuntimeError: broken pipe"))
            self.assertIsNotNone(dead.dead_at)
            self.assertIsNone(deliveries.next_moment())

    def test_one_failure_does_not_hold_up_the_others(self):
        self.world.troubles["b"] = RuntimeError("no")
        with self.inside():
            _write("a", "b", "c")
        self.deliver()
        self.assertEqual(self.world.received, ["a", "c"])

    def test_what_is_refused_for_good_is_not_tried_again(self):
        self.world.troubles["a"] = Refused("no such mailbox")
        with self.inside():
            _write("a")
        self.deliver()
        with self.inside():
            self.assertEqual((self.delivery("a").attempts, self.delivery("a").dead_at is None), (1, False))

    def test_when_nobody_answers_the_others_wait_and_lose_no_try(self):
        self.world.troubles["a"] = Unreachable("connection refused")
        with self.inside():
            _write("a", "b", "c")
        self.deliver()
        with self.inside():
            self.assertEqual(self.world.received, [])
            self.assertEqual([self.delivery(key).attempts for key in "abc"], [1, 0, 0])
            self.assertEqual(Delivery.objects.due(NOW()).count(), 0)

    def test_a_kind_nobody_sends_is_a_dead_letter(self):
        with self.inside():
            enqueue(kind="pigeon", dedup_key="p", payload={})
        self.deliver()
        with self.inside():
            self.assertEqual(self.delivery("p").last_error, "No channel sends 'pigeon'.")
            self.assertIsNotNone(self.delivery("p").dead_at)

    def test_another_companys_deliveries_are_not_touched(self):
        with self.inside(self.other):
            _write("theirs")
        self.deliver()
        self.assertEqual(self.world.received, [])


class Lease(TenantTestCase):
    def setUp(self):
        super().setUp()
        _put_in(World())
        self.addCleanup(channels._channels.pop, "world")
        _write("a")

    def test_who_lost_it_neither_sends_nor_settles(self):
        with override_settings(DELIVERY_LEASE=0):
            (slow,) = deliveries.claim(kind="world", limit=5, at=NOW())
        (quick,) = deliveries.claim(kind="world", limit=5, at=NOW())
        self.assertEqual(slow.pk, quick.pk)
        self.assertFalse(deliveries.begin(delivery=slow))
        self.assertTrue(deliveries.begin(delivery=quick))
        self.assertFalse(deliveries.settle(delivery=slow, outcome=Outcome("late"), at=NOW()))
        self.assertTrue(deliveries.settle(delivery=quick, outcome=Outcome(), at=NOW()))
        quick.refresh_from_db()
        self.assertEqual((quick.attempts, quick.last_error, quick.done_at is None), (1, "", False))

    def test_while_it_lasts_nobody_else_sends_that_kind(self):
        deliveries.claim(kind="world", limit=1, at=NOW())
        _write("b")
        enqueue(kind="sky", dedup_key="c", payload={})
        self.assertEqual(deliveries.claim(kind="world", limit=5, at=NOW()), [])
        self.assertEqual(len(deliveries.claim(kind="sky", limit=5, at=NOW())), 1)

    def test_is_renewed_for_those_that_wait_their_turn(self):
        _write("b")
        with override_settings(DELIVERY_LEASE=10):
            first, second = deliveries.claim(kind="world", limit=5, at=NOW())
        deliveries.begin(delivery=first, waiting=[second])
        second.refresh_from_db()
        self.assertGreater(second.claimed_until, NOW() + timedelta(seconds=60))

    def test_holds_until_it_ends_whatever_moment_is_asked_for(self):
        deliveries.claim(kind="world", limit=5, at=NOW())
        self.assertEqual(deliveries.claim(kind="world", limit=5, at=NOW() + timedelta(days=1)), [])

    def test_a_dead_letter_can_be_sent_again_and_only_a_dead_one(self):
        (delivery,) = deliveries.claim(kind="world", limit=5, at=NOW())
        with self.assertRaises(NotDead):
            requeue(delivery=delivery, actor=self.admin)
        deliveries.settle(delivery=delivery, outcome=Outcome("gone", final=True), at=NOW())
        WakeUp.objects.all().delete()
        requeue(delivery=delivery, actor=self.admin)
        self.assertEqual([d.pk for d in deliveries.claim(kind="world", limit=5, at=NOW())], [delivery.pk])
        self.assertEqual(AuditEntry.objects.filter(deed="delivery.requeued").get().member_id, self.admin.pk)
        self.assertTrue(WakeUp.objects.filter(tenant_id=self.acme.pk, at__lte=NOW()).exists())


class Mail(CastTestCase):
    def test_a_note_is_shown_at_once_and_mailed_once_in_the_readers_language(self):
        self.alice.user.language = "zh-hans"
        self.alice.user.save()
        with self.inside():
            for _twice in range(2):
                notify(
                    member=self.alice,
                    kind="follow_up.due",
                    title="Call Müller",
                    text="Today",
                    url="/a/",
                    dedup_key="k",
                )
            delivery = Delivery.objects.get()
            self.assertEqual(Notification.objects.get().title, "Call Müller")
        dispatch.deliver(tenant_id=self.acme.pk, at=NOW())
        dispatch.deliver(tenant_id=self.acme.pk, at=NOW())
        (message,) = mail.outbox
        self.assertEqual(message.extra_headers["Message-ID"], f"<{delivery.pk}@127.0.0.1>")
        self.assertEqual((message.to, message.subject), ([self.alice.email], "Call Müller"))
        self.assertIn(f"{settings.PUBLIC_URL}/a/", message.body)
        self.assertIn('lang="zh-hans"', message.alternatives[0][0])

    def test_without_an_address_it_is_a_dead_letter_at_once(self):
        with self.inside():
            enqueue(kind="email", dedup_key="k", payload={"title": "x"})
        dispatch.deliver(tenant_id=self.acme.pk, at=NOW())
        with self.inside():
            self.assertIsNotNone(Delivery.objects.get().dead_at)
        self.assertEqual(mail.outbox, [])


class Committed(CommittedTestCase):
    databases = {"default", "owner"}

    def setUp(self):
        super().setUp()
        self.world = World()
        _put_in(self.world)
        self.addCleanup(channels._channels.pop, "world")

    def test_two_workers_pass_over_each_others_claims(self):
        with tenant_context(self.acme.pk):
            _write("a", "b", "c")
        other = connections["default"].copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute(f"SET LOCAL app.tenant_id = '{self.acme.pk}'")
                cursor.execute("SELECT dedup_key FROM crm_delivery WHERE dedup_key = 'a' FOR UPDATE")
                with tenant_context(self.acme.pk):
                    claimed = deliveries.claim(kind="world", limit=10, at=NOW())
                cursor.execute("ROLLBACK")
        finally:
            other.close()
        self.assertEqual([d.dedup_key for d in claimed], ["b", "c"])

    def test_nothing_is_sent_inside_a_transaction(self):
        with tenant_context(self.acme.pk):
            _write("a")
        dispatch.deliver(tenant_id=self.acme.pk, at=NOW())
        self.assertEqual(self.world.received, ["a"])

    def test_effects_inside_the_database_happen_exactly_once_though_the_worker_dies(self):
        with tenant_context(self.acme.pk):
            enqueue(kind="notification", dedup_key="n", payload={"title": "Hello"}, member=self.alice)
        with self.assertRaises(KeyboardInterrupt), tenant_context(self.acme.pk):
            deliveries.perform_inside(limit=10, at=NOW())
            raise KeyboardInterrupt  # before the commit, as a kill would
        for _twice in range(2):
            dispatch.deliver(tenant_id=self.acme.pk, at=NOW())
        with tenant_context(self.acme.pk):
            self.assertEqual(Notification.objects.filter(dedup_key="n").count(), 1)
            self.assertIsNotNone(Delivery.objects.get().done_at)

    def test_a_worker_that_dies_between_sending_and_settling_repeats_that_one_alone(self):
        with tenant_context(self.acme.pk):
            _write("a", "b", "c")
        self.world.dies_after = "b"
        with self.assertRaises(KeyboardInterrupt):
            dispatch.deliver(tenant_id=self.acme.pk, at=NOW())
        self.world.dies_after = ""
        dispatch.deliver(tenant_id=self.acme.pk, at=NOW())
        self.assertEqual(self.world.received, ["a", "b"], "under lease nobody else sends")
        with tenant_context(self.acme.pk):
            Delivery.objects.open().update(claimed_until=NOW())
        dispatch.deliver(tenant_id=self.acme.pk, at=NOW())
        self.assertEqual(self.world.received, ["a", "b", "b", "c"])
        with tenant_context(self.acme.pk):
            attempts = dict(Delivery.objects.values_list("dedup_key", "attempts"))
        self.assertEqual(attempts, {"a": 1, "b": 2, "c": 1})
