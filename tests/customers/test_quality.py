from datetime import date

from django.db import connection
from django.urls import reverse

from customers import quality
from customers.models import Customer
from customers.services.customers import create_customer, update_customer
from tests.cases import BrowserTestCase, TenantTestCase

FULL = {
    "email": "ada@harbour.example",
    "phone": "+49 30 901820",
    "industry": "Lifts",
    "size": "10-49",
    "birthday": date(1990, 5, 4),
    "gender": "female",
    "language": "en",
    "city": "Berlin",
    "address": "Kai 1",
    "website": "harbour.example",
    "source": "Fair",
}


class Quality(TenantTestCase):
    def test_the_column_and_what_would_raise_it_add_up_to_a_hundred(self):
        records = [{}, FULL, FULL | {"owner": self.alice}, {"email": "ada@", "phone": "12", "city": "Oslo"}]
        records += [{name: value} for name, value in FULL.items()]
        for kind in Customer.Kind.values:
            for fields in records:
                with self.subTest(kind=kind, fields=fields):
                    made = create_customer(actor=None, name="Harbour", kind=kind, **fields)
                    made.refresh_from_db()
                    self.assertEqual(made.quality + sum(gap.points for gap in quality.gaps(made)), 100)

    def test_what_cannot_be_true_earns_half_and_is_told(self):
        made = create_customer(
            actor=None, name="Harbour", kind="company", email="ada@", phone="+49 30 901820"
        )
        self.assertEqual(made.quality, 30)
        self.assertEqual(quality.gaps(made)[0].points, 10)
        self.assertIn(quality.Gap("email", "E-mail does not look right", 10), quality.gaps(made))
        self.assertEqual(update_customer(customer=made, actor=None, city="Oslo").quality, 40)

    def test_a_bound_and_the_order_are_served_by_the_index(self):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        rows = Customer.objects.living().filter(quality__lt=40).order_by("quality", "id")[:50]
        plan = rows.explain()
        self.assertIn("customer_quality", plan)
        self.assertRegex(plan, r"Index Cond: .*quality < 40")
        self.assertNotIn("Sort", plan)


class List(BrowserTestCase):
    def test_it_is_a_column_a_filter_and_an_order(self):
        with self.inside():
            create_customer(actor=None, name="Bare", owner=self.admin)
            create_customer(actor=None, name="Known", owner=self.admin, **FULL)
        self.sign_in(self.admin)
        address = reverse("customers:list")
        page = self.client.get(f"{address}?columns=quality&sort=quality").content.decode()
        self.assertLess(page.index("Bare"), page.index("Known"))
        page = self.client.get(f"{address}?where=quality.lt(50)").content.decode()
        self.assertIn("Bare", page)
        self.assertNotIn("Known", page)
