"""Returns: tied to their purchase, never more than was bought, no purchase themselves."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from django.urls import reverse

from customers.errors import ReturnTooLarge, WrongReturn
from customers.models import Import, Purchase
from customers.selectors.records import purchases_with_lines, totals_of
from customers.services.imports import import_file
from customers.services.imports.undoing import undo
from customers.services.purchases import record_purchase, record_return
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, TenantTestCase

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)


class Returns(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.customer = make.customer()
        self.order = record_purchase(
            customer=self.customer, actor=None, purchased_at=AT, amount=1000, currency="EUR", amount_home=1101
        )

    def test_half_a_minor_unit_counts_as_a_whole_one(self):
        half = record_return(purchase=self.order, actor=None, returned_at=AT, amount=500)
        self.assertEqual(half.amount_home, -551)

    def test_in_parts_until_nothing_is_left(self):
        part = record_return(
            purchase=self.order, actor=self.alice, returned_at=AT, amount=333, reason="Broken"
        )
        self.assertEqual((part.amount, part.amount_home, part.return_of), (-333, -367, self.order))
        with self.assertRaises(ReturnTooLarge):
            record_return(purchase=self.order, actor=None, returned_at=AT, amount=668)
        rest = record_return(purchase=self.order, actor=None, returned_at=AT)
        self.assertEqual((rest.amount, rest.amount_home), (-667, -734))
        for refused in (self.order, rest):
            with self.assertRaises(ReturnTooLarge):
                record_return(purchase=refused, actor=None, returned_at=AT)
        totals = totals_of(self.customer)
        self.assertEqual(
            (totals.bought, totals.returned, totals.net, totals.purchases, totals.returns),
            (1101, -1101, 0, 1, 2),
        )
        self.assertEqual([one.returned for one in purchases_with_lines(self.customer)][-1], -1000)

    def test_of_another_customers_purchase_it_is_none(self):
        with self.assertRaises(WrongReturn):
            record_purchase(
                customer=make.customer(), actor=None, purchased_at=AT, amount=-1, return_of=self.order
            )
        self.assertEqual(Purchase.objects.count(), 1)


class Files(TenantTestCase):
    def bring(self, *rows):
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "orders.csv"
            path.write_text("\n".join(["客户编号,订单号,购买时间,金额,原订单号", *rows]))
            return import_file(path=path, kind="purchases", actor=self.alice)

    def test_a_line_is_tied_to_the_purchase_it_returns_once_and_undone(self):
        customer = make.customer(external_id="C-1")
        make.customer(external_id="C-2")
        rows = ["C-1,R-1,2026-01-06,-4,O-1", "C-1,O-1,2026-01-05,10,", "C-2,R-2,2026-01-06,-4,O-1"]
        first = self.bring(*rows)
        self.assertEqual((first["rows"], first["created"], first["rejected"]), (3, 2, 1))
        returned = Purchase.objects.get(order_no="R-1")
        self.assertEqual((returned.return_of.order_no, totals_of(customer).net), ("O-1", 600))
        again = self.bring(*rows)
        self.assertEqual((again["created"], again["updated"], again["unchanged"]), (0, 0, 2))
        Purchase.objects.filter(pk=returned.pk).update(return_of=None)
        self.assertEqual(self.bring(*rows)["updated"], 1)
        for import_ in Import.objects.order_by("-created_at"):
            undo(import_=import_, actor=self.alice)
        self.assertEqual(Purchase.objects.count(), 0)


class Outside(ApiTestCase, BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.customer = make.customer(owner=self.alice)
            self.order = record_purchase(
                customer=self.customer, actor=None, purchased_at=AT, amount=1050, order_no="O-7"
            )

    def test_api_and_page(self):
        key = self.key_of(self.admin)
        made = self.call("POST", f"purchases/{self.order.pk}/return", {"amount": 50}, key=key)
        self.assertEqual((made.status_code, made.json()["amount"]), (201, -50))
        over = self.call("POST", f"purchases/{self.order.pk}/return", {"amount": 1001}, key=key)
        self.assertEqual((over.status_code, over.json()["code"]), (400, "return_too_large"))
        listed = self.call("GET", f"purchases?return_of={self.order.pk}", key=key).json()
        self.assertEqual([one["id"] for one in listed["results"]], [made.json()["id"]])
        browser = self.sign_in(self.alice)
        sheet = reverse("customers:return-purchase", args=[self.order.pk])
        self.assertEqual(browser.post(sheet, {"amount": "10", "on": "2026-02-01"}).status_code, 204)
        page = browser.get(reverse("customers:record", args=[self.customer.pk]), {"tab": "purchases"})
        self.assertContains(page, "of O-7")
        self.assertEqual(page.context["totals"].net, 0)
