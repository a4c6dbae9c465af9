from datetime import UTC, datetime, timedelta

from django.core import mail
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from crm.models import Delivery, Notification
from crm.people.roles import Role
from crm.services.dispatch import deliver
from customers.services.follow_ups import complete_follow_up, move_follow_up
from maintenance.models import Reminder, ReminderPolicy
from maintenance.services.reminders import remind
from tests import factories as make
from tests.cases import TenantTestCase

# Friday 2026-05-15, due at 15:00 in Shanghai; reminders go out at 8:00 there, which is 0:00 UTC.
DUE = datetime(2026, 5, 15, 7, tzinfo=UTC)
EARLIER = DUE - timedelta(days=10)


def morning(days: int, **offset: int) -> datetime:
    """Eight o'clock in Shanghai, so many days from the day it is due."""
    return datetime(2026, 5, 15, 0, tzinfo=UTC) + timedelta(days=days, **offset)


class Remind(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.acme.timezone = "Asia/Shanghai"
        self.acme.save()
        self.customer = make.customer(name="Müller", owner=self.alice)
        self.follow_up = self.promise()

    def promise(self, **fields):
        return make.follow_up(
            self.alice,
            **{"customer": self.customer, "due_at": DUE, "created_at": EARLIER, "subject": "Call"} | fields,
        )

    def told(self, at):
        """Who was told at this moment, and of which stage."""
        known = set(Notification.objects.values_list("pk", flat=True))
        remind(at)
        new = Notification.objects.exclude(pk__in=known).select_related("member")
        return [(note.member.display_name, note.kind) for note in new]

    def test_before_on_and_after_the_day_each_once_and_then_the_lead(self):
        steps = [
            (morning(-1, minutes=-1), []),
            (morning(-1), [("Alice", "follow_up.before")]),
            (morning(0, minutes=-1), []),
            (morning(0), [("Alice", "follow_up.due")]),
            (DUE, []),
            (morning(1), [("Alice", "follow_up.overdue")]),
            (morning(2), []),
            (morning(3), [("Leo Lead", "follow_up.escalated")]),
            (morning(30), []),
        ]
        for at, expected in steps:
            self.assertEqual(self.told(at), expected, at)
            self.assertEqual(self.told(at), [], "twice at the same moment")
        self.follow_up.refresh_from_db()
        self.assertEqual(self.follow_up.escalated_at, morning(3))
        self.assertEqual(Delivery.objects.filter(kind="email").count(), 4)

    def test_nothing_is_told_of_what_is_done_or_of_a_deleted_customer(self):
        complete_follow_up(follow_up=self.follow_up, actor=self.alice)
        gone = make.customer(deleted_at=EARLIER)
        self.promise(customer=gone)
        self.assertEqual([self.told(morning(days)) for days in (-1, 0, 1, 3)], [[]] * 4)

    def test_after_an_outage_only_what_still_matters_is_told(self):
        self.assertEqual(self.told(morning(2)), [("Alice", "follow_up.overdue")])
        self.assertEqual(Reminder.objects.count(), 1)

    def test_what_is_promised_late_is_reminded_of_at_its_moment(self):
        late = self.promise(created_at=morning(0, hours=2), subject="Late")
        self.told(morning(0))
        self.assertEqual(self.told(DUE - timedelta(minutes=1)), [])
        self.assertEqual(self.told(DUE), [("Alice", "follow_up.due")])
        self.assertEqual(Reminder.objects.filter(follow_up=late).count(), 1)

    def test_a_moved_promise_is_reminded_of_anew(self):
        self.told(morning(0))
        move_follow_up(
            follow_up=self.follow_up, due_at=DUE + timedelta(days=7), because="on leave", actor=self.alice
        )
        self.assertEqual(self.told(morning(1)), [])
        self.assertEqual(self.told(morning(7)), [("Alice", "follow_up.due")])

    def test_a_clock_moved_back_and_forth_repeats_nothing(self):
        self.told(morning(0))
        self.assertEqual(self.told(morning(-1)), [("Alice", "follow_up.before")])
        self.assertEqual(self.told(morning(0)), [])

    def test_the_companys_policy_decides(self):
        ReminderPolicy.objects.create(days_before=0, days_overdue=0, days_escalate=1, by_email=False, hour=9)
        self.assertEqual(self.told(morning(-1, hours=1)), [])
        self.assertEqual(self.told(morning(0)), [])
        self.assertEqual(self.told(morning(0, hours=1)), [("Alice", "follow_up.due")])
        self.assertEqual(self.told(morning(1, hours=1)), [("Leo Lead", "follow_up.escalated")])
        self.assertEqual(Delivery.objects.count(), 0)

    def test_a_lead_who_leaves_it_undone_is_told_on(self):
        make.follow_up(self.lead, customer=self.customer, due_at=DUE, created_at=EARLIER)
        boss = make.member(role=Role.LEAD, display_name="Boss")
        self.lead.joined_at = boss.joined_at + timedelta(days=1)
        self.lead.save()
        told = self.told(morning(3))
        self.assertIn(("Boss", "follow_up.escalated"), told)
        self.assertIn(("Leo Lead", "follow_up.escalated"), told)

    @override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
    def test_speaks_the_readers_language_and_the_companys_time(self):
        remind(morning(0))
        self._stack.close()
        deliver(tenant_id=self.acme.pk, at=datetime.now(UTC))
        (message,) = mail.outbox
        self.assertEqual(message.subject, "Due today: Call – Müller")
        self.assertIn("Phone, due Fri, 15 May 2026 15:00, Alice", message.body)
        self.assertIn(f"/customers/{self.customer.pk}/", message.body)

    def test_says_when_to_look_again(self):
        self.assertEqual(remind(morning(0)).next_at, DUE)
        self.assertEqual(remind(DUE).next_at, morning(1))

    def test_many_take_no_more_queries_than_few(self):
        counts = []
        for many in (1, 30):
            for _each in range(many):
                self.promise()
            with CaptureQueriesContext(connection) as queries:
                remind(morning(3))
            counts.append(len(queries))
        self.assertLessEqual(counts[1], counts[0])  # the first also asks who listens
