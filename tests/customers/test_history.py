"""The past of a record: as it stood, what stood there put back, and why one sees it."""

from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from crm.models import AuditEntry
from customers.errors import ChangedSince, NotRestorable, WentAway
from customers.models import Customer
from customers.selectors.history import as_of
from customers.selectors.images import image_of
from customers.selectors.seeing import reasons_to_see
from customers.services.contacts import create_contact, update_contact
from customers.services.customers import create_customer, update_customer
from customers.services.restoring import restore_value
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, TenantTestCase


def entry_of(record, column):
    about = AuditEntry.objects.about(record).filter(kind="update", after__has_key=column)
    return about.order_by("-at", "-id").first()


class Past(TenantTestCase):
    def setUp(self):
        super().setUp()
        make.custom_field("number", "seats")
        self.customer = create_customer(
            name="Harbour", city="Bath", owner=self.alice, custom={"seats": 5}, actor=self.admin
        )

    def change(self, **fields):
        self.customer = update_customer(customer=Customer.objects.get(), actor=self.alice, **fields)

    def test_as_it_stood(self):
        first = timezone.now()
        self.change(city="York", custom={"seats": 7}, language="zh-hans")
        self.change(city="", owner=self.lead)
        then = as_of(self.customer, first, image_of(self.customer))
        told = {fact.label: (fact.then, fact.now) for fact in then.facts if fact.differs}
        self.assertEqual(told.pop("Language"), ("", "简体中文"))
        self.assertEqual(told, {"City": ("Bath", ""), "Owner": ("Alice", "Leo Lead"), "Seats": ("5", "7")})
        self.assertFalse(as_of(self.customer, first - timedelta(1), image_of(self.customer)).existed)

    def test_a_value_goes_back_through_the_service(self):
        self.change(city="York", custom={"seats": 7}, owner=self.lead)
        for column in ("city", "custom.seats", "owner_id"):
            entry = entry_of(self.customer, column)
            self.customer = restore_value(
                record=Customer.objects.get(), entry=entry, column=column, actor=self.admin
            )
        self.customer.refresh_from_db()
        self.assertEqual(
            (self.customer.city, self.customer.custom, self.customer.owner),
            ("Bath", {"seats": "5"}, self.alice),
        )
        self.assertEqual(AuditEntry.objects.filter(deed="record.value_restored").count(), 3)
        self.assertEqual(entry_of(self.customer, "city").before, {"city": "York"})

    def test_what_was_changed_since_is_asked_about(self):
        self.change(city="York")
        entry = entry_of(self.customer, "city")
        self.change(city="Leeds")
        with self.assertRaises(ChangedSince) as refused:
            restore_value(record=self.customer, entry=entry, column="city", actor=None)
        self.assertEqual(refused.exception.more, {"now": "Leeds", "was": "Bath"})
        restore_value(record=self.customer, entry=entry, column="city", actor=None, anyway=True)
        self.assertEqual(Customer.objects.get().city, "Bath")

    def test_what_cannot_go_back(self):
        self.change(owner=self.lead)
        entry = entry_of(self.customer, "owner_id")
        self.alice.active = False
        self.alice.save()
        with self.assertRaises(WentAway):
            restore_value(record=self.customer, entry=entry, column="owner_id", actor=None)
        other = make.customer()
        for record, column in ((other, "owner_id"), (self.customer, "deleted_at"), (self.customer, "city")):
            with self.assertRaises(NotRestorable):
                restore_value(record=record, entry=entry, column=column, actor=None)

    def test_why_one_sees_it(self):
        self.alice.visibility = "own"
        met = [one["text"] for one in reasons_to_see(self.customer, self.alice) if one["met"]]
        self.assertEqual(met, ["You are its owner"])
        self.lead.visibility = "team"
        met = [one["text"] for one in reasons_to_see(self.customer, self.lead) if one["met"]]
        self.assertEqual(met, ["Its owner is in your team"])


class Outside(ApiTestCase, BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.customer = create_customer(name="Harbour", city="Bath", owner=self.alice, actor=None)
            self.before = timezone.now()
            update_customer(customer=self.customer, actor=None, city="York")
            self.entry = entry_of(self.customer, "city")

    def test_over_the_api(self):
        key = self.key_of(self.admin)
        at = urlencode({"at": self.before.isoformat()})
        then = self.call("GET", f"customers/{self.customer.pk}/as-of?{at}", key=key).json()
        self.assertEqual((then["existed"], then["values"]["city"]), (True, "Bath"))
        body = {"entry": str(self.entry.pk), "field": "city"}
        path = f"customers/{self.customer.pk}/restore-value"
        self.assertEqual(self.call("POST", path, body, key=key).json()["city"], "Bath")
        again = self.call("POST", path, body, key=key)
        self.assertEqual(
            (again.status_code, again.json()["code"], again.json()["now"]), (409, "changed_since", "Bath")
        )

    def test_of_a_contact_over_the_api(self):
        key = self.key_of(self.admin)
        with self.inside():
            ann = create_contact(customer=self.customer, actor=None, name="Ann", job_title="Buyer")
            update_contact(contact=ann, actor=None, job_title="Engineer")
            entry = entry_of(ann, "job_title")
        body = {"entry": str(entry.pk), "field": "job_title"}
        back = self.call("POST", f"contacts/{ann.pk}/restore-value", body, key=key)
        self.assertEqual((back.status_code, back.json()["job_title"]), (200, "Buyer"))
        then = self.call("GET", f"contacts/{ann.pk}/as-of", key=key).json()
        self.assertEqual((then["existed"], then["values"]["job_title"]), (True, "Buyer"))

    def test_in_the_browser(self):
        browser = self.sign_in(self.alice)
        page = browser.get(reverse("customers:record", args=[self.customer.pk]), {"tab": "history"})
        address = reverse("customers:restore-value", args=[self.entry.pk, "city"])
        self.assertContains(page, address)
        stood = browser.get(
            reverse("customers:as-of", args=[self.customer.pk]),
            {"at": timezone.localtime(self.before).strftime("%Y-%m-%dT%H:%M:%S")},
        )
        self.assertEqual(stood.status_code, 200)
        self.assertContains(browser.get(address), "York → Bath")
        stale = browser.post(address, {"version": 1})
        self.assertEqual(stale.status_code, 422)
        self.assertEqual(browser.post(address, {"version": 2}).status_code, 204)
        self.assertContains(browser.get(reverse("customers:why-seen", args=[self.customer.pk])), "owner")
