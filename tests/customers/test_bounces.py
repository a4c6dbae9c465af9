import socket
from datetime import timedelta
from email.message import EmailMessage, Message
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase

from aiosmtpd.controller import Controller
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from crm.models import Delivery
from crm.services import deliveries
from crm.services.dispatch import deliver
from customers.inbound import bounces as reports
from customers.inbound.bounces import Failure, Report
from customers.models import Capture, MailBounce
from customers.selectors.bounces import bounced_of
from customers.services import bounces
from customers.services.capture import inlets
from customers.services.contacts import create_contact, update_contact
from customers.services.customers import create_customer
from customers.services.privacy.erasing import erase_person
from customers.services.privacy.exporting import export_person
from feedback.errors import NobodyToAsk
from feedback.services import surveys
from tests import factories as make
from tests.cases import BrowserTestCase, CastTestCase, TenantTestCase

GONE = "550 5.1.1 <lei@harbour.example>: Recipient address rejected: User unknown"
EXIM = b"""From: Mail Delivery System <Mailer-Daemon@mx.harbour.example>
X-Failed-Recipients: lei@harbour.example
Message-ID: <exim-1@mx.harbour.example>
Content-Type: text/plain

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  lei@harbour.example
    552 mailbox is full
"""
QMAIL = b"""From: MAILER-DAEMON@mx.harbour.example
Message-ID: <qmail-1@mx.harbour.example>

Hi. This is the qmail-send program at mx.harbour.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<lei@harbour.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.
"""


def notification(address="lei@harbour.example", status="5.1.1", words=GONE, about="", action="failed"):
    """A delivery status notification by RFC 3464, as Postfix writes it."""
    whole = EmailMessage()
    whole["From"] = "MAILER-DAEMON@mx.harbour.example (Mail Delivery System)"
    whole["Subject"] = "Undelivered Mail Returned to Sender"
    whole["Message-ID"] = f"<{make.unique()}@mx.harbour.example>"
    whole["Auto-Submitted"] = "auto-replied"
    whole.set_type("multipart/report")
    whole.set_param("report-type", "delivery-status")
    told = EmailMessage()
    told.set_content("I'm sorry to have to inform you that your message could not be delivered.")
    server, recipient = Message(), Message()
    server["Reporting-MTA"] = "dns; mx.harbour.example"
    recipient["Final-Recipient"] = f"rfc822; {address}"
    recipient["Action"] = action
    recipient["Status"] = status
    recipient["Diagnostic-Code"] = f"smtp; {words}"
    report = Message()
    report["Content-Type"] = "message/delivery-status"
    report.set_payload([server, recipient])
    original = EmailMessage()
    original["Message-ID"] = about or "<someone-elses@example.com>"
    original["Subject"] = "How do you like it?"
    enclosed = Message()
    enclosed["Content-Type"] = "message/rfc822"
    enclosed.set_payload([original])
    whole.set_payload([told, report, enclosed])
    return whole.as_bytes()


def about(delivery):
    """Our own Message-ID of a delivery, as a report quotes it."""
    return deliveries.message_id(delivery.pk, "crm.example")


class Reading(TestCase):
    def failures(self, raw):
        return [(one.address, one.status, one.is_hard) for one in reports.read(raw).failures]

    def test_a_notification_names_who_failed_and_our_delivery(self):
        found = reports.read(notification(about="<0199c0de-0000-7000-8000-000000000001@crm.example>"))
        self.assertEqual(found.failures, [Failure("lei@harbour.example", "5.1.1", GONE)])
        self.assertEqual(str(found.delivery), "0199c0de-0000-7000-8000-000000000001")

    def test_what_is_not_for_good_is_soft(self):
        for status, words, hard in (
            ("5.1.1", "550 no", True),
            ("5.0.0", "550 User unknown", True),
            ("5.2.2", "552 over quota", False),
            ("5.7.1", "554 rejected", False),
            ("5.0.0", "550 relaying denied", False),
            ("4.4.7", "451 expired", False),
        ):
            ((_address, _status, found),) = self.failures(notification(status=status, words=words))
            self.assertEqual(found, hard, status + words)

    def test_a_status_that_cannot_be_read_is_soft_unless_words_say_it_is_for_good(self):
        for status, words, found in (
            ("", "", ("4.0.0", False)),
            ("nonsense", "could not be delivered", ("4.0.0", False)),
            ("five.one", "this is not a permanent error", ("4.0.0", False)),
            ("", "This is a permanent error", ("5.0.0", True)),
            ("x", "User unknown", ("5.0.0", True)),
            ("x", "550 no", ("5.0.0", True)),
            ("5.0.0", "", ("5.0.0", True)),
        ):
            raw = notification(status=status, words=words)
            self.assertEqual(self.failures(raw), [("lei@harbour.example", *found)], words)
        chinese = QMAIL.replace(b"Sorry, no mailbox here by that name. (#5.1.1)", "收件人不存在".encode())
        self.assertEqual(self.failures(chinese), [("lei@harbour.example", "5.0.0", True)])
        untold = QMAIL.replace(b"Sorry, no mailbox here by that name. (#5.1.1)", b"Try me another day")
        self.assertEqual(self.failures(untold), [("lei@harbour.example", "4.0.0", False)])

    def test_older_servers_are_understood_where_they_name_the_recipient(self):
        self.assertEqual(self.failures(EXIM), [("lei@harbour.example", "5.2.2", False)])
        self.assertEqual(self.failures(QMAIL), [("lei@harbour.example", "5.1.1", True)])

    def test_other_mail_is_no_report(self):
        person = EXIM.replace(b"Mail Delivery System <Mailer-Daemon@mx", b"Lei <lei@")
        self.assertIsNone(reports.read(person))
        self.assertEqual(reports.read(notification(action="delayed")).failures, [])


