from datetime import UTC, date, datetime
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.people.roles import Visibility
from customers.models import Customer
from customers.selectors.columns import COLUMNS
from customers.selectors.customer_pages import customer_page
from customers.selectors.keyset import Cursor
from customers.selectors.lists import SORTS, Wish
from tests import factories as make
from tests.cases import BrowserTestCase, TenantTestCase
from tests.customers.walking import ListCase


class Pages(ListCase):
    def test_equal_values_lose_and_repeat_nothing(self):
        for number in range(7):
            make.customer(name=f"C{number}", stats__spend=100 if number < 5 else 200)
        self.assertEqual(self.walk(sort="spend"), ["C5", "C6", "C0", "C1", "C2", "C3", "C4"])
        self.assertEqual(sorted(self.walk(sort="-spend")), [f"C{number}" for number in range(7)])

    def test_rows_without_a_value_come_last_both_ways(self):
        days = [date(2025, 1, 1), None, date(2025, 3, 1), None, None, date(2025, 1, 1)]
        for number, day in enumerate(days):
            make.customer(name=f"C{number}", stats__last_purchase_on=day)
        self.assertEqual(self.walk(sort="last_purchase"), ["C2", "C0", "C5", "C1", "C3", "C4"])
        self.assertEqual(self.walk(sort="-last_purchase")[:3], ["C5", "C0", "C2"])
        self.assertEqual(set(self.walk(sort="-last_purchase")[3:]), {"C1", "C3", "C4"})

    def test_every_order_walks_as_one_large_page(self):
        for number, day in enumerate([None, 3, 1, 3, None, 2, 1]):
            at = day and datetime(2025, 1, day, 8, 30, 0, 125_000, tzinfo=UTC)
            make.customer(
                name=f"C{number}",
                phone="+49 30 1234567" if number % 2 else "",
                stats__spend=(day or 0) * 100,
                stats__last_purchase_on=at and at.date(),
                stats__last_contact_at=at,
                stats__next_follow_up_at=at,
                **({"stats__value_at_risk": day * 1_000, "stats__churn_risk": "high"} if day else {}),
            )
        for sort in (sign + name for name in SORTS for sign in ("", "-")):
            page = customer_page(Wish.of({"sort": sort}), self.admin, size=20).page
            whole = [row.customer.name for row in page.rows]
            self.assertEqual(len(whole), 7)
            for size in (1, 2, 3):
                self.assertEqual(self.walk(size, sort=sort), whole, sort)

    def test_an_amount_that_somebody_asks_for_is_none_that_stands_in(self):
        """What stands in for the values of a kept query are whole numbers from 30,000 on."""
        for name, spend in zip("ABCDE", (30_001, 30_002, 30_002, 30_003, 50_000), strict=True):
            make.customer(name=name, stats__spend=spend)
        asked = {"sort": "spend", "where": "spend.gte(300.02)"}
        self.assertEqual(self.walk(1, **asked), ["E", "D", "B", "C"])
        self.assertEqual(self.walk(2, **asked | {"where": "spend.lte(300.02)"}), ["B", "C", "A"])

    def test_by_name_with_equal_names(self):
        for _number in range(5):
            make.customer(name="Same")
        make.customer(name="Before")
        self.assertEqual(self.walk(size=3), ["Before", *["Same"] * 5])

    def test_a_cursor_nobody_gave_out_is_the_first_page(self):
        make.customer(name="A")
        for cursor in (
            "x",
            "W10",
            "WyJhIiwgMSwgMF0",
            "W251bGwsICIwMTliMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDAiLCAwXQ",
            Cursor("B\0", uuid4()).encode(),
        ):
            page = customer_page(Wish.of({"cursor": cursor}), self.admin).page
            self.assertEqual([row.customer.name for row in page.rows], ["A"])


class Filters(TenantTestCase):
    def found(self, member=None, **query):
        found = customer_page(Wish.of(query), member or self.admin)
        names = sorted(row.customer.name for row in found.page.rows)
        self.assertEqual(found.count, len(names))
        return names

    def test_each_narrows_and_nonsense_finds_nothing(self):
        make.customer(
            name="Key",
            owner=self.alice,
            stats__class_code="key",
            stats__spend=5_000,
            stats__churn_risk="high",
        )
        make.customer(name="Lead", industry="Retail", source="expo", region="East")
        make.customer(name="Waiting", review="waiting")
        make.customer(name="Rejected", review="rejected")
        Customer.objects.filter(pk=make.customer(name="Gone").pk).update(deleted_at="2025-01-01T00:00Z")
        self.assertEqual(self.found(), ["Key", "Lead", "Waiting"])
        self.assertEqual(self.found(**{"class": "key"}), ["Key"])
        self.assertEqual(self.found(owner=str(self.alice.pk)), ["Key"])
        self.assertEqual(self.found(owner="none"), ["Lead", "Waiting"])
        self.assertEqual(self.found(self.alice, owner="me"), ["Key"])
        self.assertEqual(self.found(risk="high"), ["Key"])
        self.assertEqual(self.found(industry="Retail", source="expo", region="East"), ["Lead"])
        self.assertEqual(self.found(review="waiting"), ["Waiting"])
        self.assertEqual(self.found(review="rejected"), ["Rejected"])
        self.assertEqual(self.found(deleted="1"), ["Gone"])
        self.assertEqual(self.found(spend_min="50", spend_max="50.00"), ["Key"])
        self.assertEqual(self.found(q="ead"), ["Lead"])
        for nonsense in (
            {"owner": "x"},
            {"spend_min": "much"},
            {"spend_min": "9" * 40},
            {"class": "x"},
            {"owner": str(uuid4())},
        ):
            self.assertEqual(self.found(**nonsense), [], nonsense)

    def test_next_step(self):
        make.customer(name="Promised", stats__next_follow_up_at="2025-01-01T00:00Z")
        make.customer(name="Forgotten")
        self.assertEqual((self.found(next="yes"), self.found(next="no")), (["Promised"], ["Forgotten"]))

    def test_members_see_their_own_their_teams_or_all(self):
        make.customer(name="Alice's", owner=self.alice)
        make.customer(name="Leo's", owner=self.lead)
        make.customer(name="Ada's", owner=self.admin)
        for visibility, names in (
            (Visibility.OWN, ["Alice's"]),
            (Visibility.TEAM, ["Alice's", "Leo's"]),
            (Visibility.ALL, ["Ada's", "Alice's", "Leo's"]),
        ):
            self.alice.visibility = visibility
            self.assertEqual(self.found(self.alice), names)
            self.assertEqual(self.found(self.alice, q="lice" if visibility == Visibility.OWN else ""), names)


