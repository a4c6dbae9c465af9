"""The past of people and tickets: the page, how they stood at a moment, a value put back, and who may see it."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from crm.models import AuditEntry
from customers.models import Contact
from customers.services.contacts import create_contact, delete_contact, update_contact
from customers.services.customers import delete_customer
from customers.services.privacy.erasing import erase_person
from feedback.models import Ticket
from feedback.services.tickets import answer_ticket, change_ticket, open_ticket, resolve_ticket
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase


def entry_of(record, column):
    changed = AuditEntry.objects.about(record).filter(kind="update", after__has_key=column)
    return changed.order_by("-at", "-id").first()


class PastPages(ApiTestCase, BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.mill = make.customer(name="Mill", owner=self.alice)
            self.ann = create_contact(
                customer=self.mill, actor=self.alice, name="Ann", email="ann@mill.example", job_title="Buyer"
            )
            self.ticket = open_ticket(
                customer=self.mill, subject="Leak", description="It drips", actor=self.alice
            )
            self.before = timezone.now()
            self.ann = update_contact(
                contact=self.ann, actor=self.alice, job_title="Engineer", email="new@mill.example"
            )
            self.ticket = change_ticket(
                ticket=self.ticket, actor=self.alice, subject="Flood", urgency=3, impact=3, owner=self.lead
            )
        self.kinds = {
            "contact": (self.ann, "customers:contact", "customers:restore-value", "job_title"),
            "ticket": (self.ticket, "feedback:ticket", "feedback:restore-ticket-value", "subject"),
        }

    def stood(self, browser, kind, at=None):
        record, names, *_ = self.kinds[kind]
        at = timezone.localtime(at or self.before).strftime("%Y-%m-%dT%H:%M:%S.%f")
        return browser.get(reverse(f"{names}-as-of", args=[record.pk]), {"at": at})

    def test_who_changed_what(self):
        browser = self.sign_in(self.alice)
        page = browser.get(reverse("customers:contact-past", args=[self.ann.pk]))
        self.assertContains(page, "<del>Buyer</del> → Engineer")
        self.assertContains(page, "<del>ann@mill.example</del> → new@mill.example")
        page = browser.get(reverse("feedback:ticket-past", args=[self.ticket.pk]))
        for change in (
            "<del>Leak</del> → Flood",
            "<del>Medium</del> → High",
            "<del>Normal</del> → Urgent",
            "<del>Alice</del> → Leo Lead",
        ):
            self.assertContains(page, change)
        for said in ("Version", "ticket changed", "ticket opened"):
            self.assertNotContains(page, said)

    def test_a_value_is_put_back_from_the_page(self):
        browser = self.sign_in(self.alice)
        for record, names, restore, column in self.kinds.values():
            with self.subTest(names):
                with self.inside():
                    entry = entry_of(record, column)
                    was = entry.before[column]
                address = reverse(restore, args=[entry.pk, column])
                self.assertContains(browser.get(reverse(f"{names}-past", args=[record.pk])), address)
                self.assertContains(browser.get(address), f"→ {was}")
                self.assertEqual(browser.post(address, {"version": record.version}).status_code, 204)
                with self.inside():
                    record.refresh_from_db()
                self.assertEqual(getattr(record, column), was)
                # What was put back is a change of its own: the first entry now stands behind another.
                self.assertEqual(browser.post(address, {"version": record.version}).status_code, 422)

    def test_what_only_a_deed_changes_is_told_and_not_put_back(self):
        with self.inside():
            answer_ticket(ticket=self.ticket, actor=self.alice, text="We come")
            resolve_ticket(ticket=self.ticket, actor=self.alice, resolution="New pipe")
            entry = entry_of(self.ticket, "resolution")
        browser = self.sign_in(self.alice)
        page = browser.get(reverse("feedback:ticket-past", args=[self.ticket.pk]))
        self.assertContains(page, "New pipe")
        address = reverse("feedback:restore-ticket-value", args=[entry.pk, "resolution"])
        self.assertNotContains(page, address)
        self.assertEqual(browser.post(address, {"version": self.ticket.version}).status_code, 422)
        with self.inside():
            self.assertEqual(Ticket.objects.get().resolution, "New pipe")

    def test_as_they_stood(self):
        browser = self.sign_in(self.alice)
        for kind, then, now in (("contact", "Buyer", "Engineer"), ("ticket", "Leak", "Flood")):
            page = self.stood(browser, kind)
            self.assertContains(page, f">{then}</td>")
            self.assertContains(page, f">{now}</td>")
            page = self.stood(browser, kind, self.before - timedelta(days=1))
            self.assertContains(page, "It did not exist yet.")
            record, names, *_ = self.kinds[kind]
            wrong = browser.get(reverse(f"{names}-as-of", args=[record.pk]), {"at": "noon"})
            self.assertEqual(wrong.status_code, 422)

    def test_whoever_sees_masks_sees_them_in_the_past(self):
        browser = self.sign_in(self.reader)
        for page in (
            browser.get(reverse("customers:contact-past", args=[self.ann.pk])),
            self.stood(browser, "contact"),
        ):
            self.assertContains(page, "a•••@•••")
            self.assertNotContains(page, "mill.example")
            self.assertNotContains(page, "Put this value back")
        with self.inside():
            entry = entry_of(self.ann, "email")
        address = reverse("customers:restore-value", args=[entry.pk, "email"])
        self.assertEqual(browser.post(address, {"version": self.ann.version}).status_code, 403)

    def test_not_found_for_others(self):
        with self.inside():
            self.alice.visibility = "own"
            self.alice.save()
            self.mill.owner = self.admin
            self.mill.save()
        for member in (self.mallory, self.alice):
            browser = self.sign_in(member)
            for kind, (record, names, restore, column) in self.kinds.items():
                with self.subTest(kind, member=member.display_name):
                    with self.inside():
                        entry = entry_of(record, column)
                    page = browser.get(reverse(f"{names}-past", args=[record.pk]))
                    back = browser.post(reverse(restore, args=[entry.pk, column]), {"version": 2})
                    self.assertEqual(
                        (page.status_code, self.stood(browser, kind).status_code, back.status_code),
                        (404, 404, 404),
                    )
        with self.inside():
            self.assertEqual(Contact.objects.get().job_title, "Engineer")
            self.assertEqual(Ticket.objects.get().subject, "Flood")

    def test_an_entry_of_one_kind_does_not_open_another(self):
        with self.inside():
            entry = entry_of(self.ann, "job_title")
        address = reverse("feedback:restore-ticket-value", args=[entry.pk, "job_title"])
        self.assertEqual(self.sign_in(self.alice).get(address).status_code, 404)

    def test_the_past_of_who_was_erased_or_removed_is_gone(self):
        with self.inside():
            erase_person(person=self.ann, reason="Asked", actor=self.admin)
            left = create_contact(customer=self.mill, actor=None, name="Left")
            delete_contact(contact=left, actor=None)
        browser = self.sign_in(self.admin)
        for pk in (self.ann.pk, left.pk):
            for name in ("contact-past", "contact-as-of"):
                self.assertEqual(browser.get(reverse(f"customers:{name}", args=[pk])).status_code, 404)

    def test_a_ticket_of_a_deleted_customer_has_no_page(self):
        with self.inside():
            delete_customer(customer=self.mill, actor=self.admin)
        browser = self.sign_in(self.admin)
        past = browser.get(reverse("feedback:ticket-past", args=[self.ticket.pk]))
        self.assertEqual(past.status_code, 404)

    def test_of_a_ticket_over_the_api(self):
        key, place = self.key_of(self.alice), f"tickets/{self.ticket.pk}"
        at = self.before.isoformat().replace("+", "%2B")
        then = self.call("GET", f"{place}/as-of?at={at}", key=key).json()
        self.assertEqual((then["existed"], then["values"]["subject"]), (True, "Leak"))
        with self.inside():
            entry = entry_of(self.ticket, "urgency")
        body = {"entry": str(entry.pk), "field": "urgency"}
        back = self.call("POST", f"{place}/restore-value", body, key=key)
        self.assertEqual((back.status_code, back.json()["urgency"], back.json()["priority"]), (200, 2, 3))
        again = self.call("POST", f"{place}/restore-value", body, key=key)
        self.assertEqual((again.status_code, again.json()["code"]), (409, "changed_since"))
        fixed = self.call("POST", f"{place}/restore-value", {**body, "field": "priority"}, key=key)
        self.assertEqual((fixed.status_code, fixed.json()["code"]), (400, "not_restorable"))
        for member, status in ((self.reader, 403), (self.mallory, 404)):
            other = self.call("POST", f"{place}/restore-value", body, key=self.key_of(member))
            self.assertEqual(other.status_code, status)
