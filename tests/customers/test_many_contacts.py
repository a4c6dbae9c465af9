"""What is done to many people at once, and taken back: from the page, over the API, in the background."""

import json

from django.urls import reverse
from django.utils import timezone

from crm.models import Job
from crm.services import jobs
from crm.tenancy.context import tenant_context
from customers.models import Consent, Contact, ContactValue, Interaction
from customers.selectors.history import as_of
from customers.selectors.images import image_of
from customers.services.contacts import create_contact, update_contact
from customers.services.custom_fields import create_field
from customers.services.duplicates.merging import merge_customers, unmerge
from customers.services.many import running
from customers.services.privacy.erasing import erase_person
from feedback.models import Feedback
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, CommittedTestCase


def images():
    """All people as they stand, with their consents, their values and what speaks of them."""
    people = [{**row, "version": 0} for row in Contact.objects.order_by("pk").values()]
    values = ContactValue.objects.order_by("record", "field", "text").values_list("record", "field", "text")
    spoken = [
        list(kind.objects.order_by("pk").values_list("pk", "contact")) for kind in (Interaction, Feedback)
    ]
    return people, list(Consent.objects.order_by("pk").values()), list(values), spoken


class ManyContacts(BrowserTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        with cls.inside(cls):
            choices = [{"value": value, "label": value.title()} for value in ("golf", "wine")]
            create_field(
                record="contact",
                kind="multi_choice",
                label="Topics",
                key="topics",
                choices=choices,
                actor=None,
            )
            cls.mill = make.customer(name="Mill", owner=cls.alice)
            cls.wang, cls.ann = (
                create_contact(
                    customer=cls.mill, actor=None, name=name, email=email, phone="+44 20 7946 0958"
                )
                for name, email in (("王伟", "wang@mill.example"), ("Ann", "ann@mill.example"))
            )
            update_contact(contact=cls.wang, actor=None, custom={"topics": ["wine"]}, birthday="1980-02-03")
            cls.foreign = create_contact(customer=make.customer(owner=cls.admin), actor=None, name="Foreign")
            Consent.objects.create(
                customer=cls.mill, contact=cls.wang, channel="email", purpose="care", given=True, proof="Call"
            )
            make.interaction(customer=cls.mill, contact=cls.wang)
            Feedback.objects.create(customer=cls.mill, contact=cls.wang, text="Fine")

    def address(self, kind, *rows, **query):
        chosen = "&".join([*(f"ids={row.pk}" for row in rows), *(f"{k}={v}" for k, v in query.items())])
        return f"{reverse('customers:change-contacts', args=[kind])}?{chosen}"

    def test_every_deed_and_back_leaves_all_as_it_was(self):
        client, both = self.sign_in(self.alice), (self.wang, self.ann)
        deeds = {
            "edit": (
                {"role": "pays", "job_title": "CFO", "empty": ["language"]},
                {"job_title": "CFO"},
                "changed",
            ),
            "tag": ({"add": ["topics:golf"]}, {"custom__topics__contains": "golf"}, "changed"),
            "delete": ({}, {"name": "gone"}, "deleted"),
        }
        for kind, (form, found, word) in deeds.items():
            with self.subTest(kind):
                with self.inside():
                    before = images()
                self.assertEqual(client.get(self.address(kind, *both)).status_code, 200)
                toast = json.loads(client.post(self.address(kind, *both), form)["HX-Trigger"])["toast"]
                self.assertEqual(toast["message"], f"2 contacts {word}.")
                with self.inside():
                    self.assertEqual(Contact.objects.filter(**found).count(), 0 if kind == "delete" else 2)
                    self.assertEqual(Consent.objects.count(), 0 if kind == "delete" else 1)
                back = json.loads(client.post(toast["undo_url"])["HX-Trigger"])["toast"]
                self.assertEqual(back["message"], "2 records are as they were.")
                again = client.post(toast["undo_url"], headers={"HX-Request": "true"})
                self.assertContains(again, "This was already undone.", status_code=409)
                with self.inside():
                    self.assertEqual(images(), before)

    def test_one_removed_comes_back_with_its_past(self):
        client, before_all = self.sign_in(self.alice), timezone.now()
        with self.inside():
            before = images()
        answer = client.post(reverse("customers:delete-contact", args=[self.wang.pk]))
        undo = json.loads(answer["HX-Trigger"])["toast"]["undo_url"]
        self.assertEqual(self.sign_in(self.lead).post(undo).status_code, 404)
        self.sign_in(self.alice).post(undo)
        with self.inside():
            self.assertEqual(images(), before)
            self.assertTrue(as_of(self.wang, before_all, image_of(self.wang)).existed)

    def test_all_that_match_a_filter_nobody_knows_are_left_alone(self):
        answer = self.sign_in(self.admin).post(self.address("delete", all=1, nix="1"))
        self.assertEqual(answer.status_code, 400)
        self.assertContains(answer, "(nix)", status_code=400)
        with self.inside():
            self.assertTrue(Contact.objects.exists())

    def test_who_was_erased_stays_gone_and_a_new_first_contact_stays_first(self):
        with self.inside():
            gone = make.customer(name="Gone")
            create_contact(customer=gone, actor=None, name="Erased")
        client = self.sign_in(self.admin)
        answer = client.post(self.address("delete", all=1))
        undo = json.loads(answer["HX-Trigger"])["toast"]["undo_url"]
        with self.inside():
            erase_person(person=gone, reason="Asked", actor=self.lead)
            create_contact(customer=self.mill, actor=self.lead, name="New")
        client.post(undo)
        with self.inside():
            found = dict(Contact.objects.exclude(pk=self.foreign.pk).values_list("name", "primary"))
        self.assertEqual(found, {"New": True, "王伟": False, "Ann": False})

    def delete_all(self, client):
        toast = json.loads(client.post(self.address("delete", self.wang, self.ann))["HX-Trigger"])["toast"]
        return toast["undo_url"]

    def test_who_comes_back_after_a_merge_goes_along_and_back_with_it(self):
        client = self.sign_in(self.admin)
        with self.inside():
            before = images()
            works, group = make.customer(name="Works"), make.customer(name="Group")
        undo = self.delete_all(client)
        with self.inside():
            merges = [
                merge_customers(survivor=survivor, others=[other], actor=self.admin)
                for survivor, other in ((works, self.mill), (group, works))
            ]
        told = json.loads(client.post(undo)["HX-Trigger"])["toast"]["message"]
        self.assertEqual(told, "2 records are as they were.")
        with self.inside():
            both = Contact.objects.filter(pk__in=[self.wang.pk, self.ann.pk])
            self.assertEqual(set(both.values_list("customer", flat=True)), {group.pk})
            self.assertEqual(Consent.objects.get().customer_id, group.pk)
            for merge in reversed(merges):
                self.assertEqual(unmerge(merge=merge, actor=self.admin).kept, [])
            self.assertEqual(images(), before)

    def test_who_leads_by_now_leads_before_and_after_a_merge_is_undone(self):
        client = self.sign_in(self.admin)
        with self.inside():
            works = make.customer(name="Works")
            create_contact(customer=works, actor=None, name="Boss")
        undo = self.delete_all(client)
        with self.inside():
            create_contact(customer=self.mill, actor=None, name="New")
            merge = merge_customers(survivor=works, others=[self.mill], actor=self.admin)
        client.post(undo)
        with self.inside():
            first = Contact.objects.filter(primary=True).exclude(pk=self.foreign.pk)
            self.assertEqual(list(first.values_list("name", "customer__name")), [("Boss", "Works")])
            self.assertEqual(unmerge(merge=merge, actor=self.admin).kept, [])
            leads = set(first.values_list("name", "customer__name"))
            self.assertEqual(leads, {("Boss", "Works"), ("New", "Mill")})
            self.assertEqual(Contact.objects.filter(customer=self.mill).count(), 3)

    def test_who_came_back_before_a_merge_is_undone_stays_where_it_is(self):
        client = self.sign_in(self.admin)
        with self.inside():
            before, works = images(), make.customer(name="Works")
        undo = self.delete_all(client)
        with self.inside():
            unmerge(merge=merge_customers(survivor=works, others=[self.mill], actor=None), actor=None)
        client.post(undo)
        with self.inside():
            self.assertEqual(images(), before)

    def test_only_what_one_sees_and_may(self):
        with self.inside():
            self.alice.visibility = "own"
            self.alice.save()
            helper = make.member(role="after_sales")
        client = self.sign_in(self.alice)
        client.post(self.address("delete", self.foreign, self.ann))
        client.post(self.address("delete", all=1, role="other"))
        with self.inside():
            self.assertEqual(list(Contact.objects.all()), [self.foreign])
        listing = reverse("customers:contacts")
        for member, change, delete in ((helper, 200, 403), (self.reader, 403, 403), (self.admin, 200, 200)):
            client, page = self.sign_in(member), self.sign_in(member).get(listing)
            for kind, status in (("edit", change), ("delete", delete)):
                address = self.address(kind, all=1)
                self.assertEqual(client.get(address).status_code, status)
                self.assertEqual(address.split("?")[0] in page.content.decode(), status == 200)
        self.assertEqual(client.get(self.address("burn", all=1)).status_code, 404)


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
            helper = make.member(role="after_sales")
            customer = make.customer(owner=self.alice)
            for number in range(3):
                create_contact(customer=customer, actor=None, name=f"N{number}", role="pays")
            before = images()
        key = self.key_of(self.alice)
        deed = {"deed": "delete", "query": "role=pays"}
        for body, status, by in (
            ({"deed": "burn", "query": ""}, 400, key),
            ({"deed": "edit", "values": {"name": "Same"}, "query": ""}, 400, key),
            ({"deed": "delete", "ids": [str(self.team.pk)]}, 400, key),
            (deed, 403, self.key_of(helper)),
        ):
            self.assertEqual(self.call("POST", "contacts/change-many", body, key=by).status_code, status)
        done = self.run_job(self.call("POST", "contacts/change-many", deed, key=key))
        self.assertEqual((done.state, done.progress, done.result), ("done", 3, {"records": 3}))
        with tenant_context(self.acme.pk):
            self.assertFalse(Contact.objects.exists())
        undone = self.run_job(self.call("POST", "contacts/undo-many", {"job": str(done.pk)}, key=key))
        self.assertEqual(undone.result, {"records": 3, "kept": [], "kept_count": 0})
        again = self.call("POST", "contacts/undo-many", {"job": str(done.pk)}, key=key)
        self.assertEqual((again.status_code, again.json()["code"]), (409, "already_undone"))
        with tenant_context(self.acme.pk):
            self.assertEqual(images(), before)