class ListPage(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.address = reverse("customers:list")

    def test_as_many_queries_for_thirty_rows_as_for_one(self):
        client = self.sign_in(self.admin)
        counts = []
        for more in (1, 29):
            with self.inside():
                for _number in range(more):
                    make.customer(owner=self.alice, stats__class_code="key", stats__churn_risk="low")
            with CaptureQueriesContext(connection) as queries:
                self.assertEqual(client.get(self.address).status_code, 200)
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])

    def test_what_one_page_does_not_hold_is_counted_after_it(self):
        with self.inside():
            for number in range(51):
                make.customer(industry="Retail" if number < 50 else "Food")
        client = self.sign_in(self.admin)
        address = f"{reverse('customers:count')}?industry=Retail"
        self.assertContains(client.get(self.address), f'hx-get="{reverse("customers:count")}?"')
        self.assertContains(client.get(self.address, {"industry": "Retail"}), "50 customers")
        self.assertContains(client.get(reverse("customers:count")), "all 51 that match")
        self.assertContains(client.get(address), "50 customers")

    def test_every_column_has_its_cell(self):
        with self.inside():
            make.customer(name="<b>", source="<i>", owner=self.alice, stats__value_at_risk=123_400)
        client = self.sign_in(self.admin)
        page = client.get(self.address, {"columns": list(COLUMNS)}).content.decode()
        row = page[page.index("<tr data-row") : page.index("</tr>", page.index("<tr data-row"))]
        self.assertEqual(row.count("<td"), len(COLUMNS) - 1 + 2, "the name is a heading; box and tools")
        for text in ("&lt;b&gt;", "&lt;i&gt;", "Alice", "$1,234"):
            self.assertIn(text, row)
        self.assertNotIn("<i>", row)

    def test_a_column_alone_is_read_with_the_page(self):
        with self.inside():
            field = make.custom_field("text", "floor")
            for number in range(3):
                make.customer(custom={"floor": f"{number}"}, stats__churn_risk="high")
        client, asked = self.sign_in(self.admin), {}
        for column in (*COLUMNS, f"custom:{field.key}"):
            with CaptureQueriesContext(connection) as queries:
                page = client.get(self.address, {"columns": ["name", column]})
            self.assertEqual(page.content.decode().count("<tr data-row"), 3)
            asked[column] = len(queries)
        self.assertEqual(set(asked.values()), {asked["name"]})

    def test_the_columns_asked_for_are_remembered(self):
        with self.inside():
            make.customer(name="A", industry="Retail")
        client = self.sign_in(self.admin)
        client.get(self.address, {"columns": ["name", "industry"]})
        page = client.get(self.address).content.decode()
        self.assertIn("Retail", page)
        self.assertNotIn('data-label="Spent"', page)

    def test_handed_over_and_taken_back(self):
        with self.inside():
            customer = make.customer(owner=self.alice)
            make.customer(owner=self.alice)
        client = self.sign_in(self.lead)
        answer = client.post(
            f"{reverse('customers:assign')}?ids={customer.pk}&ids=x", {"owner": str(self.lead.pk)}
        )
        self.assertEqual(answer.status_code, 204)
        undo = next(message.extra_tags for message in answer.wsgi_request._messages).removeprefix("undo:")
        with self.inside():
            self.assertEqual(Customer.objects.filter(owner=self.lead).count(), 1)
        self.assertEqual(client.post(undo).status_code, 204)
        with self.inside():
            self.assertEqual(Customer.objects.filter(owner=self.alice).count(), 2)

    def test_readers_get_no_tools_and_may_not_use_them(self):
        with self.inside():
            customer = make.customer()
        client = self.sign_in(self.reader)
        self.assertNotContains(client.get(self.address), reverse("customers:edit", args=[customer.pk]))
        self.assertEqual(client.post(reverse("customers:assign")).status_code, 403)

    def test_the_palette_finds(self):
        with self.inside():
            make.contact(
                name="Zoë Ziegler", name_norm="zoë ziegler", customer=make.customer(name="Acme Tools")
            )
        client = self.sign_in(self.admin)
        for words in ("acme", "zieg"):
            self.assertContains(
                client.get(reverse("search"), {"q": words}, headers={"HX-Request": "true"}), "Acme Tools"
            )
        self.assertEqual(
            self.sign_in(self.mallory).get(reverse("search"), {"q": "acme"}).content.count(b"Acme Tools"), 0
        )
