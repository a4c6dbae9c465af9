"""A cell of the list changed in its place, also while somebody else saves the same customer."""

from django.urls import reverse

from crm.models import AuditEntry
from customers.models import Customer
from customers.services.customers import create_customer, update_customer
from tests import factories as make
from tests.cases import BrowserTestCase


class Cells(BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            make.custom_field("money", "fee")
            self.customer = create_customer(name="Alder", industry="Retail", custom={"fee": 100}, actor=None)
        self.client = self.sign_in(self.alice)

    def address(self, key):
        return reverse("customers:cell", args=[self.customer.pk, key])

    def reload(self):
        with self.inside():
            return Customer.objects.get(pk=self.customer.pk)

    def test_opened_saved_and_drawn_again(self):
        self.assertContains(self.client.get(self.address("industry")), 'value="Retail"')
        answer = self.client.post(self.address("industry"), {"industry": "Food", "version": 1})
        drawn = '<td class="phone-hide" data-label="Industry" data-cell="industry">Food</td>'
        self.assertEqual(answer.content.decode(), drawn)
        answer = self.client.post(self.address("custom:fee"), {"custom.fee": "29.90", "version": 2})
        self.assertContains(answer, "$29.90")
        answer = self.client.post(self.address("owner"), {"owner": self.alice.pk, "version": 3})
        self.assertContains(answer, "Alice")
        saved = self.reload()
        self.assertEqual(
            (saved.industry, saved.custom, saved.owner_id, saved.version),
            ("Food", {"fee": 2990}, self.alice.pk, 4),
        )
        with self.inside():
            fields = [
                entry.after["fields"]
                for entry in AuditEntry.objects.filter(deed="customer.updated").order_by("at")
            ]
        self.assertEqual(fields, [["industry"], ["custom"], ["owner"]])

    def test_who_saves_an_older_reading_decides_and_other_fields_do_not_clash(self):
        with self.inside():
            update_customer(customer=self.customer, actor=self.lead, city="Oslo")
            update_customer(customer=self.customer, actor=self.lead, industry="Steel")
        self.assertEqual(
            self.client.post(self.address("region"), {"region": "N", "version": 1}).status_code, 200
        )
        answer = self.client.post(self.address("industry"), {"industry": "Food", "version": 1})
        for words in ("<dd>Retail</dd>", "<dd>Steel</dd>", "<dd>Food</dd>"):
            self.assertContains(answer, words, status_code=422)
        self.assertEqual(self.reload().industry, "Steel")
        self.assertContains(self.client.get(self.address("industry"), {"leave": 1}), "Steel")
        answer = self.client.post(
            self.address("industry"), {"industry": "Food", "version": self.reload().version}
        )
        self.assertEqual(
            (answer.status_code, self.reload().industry, self.reload().city), (200, "Food", "Oslo")
        )

    def test_a_version_the_record_never_had_overwrites_nothing(self):
        for told in ({"version": 2}, {"version": 0}, {"version": -1}, {"version": 10**20},
                     {"version": 1, "decided": 2}):  # fmt: skip
            answer = self.client.post(self.address("industry"), {"industry": "Food"} | told)
            self.assertContains(answer, "Reload it and try again.", status_code=412)
        self.assertEqual(self.reload().industry, "Retail")

    def test_what_does_not_say_what_it_read_overwrites_nothing(self):
        for version in ({}, {"version": ""}, {"version": "x"}):
            answer = self.client.post(self.address("industry"), {"industry": "Food"} | version)
            self.assertContains(answer, "which version of the record it changes", status_code=422)
        self.assertEqual((self.reload().industry, self.reload().version), ("Retail", 1))

    def test_wrong_values_and_columns_that_cannot_be_changed(self):
        answer = self.client.post(self.address("custom:fee"), {"custom.fee": "much", "version": 1})
        self.assertEqual(answer.status_code, 422)
        for key in ("spend", "name", "custom:no", "external_id"):
            self.assertEqual(self.client.get(self.address(key)).status_code, 404)
        self.assertEqual(self.sign_in(self.reader).get(self.address("industry")).status_code, 403)
        self.assertEqual(self.sign_in(self.mallory).get(self.address("industry")).status_code, 404)
