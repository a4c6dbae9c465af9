from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import mail
from django.test import override_settings

from crm.models import Delivery, Digest, Notification
from crm.notifications.choices import Choice, choose
from crm.services import digests
from crm.services.dispatch import deliver
from crm.services.notifications import mark_read, notify
from tests import factories as make
from tests.cases import TenantTestCase

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Friday, eight o'clock in Shanghai.
FRIDAY = datetime(2026, 5, 15, 8, tzinfo=SHANGHAI)


class Digests(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.acme.timezone = "Asia/Shanghai"
        self.acme.save()
        self.customer = make.customer(name="Müller", owner=self.alice)

    def promise(self, subject, due_at, **fields):
        given = {"customer": self.customer, "created_at": FRIDAY - timedelta(days=9), **fields}
        return make.follow_up(self.alice, subject=subject, due_at=due_at, **given)

    def tell(self, title, **fields):
        notify(member=self.alice, kind="warning", title=title, dedup_key=title, **fields)
        Notification.objects.filter(dedup_key=title).update(created_at=FRIDAY - timedelta(hours=9))

    def sent(self, at=FRIDAY):
        """The sections of the mails made at a moment: each label with its titles."""
        known = set(Delivery.objects.values_list("pk", flat=True))
        digests.send_digests(at)
        return [
            {
                section["label"]: [line["title"] for line in section["lines"]]
                for section in mail.payload["sections"]
            }
            for mail in Delivery.objects.exclude(pk__in=known).filter(dedup_key__startswith="digest:")
        ]

    def test_tells_what_is_overdue_what_is_due_and_what_happened_once_a_day(self):
        self.promise("Late", FRIDAY - timedelta(days=2))
        self.promise("Call", FRIDAY.replace(hour=23))
        self.promise("Another day", FRIDAY + timedelta(hours=16))
        self.tell("Müller may be leaving")
        expected = {
            "Overdue": ["Müller – Late"],
            "Today": ["Müller – Call"],
            "A customer may be leaving": ["Müller may be leaving"],
        }
        self.assertEqual(self.sent(FRIDAY - timedelta(minutes=1)), [])
        self.assertEqual(self.sent(), [expected])
        self.assertEqual(self.sent(), [], "twice at the same moment")
        self.assertEqual(self.sent(FRIDAY + timedelta(hours=9)), [])
        later = {"Overdue": ["Müller – Late", "Müller – Call", "Müller – Another day"]}
        self.assertEqual(self.sent(FRIDAY + timedelta(days=3)), [later])

    def test_without_news_there_is_no_mail(self):
        self.tell("Read already")
        mark_read(member=self.alice, at=FRIDAY)
        self.assertEqual(self.sent(), [])

    def test_what_a_member_wants_no_mail_about_is_left_out(self):
        self.promise("Late", FRIDAY - timedelta(days=2))
        self.promise("Call", FRIDAY.replace(hour=23))
        choose(member=self.alice, choices={"follow_up.overdue": Choice(True, "off")})
        self.assertEqual(self.sent(), [{"Today": ["Müller – Call"]}])

    def test_comes_on_the_days_and_from_the_hour_that_were_chosen(self):
        self.promise("Late", FRIDAY - timedelta(days=2))
        saturday = FRIDAY + timedelta(days=1)
        self.assertEqual(self.sent(saturday), [])
        choose(member=self.alice, choices={}, days=Digest.Days.EVERY, hour=9)
        self.assertEqual(self.sent(saturday), [])
        self.assertEqual(len(self.sent(saturday + timedelta(hours=1))), 1)
        choose(member=self.alice, choices={}, days=Digest.Days.NEVER)
        self.assertEqual(self.sent(FRIDAY + timedelta(days=3, hours=3)), [])

    def test_a_day_that_was_mailed_already_is_not_mailed_again_whatever_the_mark_says(self):
        self.promise("Late", FRIDAY - timedelta(days=2))
        self.assertEqual(len(self.sent()), 1)
        Digest.objects.update(made_on=None)
        self.assertEqual(self.sent(), [])

    def test_says_when_the_next_falls_due(self):
        choose(member=self.alice, choices={}, hour=6)
        self.assertEqual(
            digests.send_digests(FRIDAY - timedelta(hours=4)).next_at, FRIDAY - timedelta(hours=2)
        )
        self.assertEqual(digests.send_digests(FRIDAY).next_at, FRIDAY + timedelta(hours=22))

    def test_nothing_goes_to_who_left(self):
        self.promise("Late", FRIDAY - timedelta(days=2))
        self.alice.active = False
        self.alice.save()
        self.assertEqual(self.sent(), [])

    @override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
    def test_speaks_the_readers_language_and_leads_to_the_choices(self):
        self.alice.user.language = "zh-hans"
        self.alice.user.save()
        self.promise("<b>Call</b>", FRIDAY.replace(hour=15))
        digests.send_digests(FRIDAY)
        self._stack.close()
        deliver(tenant_id=self.acme.pk, at=datetime.now(UTC))
        (message,) = mail.outbox
        html = message.alternatives[0][0]
        self.assertEqual(message.to, [self.alice.email])
        self.assertEqual(message.subject, f"{self.acme.name}：2026年5月15日的工作摘要")
        for text in (message.body, html):
            self.assertIn("15:00", text)
            self.assertIn(f"/customers/{self.customer.pk}/", text)
            self.assertIn(f"{settings.PUBLIC_URL}/notifications/choices/", text)
        self.assertIn('lang="zh-hans"', html)
        self.assertIn("&lt;b&gt;Call", html)
