import json
from datetime import timedelta
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from crm.people.roles import Visibility
from customers import timeline
from customers.models import Contact, Customer, FollowUp, Interaction
from customers.services import contacts, follow_ups
from customers.services import customers as services
from tests import factories as make
from tests.cases import BrowserTestCase


def url(name, *args, **query):
    return reverse(f"customers:{name}", args=args)


class Record(BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.customer = services.create_customer(
                actor=self.alice, name="Nordwind", owner=self.alice, city="Bern"
            )
        self.client = self.sign_in(self.alice)

    def fresh(self):
        with self.inside():
            return Customer.objects.select_related("owner").get(pk=self.customer.pk)

    def form(self, **changes):
        return {
            "kind": "company",
            "name": "Nordwind",
            "owner": str(self.alice.pk),
            "city": "Bern",
            "version": "1",
            **changes,
        }

    def test_the_page_shows_what_happened_and_what_is_next(self):
        with self.inside():
            make.interaction(customer=self.customer, author=self.alice, text="Spoke of winter tyres")
            make.purchase(customer=self.customer, order_no="SO-1", amount=123_456)
            follow_ups.schedule_follow_up(
                customer=self.customer,
                owner=self.alice,
                subject="Send tyres",
                due_at=timezone.now(),
                actor=self.alice,
            )
        page = self.client.get(url("record", self.customer.pk))
        for text in (
            "Nordwind",
            "Send tyres",
            url("timeline", self.customer.pk),
            url("beside", self.customer.pk),
        ):
            self.assertContains(page, text)
        for part, texts in {
            "timeline": ("Spoke of winter tyres", "SO-1"),
            "beside": ("SO-1", "$1,234.56", "Tickets"),
            "work": ("Nordwind", "Spoke of winter tyres", "SO-1", "$1,234.56", "Send tyres"),
        }.items():
            for text in texts:
                self.assertContains(self.client.get(url(part, self.customer.pk)), text)
        self.assertNotContains(
            self.client.get(url("timeline", self.customer.pk) + "?kind=purchase"), "winter tyres"
        )
        self.assertContains(self.client.get(url("record", self.customer.pk) + "?tab=purchases"), "SO-1")

    def test_the_composer_logs_and_promises_in_one_go(self):
        answer = self.client.post(
            url("log", self.customer.pk),
            {"kind": "visit", "text": "Saw the yard", "next_subject": "Offer", "next_on": "2030-05-06"},
        )
        self.assertEqual(answer.status_code, 204)
        self.assertIn("customer-changed", json.loads(answer["HX-Trigger"]))
        with self.inside():
            self.assertEqual(Interaction.objects.get().kind, "visit")
            self.assertEqual(FollowUp.objects.get().due_at.date().isoformat(), "2030-05-06")

    def test_a_next_step_without_its_day_is_refused_and_keeps_what_was_typed(self):
        answer = self.client.post(
            url("log", self.customer.pk),
            {"kind": "call", "text": "Hello", "next_subject": "Offer"},
            headers={"HX-Request": "true", "HX-Target": "composer"},
        )
        self.assertContains(answer, "Hello", status_code=422)
        self.assertContains(answer, "By which day?", status_code=422)
        with self.inside():
            self.assertFalse(Interaction.objects.exists())

    def test_promises_are_kept_moved_and_skipped(self):
        with self.inside():
            kept, moved, skipped = [
                make.follow_up(self.alice, customer=self.customer, subject=subject)
                for subject in ("a", "b", "c")
            ]
        self.client.post(url("complete", kept.pk) + "?at_once")
        self.client.post(url("move", moved.pk), {"on": "2031-01-02", "because": "Holiday", "version": "1"})
        self.assertEqual(self.client.post(url("skip", skipped.pk), {}).status_code, 422)
        self.client.post(url("skip", skipped.pk), {"because": "No need"})
        with self.inside():
            outcomes = dict(FollowUp.objects.values_list("subject", "outcome"))
            self.assertEqual(outcomes, {"a": "done", "b": "", "c": "skipped"})
            self.assertEqual(FollowUp.objects.get(subject="b").moved_because, "Holiday")

    def test_a_form_with_an_error_says_where(self):
        answer = self.client.post(url("edit", self.customer.pk), self.form(name=""))
        self.assertContains(answer, "is-invalid", status_code=422)
        self.assertEqual(self.fresh().name, "Nordwind")

    def test_what_two_changed_apart_is_both_kept(self):
        with self.inside():
            services.update_customer(customer=self.fresh(), actor=self.lead, region="BE")
        self.assertEqual(
            self.client.post(url("edit", self.customer.pk), self.form(city="Thun", region="")).status_code,
            204,
        )
        self.assertEqual((self.fresh().city, self.fresh().region), ("Thun", "BE"))

    def test_what_two_changed_alike_is_asked(self):
        with self.inside():
            services.update_customer(customer=self.fresh(), actor=self.lead, city="Biel")
        answer = self.client.post(url("edit", self.customer.pk), self.form(city="Thun"))
        for text in ("Bern", "Biel", "Thun", 'value="2"'):
            self.assertContains(answer, text, status_code=422)
        self.assertEqual(self.fresh().city, "Biel")
        self.client.post(url("edit", self.customer.pk), self.form(city="Thun", version="2"))
        self.assertEqual(self.fresh().city, "Thun")

    def test_one_like_it_is_told_before_it_is_made(self):
        answer = self.client.post(url("new"), self.form(name="NORDWIND "))
        self.assertContains(answer, "This may be here already", status_code=422)
        answer = self.client.post(url("new"), self.form(name="NORDWIND ", anyway="1"))
        self.assertEqual(answer.status_code, 204)
        with self.inside():
            self.assertEqual(Customer.objects.count(), 2)

    def test_the_history_says_who_changed_what_from_what_to_what(self):
        self.client.post(url("edit", self.customer.pk), self.form(city="Thun", owner=str(self.lead.pk)))
        page = self.client.get(url("record", self.customer.pk) + "?tab=history")
        for text in ("Alice", "<del>Bern</del> → Thun", "<del>Alice</del> → Leo Lead", "Created"):
            self.assertContains(page, text)
        self.assertContains(self.client.get(url("timeline", self.customer.pk)), "Handed over to Leo Lead")

    def test_deleted_and_restored(self):
        answer = self.client.post(url("delete", self.customer.pk))
        self.assertEqual(answer["HX-Redirect"], reverse("customers:list"))
        self.assertContains(self.client.get(url("record", self.customer.pk)), "Restore")
        self.client.post(url("restore", self.customer.pk))
        self.assertIsNone(self.fresh().deleted_at)

    def test_people_are_added_changed_and_removed(self):
        self.client.post(url("add-contact", self.customer.pk), {"name": "Ann", "role": "decides"})
        with self.inside():
            ann = Contact.objects.get()
        self.client.post(url("edit-contact", ann.pk), {"name": "Anna", "role": "pays", "version": "1"})
        with self.inside():
            self.assertEqual(Contact.objects.get().name, "Anna")
        self.client.post(url("delete-contact", ann.pk))
        with self.inside():
            self.assertFalse(Contact.objects.exists())

    def test_what_two_changed_of_a_person_is_asked(self):
        with self.inside():
            ann = make.contact(customer=self.customer, name="Ann", job_title="Buyer")
            contacts.update_contact(contact=ann, actor=self.lead, job_title="Head of buying")
        typed = {"name": "Ann", "role": ann.role, "job_title": "Engineer", "version": "1"}
        answer = self.client.post(url("edit-contact", ann.pk), typed)
        for text in ("Buyer", "Head of buying", "Engineer", 'value="2"'):
            self.assertContains(answer, text, status_code=422)
        self.client.post(url("edit-contact", ann.pk), typed | {"version": "2"})
        with self.inside():
            self.assertEqual(
                (Contact.objects.get().job_title, Contact.objects.get().version), ("Engineer", 3)
            )

    def test_absent_foreign_and_hidden_look_the_same(self):
        with self.inside():
            follow_up = make.follow_up(self.alice, customer=self.customer)
            contact = make.contact(customer=self.customer)
            type(self.lead).objects.filter(pk=self.lead.pk).update(visibility=Visibility.OWN)
        for member, record in (
            (self.alice, uuid4()),
            (self.mallory, self.customer.pk),
            (self.lead, self.customer.pk),
        ):
            client = self.sign_in(member)
            for name in ("record", "work", "beside", "timeline", "log", "edit", "schedule", "add-contact"):
                self.assertEqual(client.get(url(name, record)).status_code, 404, name)
            for name in ("delete", "restore", "review"):
                self.assertEqual(client.post(url(name, record)).status_code, 404, name)
        client = self.sign_in(self.mallory)
        for name, pk in (
            ("complete", follow_up.pk),
            ("move", follow_up.pk),
            ("skip", follow_up.pk),
            ("edit-contact", contact.pk),
        ):
            self.assertEqual(client.post(url(name, pk), {"because": "x", "name": "x"}).status_code, 404, name)
        with self.inside():
            self.assertTrue(FollowUp.objects.open().filter(pk=follow_up.pk).exists())

    def test_older_entries_follow(self):
        with self.inside():
            for days in range(35):
                make.interaction(
                    customer=self.customer,
                    text=f"day {days}.",
                    happened_at=timezone.now() - timedelta(days=days),
                )
        page = self.client.get(url("timeline", self.customer.pk)).content.decode()
        self.assertIn("day 0.", page)
        self.assertNotIn("day 33.", page)
        older = page.split('timeline-more"')[1].split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
        self.assertContains(self.client.get(older), "day 33.")

    def test_what_happened_at_one_moment_is_not_parted_by_a_page(self):
        at = timezone.now() - timedelta(days=1)
        with self.inside():
            for number in range(4):
                make.interaction(customer=self.customer, text=f"{number}", happened_at=at)
            make.interaction(customer=self.customer, text="newer", happened_at=at + timedelta(hours=1))
            make.interaction(customer=self.customer, text="older", happened_at=at - timedelta(hours=1))
            pages, before = [], None
            for _page in range(3):
                found, before = timeline.page_of(self.customer, before=before, most=2, kind="interaction")
                pages.append({entry.text for entry in found})
        self.assertEqual((pages, before), ([{"newer"}, {"0", "1", "2", "3"}, {"older"}], None))

    def test_no_moment_is_made_of_an_address_that_names_none(self):
        for text in ("2026-13-01T00:00", "2026-01-01T00:00", "x"):
            self.assertEqual(
                self.client.get(url("timeline", self.customer.pk), {"before": text}).status_code, 200
            )
