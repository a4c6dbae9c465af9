import base64
import hashlib
import os
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone

from customers.inbound import mail, wechat
from customers.models import Capture, Interaction
from customers.services.capture import inlets, reviewing
from customers.services.contacts import create_contact
from customers.services.customers import create_customer
from tests.cases import BrowserTestCase

TEXT = """<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[openid-1]]></FromUserName>
<CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{}]]></Content>
<MsgId>{}</MsgId></xml>"""
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>'
MAIL = b"""From: =?utf-8?b?5p2O6Zu3?= <Lei@Harbour.example>
To: sales@acme.example
Subject: =?gb2312?B?sai82w==?=
Date: Mon, 05 Jan 2026 10:00:00 +0800
Message-ID: <one@harbour.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/html; charset=utf-8

<style>p{}</style><p>Hello &amp; welcome</p><p>Two</p>
--b--
"""


def sealed(xml: str, key: str, app_id: str) -> str:
    secret, body = base64.b64decode(key + "="), xml.encode()
    plain = os.urandom(16) + len(body).to_bytes(4, "big") + body + app_id.encode()
    pad = 32 - len(plain) % 32
    worker = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).encryptor()
    return base64.b64encode(worker.update(plain + bytes([pad]) * pad) + worker.finalize()).decode()


class Reading(TestCase):
    def test_a_document_type_with_its_entities_is_refused(self):
        for body in (BOMB, "<xml>", "x" * 70_000):
            with self.assertRaises(wechat.NotWeChat):
                wechat.read(body.encode())

    def test_a_message_of_mail_in_html_and_a_chinese_charset_is_read_as_text(self):
        found = mail.read(MAIL)
        self.assertEqual((found.name, found.address, found.subject), ("李雷", "Lei@Harbour.example", "报价"))
        self.assertEqual(found.text, "Hello & welcome\nTwo")
        self.assertEqual(found.sent_at.isoformat(), "2026-01-05T10:00:00+08:00")
        self.assertTrue(mail.read(b"Auto-Submitted: auto-replied\n" + MAIL).by_program)
        with self.assertRaises(mail.NotMail):
            mail.read(b"Subject: nobody\n\nx")


class WeChat(BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.inlet = inlets.save_inlet(
                inlet=None, actor=self.admin, kind="wechat", name="WeChat", app_id="wx1", source="WeChat"
            )
            self.address = inlets.path_of(self.inlet)
            self.token, self.key = inlets.wechat_token(self.inlet), inlets.wechat_key(self.inlet)
        self.client = Client(enforce_csrf_checks=True)

    def query(self, **more):
        signed = hashlib.sha1("".join(sorted([self.token, "1700000000", "n"])).encode()).hexdigest()
        return {"signature": signed, "timestamp": "1700000000", "nonce": "n", **more}

    def post(self, body, **more):
        query = "&".join(f"{name}={value}" for name, value in self.query(**more).items())
        return self.client.post(f"{self.address}?{query}", body, content_type="text/xml")

    def test_its_question_is_echoed_only_where_it_is_signed(self):
        answer = self.client.get(self.address, self.query(echostr="42"))
        self.assertEqual(answer.content, b"42")
        wrong = self.query(echostr="42") | {"nonce": "m"}
        self.assertEqual(self.client.get(self.address, wrong).status_code, 403)
        self.assertEqual(self.client.post(self.address, TEXT, content_type="text/xml").status_code, 403)

    def test_a_stranger_waits_once_and_is_on_the_timeline_once_known(self):
        for number in ("1", "1", "2"):  # WeChat repeats what was answered late
            self.assertEqual(self.post(TEXT.format(f"Hello {number}", number)).content, b"success")
        with self.inside():
            (waiting,) = Capture.objects.all()
            self.assertEqual(waiting.values, {"message": "Hello 1\nHello 2"})
            self.assertEqual((waiting.channel, waiting.source), ("wechat", "WeChat"))
            known = reviewing.accept(capture=waiting, actor=self.alice).customer
        for _twice in range(2):
            self.post(TEXT.format("Again", "3"))
        with self.inside():
            said = Interaction.objects.filter(customer=known, channel="wechat").values_list("text", flat=True)
            self.assertEqual(sorted(said), ["Again", "Hello 1\nHello 2"])
            self.assertEqual(Capture.objects.count(), 1)

    def test_an_encrypted_message_is_opened_only_with_its_signature_and_account(self):
        for app_id, sign, status in (("wx2", True, 403), ("wx1", False, 403), ("wx1", True, 200)):
            text = sealed(TEXT.format("Secret", "9"), self.key, app_id)
            parts = sorted([self.token, "1700000000", "n", text])
            signed = hashlib.sha1("".join(parts).encode()).hexdigest() if sign else "x"
            body = f"<xml><Encrypt><![CDATA[{text}]]></Encrypt></xml>"
            self.assertEqual(self.post(body, msg_signature=signed).status_code, status)
        with self.inside():
            self.assertEqual([one.values["message"] for one in Capture.objects.all()], ["Secret"])


class Mail(BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.inlet = inlets.save_inlet(inlet=None, actor=self.admin, kind="mail", name="Sales")
            self.address = inlets.path_of(self.inlet)

    def post(self, raw=MAIL):
        return self.client.post(self.address, raw, content_type="message/rfc822")

    def test_a_strangers_message_waits_once(self):
        self.assertEqual([self.post().status_code for _twice in range(2)], [200, 200])
        self.post(b"Auto-Submitted: auto-replied\n" + MAIL)
        with self.inside():
            (waiting,) = Capture.objects.all()
            self.assertEqual(waiting.values["message"], "报价\n\nHello & welcome\nTwo")
            self.assertEqual((waiting.values["name"], waiting.source), ("李雷", "Sales"))

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=2_000)
    def test_odd_signs_a_wrong_clock_and_attachments_lose_no_message(self):
        for odd in (
            b"Subject: ze\0ro\n\n\0hello",
            b"Subject: \xb1\xa8\xbc\xdb\n\nraw GB18030 in a header",
            b"Subject: far\nDate: Fri, 31 Dec 9999 23:59:59 -1400\n\nhello",
            b"Subject: large\n\n" + b"y" * 3_000,
        ):
            with self.subTest(odd[:20]):
                self.assertEqual(self.post(b"From: a@odd.example\n" + odd).status_code, 200)
        with self.inside():
            self.assertEqual(Capture.objects.count(), 4)
            self.assertFalse(Capture.objects.filter(received_at__gt=timezone.now()).exists())

    def test_a_known_contacts_message_stands_on_the_timeline(self):
        with self.inside():
            known = create_customer(actor=None, name="Harbour")
            person = create_contact(customer=known, actor=None, name="Lei", email="lei@harbour.example")
        with TemporaryDirectory() as folder:
            file = Path(folder) / "one.eml"
            file.write_bytes(MAIL)
            for _twice in range(2):
                call_command("receive_mail", str(file), "--tenant", self.acme.slug, stdout=StringIO())
        with self.inside():
            (said,) = Interaction.objects.all()
            self.assertEqual((said.customer, said.contact, said.kind, said.direction),
                             (known, person, "email", "in"))  # fmt: skip
            self.assertFalse(Capture.objects.exists())
