import re
from datetime import UTC, date, datetime

import icalendar
from django.conf import settings
from django.test import SimpleTestCase

from crm.icalendar import WIDTH, Day, calendar
from crm.models import CalendarFeed
from crm.tenancy import tokens
from customers.services.calendar import REFRESH
from customers.services.follow_ups import complete_follow_up, move_follow_up
from tests import factories as make
from tests.cases import BrowserTestCase

# Half past midnight of the 16th in Shanghai.
DUE = datetime(2026, 5, 15, 16, 30, tzinfo=UTC)


class Writing(SimpleTestCase):
    """RFC 5545, sections 3.1 and 3.3.11."""

    def lines(self, **words):
        given = {"title": "T", "text": "X", "url": "https://a.example/", **words}
        day = Day(uid="1@a", on=DUE.date(), made_at=DUE, sequence=0, **given)
        return calendar("C", [day], refresh=REFRESH).split(b"\r\n")

    def test_no_words_begin_a_line_of_their_own(self):
        lines = self.lines(title="a,b;c\\d\r\nEND:VEVENT\x00", text="one\rtwo")
        self.assertIn(b"SUMMARY:a\\,b\\;c\\\\d\\nEND:VEVENT", lines)
        self.assertIn(b"DESCRIPTION:one\\ntwo", lines)
        self.assertEqual(lines.count(b"END:VEVENT"), 1)

    def test_long_lines_are_folded_between_characters(self):
        for title in ("x" * 300, "跟进" * 80, "a" + "é" * 200):
            lines = self.lines(title=title)
            self.assertLessEqual(max(map(len, lines)), WIDTH)
            whole = b"\r\n".join(lines).replace(b"\r\n ", b"").decode()  # each piece was whole UTF-8
            self.assertIn(f"SUMMARY:{title}\r\n", whole)
            for line in lines:
                line.decode()


class Feed(BrowserTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.acme.timezone = "Asia/Shanghai"
        cls.acme.save()

    def setUp(self):
        with self.inside():
            customer = make.customer(
                name="Müller", owner=self.alice, phone="+4989123456", email="m@m.example"
            )
            self.follow_up = make.follow_up(self.alice, customer=customer, due_at=DUE, subject="Call")
            make.follow_up(self.lead, customer=customer, due_at=DUE, subject="Of the lead")
        self.sign_in(self.alice)
        self.address = self.made()
        self.client.logout()

    def made(self):
        page = self.client.post("/calendar/make/", headers={"HX-Request": "true"}).content.decode()
        return re.search(rf'value="{settings.PUBLIC_URL}(/calendar/cal_[^"]+\.ics)"', page)[1]

    def read(self, **headers):
        return self.client.get(self.address, headers=headers)

    def events(self):
        text = self.read().content.decode().replace("\r\n ", "")
        return [
            {line.partition(":")[0]: line.partition(":")[2] for line in part.split("\r\n")}
            for part in text.split("BEGIN:VEVENT")[1:]
        ]

    def test_shows_ones_own_open_follow_ups_on_their_days(self):
        (event,) = self.events()
        self.assertEqual(event["UID"], f"{self.follow_up.pk}@127.0.0.1")
        self.assertEqual(event["SUMMARY"], "Call – Müller")
        self.assertEqual((event["DTSTART;VALUE=DATE"], event["DTEND;VALUE=DATE"]), ("20260516", "20260517"))
        self.assertNotRegex(self.read().content, rb"123456|m@m")

    def test_an_independent_reader_finds_the_same(self):
        words = "a,b;c\\d\nEND:VEVENT “跟进” " + "é" * 90
        with self.inside():
            customer = self.follow_up.customer
            make.follow_up(self.alice, customer=customer, due_at=DUE, subject=words[:60], reason=words)
        feed = icalendar.Calendar.from_ical(self.read().content)
        self.assertEqual((str(feed["VERSION"]), feed["REFRESH-INTERVAL"].dt), ("2.0", REFRESH))
        one, two = sorted(feed.walk("VEVENT"), key=lambda event: str(event["SUMMARY"]) != "Call – Müller")
        self.assertEqual(str(one["UID"]), f"{self.follow_up.pk}@127.0.0.1")
        for event in (one, two):
            self.assertEqual((event["DTSTART"].dt, event["DTEND"].dt), (date(2026, 5, 16), date(2026, 5, 17)))
            self.assertEqual(event.errors, [])
        self.assertEqual(str(two["SUMMARY"]), f"{words[:60]} – Müller")
        self.assertIn(words, str(two["DESCRIPTION"]))

    def test_a_move_keeps_the_event_and_what_is_done_goes(self):
        before = self.events()[0]
        with self.inside():
            move_follow_up(
                follow_up=self.follow_up, due_at=DUE.replace(day=20), because="ill", actor=self.alice
            )
        (after,) = self.events()
        self.assertEqual((after["UID"], after["DTSTART;VALUE=DATE"]), (before["UID"], "20260521"))
        self.assertGreater(int(after["SEQUENCE"]), int(before["SEQUENCE"]))
        with self.inside():
            complete_follow_up(follow_up=self.follow_up, actor=self.alice)
        self.assertEqual(self.events(), [])

    def test_who_has_read_it_as_it_is_gets_nothing_new(self):
        first = self.read()
        self.assertEqual(first["Content-Type"], "text/calendar; charset=utf-8")
        for header, value in (
            ("If-None-Match", first["ETag"]),
            ("If-Modified-Since", first["Last-Modified"]),
        ):
            answer = self.read(**{header: value})
            self.assertEqual((answer.status_code, answer.content), (304, b""))
        with self.inside():
            complete_follow_up(follow_up=self.follow_up, actor=self.alice)
        self.assertEqual(self.read(**{"If-None-Match": first["ETag"]}).status_code, 200)

    def test_ends_when_it_is_made_anew_or_revoked_or_the_member_leaves(self):
        self.sign_in(self.alice)
        old, self.address = self.address, self.made()
        self.assertEqual([self.client.get(a).status_code for a in (old, self.address)], [404, 200])
        self.assertNotContains(self.client.get("/calendar/"), "cal_")
        with self.inside():
            self.alice.active = False
            self.alice.save()
        self.client.logout()
        self.assertEqual(self.read().status_code, 404)
        with self.inside():
            self.alice.active = True
            self.alice.save()
        self.sign_in(self.alice)
        self.client.post("/calendar/revoke/")
        self.assertEqual(self.read().status_code, 404)

    def test_the_secret_is_kept_as_a_hash_and_opens_no_other_company(self):
        token = self.address.removeprefix("/calendar/").removesuffix(".ics")
        with self.inside():
            feed = CalendarFeed.objects.get()
            self.assertEqual(feed.secret_hash, tokens.parse(token, "cal").hash)
        foreign = token.replace(self.acme.pk.hex, self.other.pk.hex)
        self.assertEqual(self.client.get(f"/calendar/{foreign}.ics").status_code, 404)
