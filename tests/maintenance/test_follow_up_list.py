"""The list of follow-ups: which are on it, in which order, what can be done with them, and its file."""

from datetime import date, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import SavedView
from customers.models import FollowUp
from customers.services.follow_ups import complete_follow_up, reassign_follow_up, skip_follow_up
from maintenance.models import PlannedFollowUp
from tests import factories as make
from tests.cases import BrowserTestCase


class FollowUpList(BrowserTestCase):
    address = "/maintenance/follow-ups/"

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        now = timezone.now()
        with cls.inside(cls):
            cls.harbour = make.customer(name="Harbour", owner=cls.alice, stats__class_code="key")
            cls.mill = make.customer(name="Mill", owner=cls.admin)
            cls.late = cls.promise(cls.alice, "Late call", cls.harbour, now - timedelta(days=2))
            cls.promise(cls.admin, "Far visit", cls.mill, now + timedelta(days=40))
            soon = cls.promise(cls.lead, "Next visit", cls.mill, now + timedelta(days=20))
            cls.plan = make.maintenance_plan(name="Visits")
            PlannedFollowUp.objects.create(
                plan=cls.plan, customer=cls.mill, period_on=date(2026, 4, 1), follow_up=soon
            )
            kept = cls.promise(cls.alice, "Kept one", cls.harbour, now)
            complete_follow_up(follow_up=kept, actor=cls.alice)
            let_go = cls.promise(cls.alice, "Let go", cls.harbour, now)
            skip_follow_up(follow_up=let_go, because="Moved away", actor=cls.alice)
            gone = make.customer(name="Gone", deleted_at=now)
            cls.promise(cls.admin, "Of a deleted one", gone, now)

    @staticmethod
    def promise(owner, subject, customer, due_at):
        return make.follow_up(owner, subject=subject, customer=customer, due_at=due_at)

    def page(self, member=None, **query):
        return self.sign_in(member or self.admin).get(self.address, query)

    def subjects(self, member=None, **query):
        return [row.subject for row in self.page(member, **query).context["listing"]["rows"]]

    def test_open_ones_by_the_day_and_closed_ones_by_their_closing(self):
        self.assertEqual(self.subjects(), ["Late call", "Next visit", "Far visit"])
        self.assertEqual(self.subjects(sort="-due"), ["Far visit", "Next visit", "Late call"])
        self.assertEqual(self.subjects(state="done"), ["Kept one"])
        self.assertEqual(self.subjects(state="skipped"), ["Let go"])

    def test_filters(self):
        for query, subjects in (
            ({"state": "overdue"}, ["Late call"]),
            ({"state": "odd"}, []),
            ({"owner": "me"}, ["Far visit"]),
            ({"owner": str(self.lead.pk)}, ["Next visit"]),
            ({"plan": str(self.plan.pk)}, ["Next visit"]),
            ({"plan": "odd"}, []),
            ({"origin": "person", "owner": "me"}, ["Far visit"]),
            ({"class": "key"}, ["Late call"]),
            ({"q": "VISIT"}, ["Next visit", "Far visit"]),
            ({"q": "harb"}, ["Late call"]),
        ):
            with self.subTest(query=query):
                self.assertEqual(self.subjects(**query), subjects)
        self.assertEqual(self.subjects(self.alice, owner="team"), ["Late call", "Next visit"])

    def test_this_week_is_what_is_still_to_do_in_it(self):
        with self.inside():
            now, days_left = timezone.localtime(), 6 - timezone.localdate().weekday()
            last = now.replace(hour=23, minute=59, second=59) + timedelta(days=days_left)
            self.promise(self.admin, "Sunday", self.mill, last)
            self.promise(self.admin, "Monday", self.mill, last + timedelta(seconds=2))
        self.assertEqual(self.subjects(state="week"), ["Sunday"])

    def test_tells_what_is_late_and_where_it_comes_from(self):
        page = self.page()
        self.assertContains(page, "2 days late", count=1)
        self.assertNotContains(page, "Overdue</span></td>")
        self.assertContains(self.page(cols="what.state"), "Overdue</span></td>", count=1)
        self.assertContains(page, '<td class="phone-hide" data-label="From">Visits</td>', count=1)

    def test_who_sees_less_sees_theirs_and_opens_no_foreign_record(self):
        with self.inside():
            for member, visibility in ((self.lead, "own"), (self.alice, "team"), (self.reader, "own")):
                member.visibility = visibility
                member.save()
        self.assertEqual(self.subjects(self.alice), ["Late call"])
        page = self.page(self.lead)
        self.assertContains(page, "Next visit")
        self.assertNotContains(page, reverse("customers:record", args=[self.mill.pk]))
        self.assertContains(self.page(self.reader), "Nothing is promised")

    def test_a_reader_may_look_and_not_act(self):
        hand_over = reverse("customers:hand-over", args=[self.late.pk])
        self.assertNotContains(self.page(self.reader), hand_over)
        self.assertEqual(self.client.post(hand_over, {"owner": self.admin.pk}).status_code, 403)

    def test_handed_over_to_another(self):
        client, hand_over = self.sign_in(self.alice), reverse("customers:hand-over", args=[self.late.pk])
        self.assertContains(client.get(hand_over), "Hand over: Late call")
        self.assertEqual(client.post(hand_over, {"owner": self.mallory.pk}).status_code, 422)
        self.assertEqual(client.post(hand_over, {"owner": self.lead.pk, "version": 1}).status_code, 204)
        with self.inside():
            self.assertEqual(FollowUp.objects.get(pk=self.late.pk).owner, self.lead)

    def test_two_who_move_or_hand_over_the_same_see_both(self):
        read = self.late.version
        with self.inside():
            reassign_follow_up(follow_up=self.late, owner=self.lead, actor=self.admin)
        client = self.sign_in(self.alice)
        hand_over, move = (reverse(f"customers:{way}", args=[self.late.pk]) for way in ("hand-over", "move"))
        refused = client.post(hand_over, {"owner": self.reader.pk, "version": read})
        for cell in ("<td>Alice</td>", "<td>Leo Lead</td>", "<td>Rita Reader</td>"):
            self.assertContains(refused, cell, status_code=422)
        # Another day takes nothing back of it.
        self.assertEqual(client.post(move, {"on": "2031-01-02", "version": read}).status_code, 204)
        refused = client.post(move, {"on": "2031-01-03", "version": read + 1})
        self.assertContains(refused, "Keep mine", status_code=422)
        self.assertContains(refused, "<td>Thu, 2 Jan 2031 17:00</td>", status_code=422)
        kept = client.post(move, {"on": "2031-01-03", "version": read + 2})
        self.assertEqual(kept.status_code, 204)
        with self.inside():
            found = FollowUp.objects.get(pk=self.late.pk)
        self.assertEqual((found.owner_id, timezone.localtime(found.due_at).day), (self.lead.pk, 3))

    def test_thirty_rows_take_no_more_queries_than_one(self):
        client, counts = self.sign_in(self.admin), []
        for many in (1, 30):
            with self.inside():
                for _each in range(many):
                    make.follow_up(make.member(), due_at=timezone.now())
            client.get(self.address)
            with CaptureQueriesContext(connection) as queries:
                client.get(self.address)
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])

    def test_a_view_keeps_the_filters(self):
        client = self.sign_in(self.alice)
        shown = {
            "HX-Request": "true",
            "HX-Current-URL": f"http://testserver{self.address}?state=overdue&owner=me",
        }
        named = {"name": "Mine late", "sharing": "private", "pinned": "on"}
        client.post(reverse("new-view", args=["follow-ups"]), named, headers=shown)
        with self.inside():
            self.assertEqual(SavedView.objects.get().filters, {"state": "overdue", "owner": "me"})
        self.assertContains(client.get(self.address), "Mine late")

    def test_the_file_holds_what_is_shown(self):
        export, how = (
            reverse("new-export", args=["follow-ups"]),
            {"what": "follow-ups:shown", "format": "csv"},
        )
        for query, subjects in (
            ("?owner=team", ["Late call", "Next visit"]),
            ("?state=done&view=all", ["Kept one"]),
        ):
            answer = self.sign_in(self.alice).post(f"{export}{query}", how)
            lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
            self.assertEqual([line.split(",")[2] for line in lines[1:]], subjects)

    def test_the_start_of_maintenance_leads_here(self):
        page = self.sign_in(self.alice).get(reverse("maintenance:home"))
        self.assertContains(page, f'{self.address}?owner=team"')
        self.assertContains(page, f"{self.address}?state=overdue&amp;owner=team")
