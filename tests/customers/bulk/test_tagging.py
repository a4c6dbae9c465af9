"""Tags of many customers: added and taken off, taken back, kept by merges, over the API and in the browser."""

from django.urls import reverse

from crm.services import jobs
from crm.tenancy.context import current
from customers.models import Customer, CustomerValue
from customers.services.bulk import deeds, undoing
from customers.services.bulk.deeds import Deed
from customers.services.custom_values import WrongValues
from customers.services.customers import create_customer
from customers.services.duplicates.merging import merge_customers, unmerge
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, TenantTestCase


def tags(*labels):
    make.custom_field(
        "multi_choice", "tags", choices=[{"value": one, "label": one.title()} for one in labels]
    )


def held():
    return {one.name: one.custom.get("tags") for one in Customer.objects.order_by("name")}


class Tagging(TenantTestCase):
    def setUp(self):
        super().setUp()
        tags("vip", "press", "late")
        for name, some in (("A", ["late"]), ("B", ["vip", "late"]), ("C", [])):
            create_customer(name=name, custom={"tags": some}, owner=self.alice, actor=None)

    def deed(self, **values):
        return deeds.check(Deed(deeds.TAG, values), self.alice)

    def test_others_stay_and_the_undo_brings_back(self):
        before = held()
        ids = list(Customer.objects.values_list("pk", flat=True))
        deed = self.deed(add={"tags": ["vip"]}, remove={"tags": ["late"]})
        self.assertEqual(deeds.apply(deed=deed, ids=ids, actor=self.alice), 3)
        self.assertEqual(held(), {"A": ["vip"], "B": ["vip"], "C": ["vip"]})
        self.assertEqual(set(CustomerValue.objects.values_list("text", flat=True)), {"vip"})
        self.assertEqual(deeds.apply(deed=deed, ids=ids, actor=self.alice), 0)
        entries = list(undoing.changes_of(current().request_id).values_list("pk", "subject_id"))
        undoing.undo(entries=entries, request_id=current().request_id, actor=self.alice)
        self.assertEqual(held(), before)

    def test_what_is_no_tag_is_refused(self):
        for wrong in ({"add": {"tags": ["none"]}}, {"add": {"other": ["vip"]}}, {"add": {}}):
            with self.assertRaises(WrongValues):
                self.deed(**wrong)

    def test_a_merge_keeps_the_tags_of_all(self):
        one, other, _empty = Customer.objects.order_by("name")
        merge = merge_customers(survivor=one, others=[other], actor=self.admin)
        self.assertEqual(Customer.objects.get(pk=one.pk).custom, {"tags": ["vip", "late"]})
        unmerge(merge=merge, actor=self.admin)
        self.assertEqual(held(), {"A": ["late"], "B": ["vip", "late"], "C": None})


class Outside(ApiTestCase, BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            tags("vip", "late")
            self.customer = create_customer(name="A", custom={"tags": ["late"]}, owner=self.alice, actor=None)

    def test_api(self):
        key = self.key_of(self.admin)
        body = {"ids": [str(self.customer.pk)], "deed": "tag", "add": {"tags": ["vip"]}}
        started = self.call("POST", "customers/change-many", body, key=key)
        self.assertEqual(started.status_code, 202)
        with self.inside():
            self.assertEqual(jobs.Job.objects.get().params["deed"]["values"]["add"], {"tags": ["vip"]})
        given = self.call(
            "POST", f"customers/{self.customer.pk}/assign", {"owner": str(self.lead.pk)}, key=key
        )
        self.assertEqual((given.status_code, given.json()["owner"]), (200, str(self.lead.pk)))
        foreign = {"owner": str(self.mallory.pk)}
        refused = self.call("POST", f"customers/{self.customer.pk}/assign", foreign, key=key)
        self.assertEqual(refused.status_code, 400)

    def test_browser(self):
        browser = self.sign_in(self.alice)
        address = f"{reverse('customers:tag-many')}?ids={self.customer.pk}"
        self.assertContains(browser.get(address), "tags:vip")
        self.assertEqual(
            browser.post(address, {"add": ["tags:vip"], "remove": ["tags:late"]}).status_code, 204
        )
        listed = browser.get(reverse("customers:list"), {"columns": ["name", "custom:tags"]})
        self.assertContains(listed, '<span class="mini-tag" data-hue="0">Vip</span>')
        record = browser.get(reverse("customers:record", args=[self.customer.pk]))
        self.assertContains(record, '<span class="mini-tag" data-hue="0">Vip</span>')