class Arriving(BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.harbour = create_customer(actor=None, name="Harbour", owner=self.alice)
            self.lei = create_contact(
                customer=self.harbour, actor=None, name="Lei", email="Lei@Harbour.example"
            )
            inlet = inlets.save_inlet(inlet=None, actor=self.admin, kind="mail", name="Bounces")
            self.address = inlets.path_of(inlet)
            self.sent = make.delivery("lei@harbour.example")

    def returned(self, **fields):
        """What a server writes about the message we sent."""
        return notification(about=about(self.sent), **fields)

    def post(self, raw):
        response = self.client.post(self.address, raw, content_type="message/rfc822")
        self.assertEqual((response.status_code, response.content), (200, b"ok"))

    def test_marks_the_address_once_and_captures_nobody(self):
        raw = self.returned()
        for _twice in range(2):
            self.post(raw)
        self.post(notification(address="stranger@example.com"))
        with self.inside():
            (bounce,) = MailBounce.objects.all()
            self.assertEqual((bounce.email_norm, bounce.kind, bounce.status, bounce.marks),
                             ("lei@harbour.example", "hard", "5.1.1", True))  # fmt: skip
            self.assertFalse(Capture.objects.exists())
            (marked,) = bounced_of([self.harbour.pk])[self.harbour.pk]
            self.assertEqual(marked.contact, self.lei)
            self.assertIn("the mailbox does not exist", marked.text)

    def test_a_report_that_names_no_message_of_ours_is_kept_and_marks_nothing(self):
        with self.inside(self.other):
            elsewhere = make.delivery("lei@harbour.example")
        raw = notification()
        for forged in (raw, raw, notification(), notification(about=about(elsewhere)), EXIM, QMAIL):
            self.post(forged)
        with self.inside():
            self.assertEqual(MailBounce.objects.filter(email_norm="lei@harbour.example").count(), 5)
            self.assertFalse(MailBounce.objects.standing().exists())
            self.assertEqual(bounced_of([self.harbour.pk]), {})
            self.assertEqual(bounces.why_not("lei@harbour.example"), "")

    def test_who_was_written_to_speaks_of_no_other_address(self):
        with self.inside():
            sent = make.delivery("mallory@example.com")
        self.post(notification(address="lei@harbour.example", about=about(sent)))
        with self.inside():
            self.assertFalse(MailBounce.objects.exists())

    def test_belongs_to_the_delivery_even_where_the_mail_was_handed_on(self):
        with self.inside():
            raw = self.returned(address="other@elsewhere.example")
        with TemporaryDirectory() as folder:
            file = Path(folder) / "one.eml"
            file.write_bytes(raw)
            call_command("receive_mail", str(file), "--tenant", self.acme.slug, stdout=StringIO())
        with self.inside():
            bounce = MailBounce.objects.get()
            self.assertEqual((bounce.email_norm, bounce.delivery), ("lei@harbour.example", self.sent))

    def test_stands_beside_the_address_until_somebody_says_it_works(self):
        self.post(self.returned())
        self.sign_in(self.alice)
        record = reverse("customers:record", args=[self.harbour.pk])
        self.assertContains(self.client.get(record), "the mailbox does not exist", count=1)
        with self.inside():
            pk = MailBounce.objects.get().pk
        self.client.post(reverse("customers:address-works", args=[pk]))
        self.assertNotContains(self.client.get(record), "the mailbox does not exist")
        again = self.client.post(reverse("customers:address-works", args=[pk]))
        self.assertEqual(again.status_code, 409)
        self.client.post(reverse("customers:address-bounced", args=[pk]))
        self.assertContains(self.client.get(record), "the mailbox does not exist", count=1)

    def test_is_held_about_the_person_and_goes_with_it(self):
        self.post(self.returned())
        with self.inside(), TemporaryDirectory() as folder:
            path = Path(folder) / "held.json"
            self.assertEqual(export_person(person=self.lei, path=path, actor=self.admin)["bounces"], 1)
            self.assertIn("User unknown", path.read_text())
            erase_person(person=self.lei, reason="asked", actor=self.admin)
            self.assertEqual(MailBounce.objects.values_list("email_norm", "diagnostic").get(), ("", ""))

    def test_who_may_not_see_addresses_sees_a_mask(self):
        self.post(self.returned())
        self.sign_in(self.reader)
        with self.inside():
            self.harbour.owner = self.reader
            self.harbour.save()
        page = self.client.get(reverse("customers:record", args=[self.harbour.pk]))
        self.assertContains(page, "the mailbox does not exist")
        self.assertNotContains(page, "lei@harbour")


class Counting(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.harbour = create_customer(actor=None, name="Harbour", email="lei@harbour.example")

    def soft(self, number, at, sent=True):
        failure = Failure("lei@harbour.example", "4.2.2", "mailbox full")
        delivery = make.delivery(failure.address).pk if sent else None
        return bounces.take_report(Report([failure], delivery, f"report-{number}"), at=at)[0]

    def test_the_third_soft_one_within_thirty_days_marks(self):
        now = timezone.now()
        days = (40, 20, 10, 1)
        self.assertEqual(
            [self.soft(n, now - timedelta(days=n)).marks for n in days], [False, False, False, True]
        )

    def test_one_that_names_no_message_of_ours_does_not_count(self):
        now = timezone.now()
        given = (False, False, True, False, True, True)
        marks = [self.soft(n, now + timedelta(hours=n), sent).marks for n, sent in enumerate(given)]
        self.assertEqual(marks, [False, False, False, False, False, True])

    def test_another_address_is_free_at_once_and_surveys_leave_the_marked_one_out(self):
        person = create_contact(customer=self.harbour, actor=None, name="Lei", email="lei@harbour.example")
        sent = make.delivery("lei@harbour.example")
        bounces.take_report(reports.read(notification(about=about(sent))))
        survey = make.survey()
        with self.assertRaises(NobodyToAsk):
            surveys.send_survey(survey=survey, tenant=self.acme, actor=self.lead)
        self.assertEqual(surveys.left_out(survey), 1)
        update_contact(contact=person, actor=self.alice, email="new@harbour.example")
        self.assertEqual(surveys.send_survey(survey=survey, tenant=self.acme, actor=self.lead), 1)


class Strict:
    """A mail server that knows nobody."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.sender = envelope.mail_from
        return "550 5.1.1 No such user"


class Sending(CastTestCase):
    def test_a_refusal_at_once_marks_and_nothing_more_is_sent_there(self):
        with self.inside():
            create_customer(actor=None, name="Harbour", email="lei@harbour.example")
            letter = {"subject": "Hello", "title": "Hello", "stop_url": "/s/x/stop/"}
            for key in ("one", "two"):
                deliveries.enqueue(kind="email", dedup_key=key, payload=letter, address="lei@harbour.example")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        server = Controller(strict := Strict(), hostname="127.0.0.1", port=port)
        server.start()
        mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port, "BOUNCE_ADDRESS": "bounces@crm.example"}
        try:
            with override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", **mail):
                deliver(tenant_id=self.acme.pk, at=timezone.now())
        finally:
            server.stop()
        self.assertEqual(strict.sender, f"bounces+{self.acme.slug}@crm.example")
        with self.inside():
            bounce = MailBounce.objects.get()
            self.assertEqual((bounce.status, bounce.marks), ("5.1.1", True))
            refused, kept_back = Delivery.objects.dead().order_by("id").values_list("last_error", flat=True)
            self.assertIn("No such user", refused)
            self.assertIn("the mailbox does not exist", kept_back)
