"""What is done to many follow-ups at once, and taken back: from the page, over the API, in the background."""

import json
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from crm.models import Job, Notification
from crm.services import jobs
from crm.services.notifications import mark_read
from crm.tenancy.context import tenant_context
from customers.models import CustomerStats, FollowUp, Interaction
from customers.services.follow_ups import reassign_follow_up, refresh_next_step
from customers.services.many import running
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, CommittedTestCase


def images():
    """All follow-ups as they stand, and what the customers' figures say of them."""
    rows = FollowUp.objects.order_by("pk").values()
    figures = CustomerStats.objects.order_by("pk").values_list("pk", "next_follow_up_at", "last_contact_at")
    return [{**row, "version": 0} for row in rows], list(figures), Interaction.objects.count()


class ManyFollowUps(BrowserTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        now = timezone.now()
        with cls.inside(cls):
            mill = make.customer(name="Mill", owner=cls.alice)
            cls.rows = [
                make.follow_up(cls.alice, subject=f"F{n}", customer=mill, due_at=now + timedelta(days=n))
                for n in range(3)
            ]
            cls.foreign = make.follow_up(
                cls.admin, subject="Foreign", customer=make.customer(owner=cls.admin)
            )
            refresh_next_step([mill.pk, cls.foreign.customer_id])

    def address(self, kind, *rows, **query):
        chosen = "&".join([*(f"ids={row.pk}" for row in rows), *(f"{k}={v}" for k, v in query.items())])
        return f"{reverse('customers:change-follow-ups', args=[kind])}?{chosen}"

    def test_every_deed_and_back_leaves_all_as_it_was(self):
        client = self.sign_in(self.alice)
        deeds = {
            "hand_over": ({"owner": str(self.lead.pk)}, {"owner_id": self.lead.pk}),
            "move": ({"on": "2031-05-06", "because": "Fair"}, {"moved_because": "Fair"}),
            "complete": (
                {"kind": "visit", "result": "Met"},
                {"outcome": "done", "interaction__kind": "visit"},
            ),
            "skip": ({"because": "Closed"}, {"outcome": "skipped", "result": "Closed"}),
        }
        for kind, (form, found) in deeds.items():
            with self.subTest(kind):
                with self.inside():
                    before = images()
                self.assertEqual(client.get(self.address(kind, *self.rows)).status_code, 200)
                answer = client.post(self.address(kind, *self.rows), form)
                toast = json.loads(answer["HX-Trigger"])["toast"]
                self.assertEqual(toast["message"], "3 follow-ups changed.")
                with self.inside():
                    self.assertEqual(FollowUp.objects.filter(**found).count(), 3)
                back = json.loads(client.post(toast["undo_url"])["HX-Trigger"])["toast"]
                self.assertEqual(back["message"], "3 records are as they were.")
                with self.inside():
                    self.assertEqual(images(), before)

    def test_what_others_changed_since_stays(self):
        client = self.sign_in(self.alice)
        answer = client.post(self.address("hand_over", *self.rows[:2]), {"owner": str(self.lead.pk)})
        with self.inside():
            reassign_follow_up(
                follow_up=FollowUp.objects.get(pk=self.rows[0].pk), owner=self.admin, actor=self.lead
            )
        undo = json.loads(answer["HX-Trigger"])["toast"]["undo_url"]
        self.assertEqual(self.sign_in(self.lead).post(undo).status_code, 404)
        told = json.loads(self.sign_in(self.alice).post(undo)["HX-Trigger"])["toast"]["message"]
        self.assertEqual(told, "1 record is as it was. 1 was changed since and keeps that.")
        with self.inside():
            owners = [FollowUp.objects.get(pk=row.pk).owner for row in self.rows[:2]]
        self.assertEqual(owners, [self.admin, self.alice])

    def test_one_handed_over_comes_back_with_its_next_step_gone(self):
        client = self.sign_in(self.alice)
        with self.inside():
            before = images()
        complete = reverse("customers:complete", args=[self.rows[0].pk])
        form = {"kind": "call", "result": "Ok", "next_subject": "Again", "next_on": "2031-01-01"}
        for address, given in (
            (complete, form),
            (reverse("customers:hand-over", args=[self.rows[0].pk]), {"owner": str(self.lead.pk)}),
        ):
            with self.inside():
                version = FollowUp.objects.get(pk=self.rows[0].pk).version
            done = client.post(address, given | {"version": version})
            client.post(json.loads(done["HX-Trigger"])["toast"]["undo_url"])
            with self.inside():
                self.assertEqual(images(), before)

    def notes(self, member):
        with self.inside():
            return [(note.title, note.url) for note in Notification.objects.filter(member=member)]

    def test_who_gets_them_hears_it_once_and_nothing_of_what_was_taken_back_unseen(self):
        client, mine = self.sign_in(self.alice), f"{reverse('maintenance:follow-ups')}?owner=me"

        def hand_over(*rows):
            answer = client.post(self.address("hand_over", *rows), {"owner": str(self.lead.pk)})
            return json.loads(answer["HX-Trigger"])["toast"]["undo_url"]

        undo = hand_over(*self.rows)
        self.assertEqual(self.notes(self.lead), [("3 follow-ups were handed to you by Alice", mine)])
        client.post(undo)
        self.assertEqual(self.notes(self.lead), [])
        undo = hand_over(*self.rows)
        with self.inside():
            follow_up = FollowUp.objects.get(pk=self.rows[0].pk)
            reassign_follow_up(follow_up=follow_up, owner=self.admin, actor=self.lead)
        client.post(undo)
        self.assertEqual(self.notes(self.lead), [("1 follow-up was handed to you by Alice", mine)])
        record = reverse("customers:record", args=[self.rows[0].customer_id])
        self.assertEqual(self.notes(self.admin), [("F0 was handed to you by Leo Lead", record)])
        undo = hand_over(*self.rows[1:])
        with self.inside():
            mark_read(member=self.lead, at=timezone.now())
        client.post(undo)
        self.assertEqual(self.notes(self.lead)[0][0], "Alice took 2 follow-ups back that were handed to you")

    def test_only_what_one_sees_and_may(self):
        with self.inside():
            self.alice.visibility = "own"
            self.alice.save()
        client, form = self.sign_in(self.alice), {"because": "No"}
        client.post(self.address("skip", self.foreign, self.rows[0]), form)
        client.post(self.address("skip", all=1, owner="me"), form)
        with self.inside():
            self.assertEqual(list(FollowUp.objects.open()), [self.foreign])
        bare = client.post(self.address("hand_over", self.rows[1]), {"owner": str(self.mallory.pk)})
        self.assertEqual(bare.status_code, 422)
        self.assertEqual(self.sign_in(self.reader).post(self.address("skip", all=1), form).status_code, 403)
        self.assertEqual(self.sign_in(self.admin).post(self.address("burn", all=1)).status_code, 404)


class InTheBackground(CommittedTestCase):
    key_of, call = ApiTestCase.key_of, ApiTestCase.call

    def run_job(self, answer):
        self.assertEqual(answer.status_code, 202, answer.content)
        jobs.run(tenant_id=self.acme.pk, job_id=answer.json()["id"])
        with tenant_context(self.acme.pk):
            return Job.objects.get(pk=answer.json()["id"])

    def test_over_the_api_in_batches_and_back(self):
        self.addCleanup(setattr, running, "BATCH", running.BATCH)
        running.BATCH = 2
        with tenant_context(self.acme.pk):
            customer = make.customer(owner=self.alice)
            for _each in range(3):
                make.follow_up(self.alice, customer=customer, due_at=timezone.now() - timedelta(days=1))
            refresh_next_step([customer.pk])
            before = images()
        key = self.key_of(self.alice)
        deed = {"deed": "complete", "values": {"result": "Called all"}, "query": "state=overdue&owner=me"}
        for body, status in (
            ({"deed": "burn", "query": ""}, 400),
            ({**deed, "query": "odd=1"}, 400),
            ({**deed, "ids": [str(self.team.pk)]}, 400),
        ):
            self.assertEqual(self.call("POST", "follow-ups/change-many", body, key=key).status_code, status)
        done = self.run_job(self.call("POST", "follow-ups/change-many", deed, key=key))
        self.assertEqual((done.state, done.progress, done.result), ("done", 3, {"records": 3}))
        with tenant_context(self.acme.pk):
            self.assertEqual(Interaction.objects.filter(text="Called all", kind="call").count(), 3)
        undone = self.run_job(self.call("POST", "follow-ups/undo-many", {"job": str(done.pk)}, key=key))
        self.assertEqual(undone.result, {"records": 3, "kept": [], "kept_count": 0})
        again = self.call("POST", "follow-ups/undo-many", {"job": str(done.pk)}, key=key)
        self.assertEqual((again.status_code, again.json()["code"]), (409, "already_undone"))
        with tenant_context(self.acme.pk):
            self.assertEqual(images(), before)
        handed = {**deed, "deed": "hand_over", "values": {"owner": str(self.lead.pk)}}
        self.run_job(self.call("POST", "follow-ups/change-many", handed, key=key))
        with tenant_context(self.acme.pk):
            (note,) = Notification.objects.filter(member=self.lead)
        self.assertEqual(note.title, "3 follow-ups were handed to you by Alice")
