"""Customers of the API in the order of their figures."""

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.people.roles import Visibility
from customers.models import Customer, CustomerRisk, CustomerStats
from customers.selectors.figures import FIGURES
from tests import factories as make
from tests.cases import ApiTestCase

DAY = datetime(2026, 3, 1, 9, tzinfo=UTC)


class ByFigures(ApiTestCase):
    def setUp(self):
        super().setUp()
        self.key = self.key_of(self.admin)

    def fill(self, count):
        """So many customers; every third has no figures, of the others three at a time have the same."""
        rows = [make.customer(name=f"C{number:02}", owner=self.alice) for number in range(count)]
        for number, customer in enumerate(rows):
            step = number // 3
            if number % 3 < 2:
                day = DAY + timedelta(days=step)
                CustomerStats.objects.filter(customer=customer).update(
                    spend=step * 100, last_purchase_on=day, last_contact_at=day, next_follow_up_at=day
                )
                CustomerRisk.objects.update_or_create(customer=customer, defaults={"value_at_risk": step})
        return rows

    def walk(self, query, key=""):
        """All names page by page, there and back the same."""
        path, forward, backward = f"customers?{query}&limit=4", [], []
        while path:
            page = self.call("GET", path, key=key or self.key).json()
            forward.append([row["name"] for row in page["results"]])
            back, path = page["previous"], page["next"] and page["next"].partition("/api/v1/")[2]
        while back:
            page = self.call("GET", back.partition("/api/v1/")[2], key=key or self.key).json()
            backward.insert(0, [row["name"] for row in page["results"]])
            back = page["previous"]
        self.assertEqual(backward, forward[:-1])
        return [name for part in forward for name in part]

    def value(self, customer, name):
        relation, _joined, column = FIGURES[name].partition("__")
        row = getattr(customer, relation, None)
        return row and getattr(row, column)

    def test_each_figure_either_way_there_and_back_with_ties_and_gaps_last(self):
        with self.inside():
            self.fill(30)
            rows = {one.name: one for one in Customer.objects.select_related("stats", "risk")}
        for name in FIGURES:
            values = {one: self.value(customer, name) for one, customer in rows.items()}
            given = [value for value in values.values() if value is not None]
            for sign in ("", "-"):
                with self.subTest(sign + name):
                    found = self.walk(f"ordering={sign}{name}")
                    self.assertEqual(sorted(found), sorted(rows))
                    expected = sorted(given, reverse=bool(sign)) + [None] * (len(rows) - len(given))
                    self.assertEqual([values[one] for one in found], expected)

    def test_of_what_is_filtered_and_may_be_seen(self):
        with self.inside():
            make.customer(name="A", owner=self.alice, stats__spend=5)
            make.customer(name="B", owner=self.alice, stats__spend=9)
            make.customer(name="C", owner=self.lead, stats__spend=7, city="Bath")
            type(self.alice).objects.filter(pk=self.alice.pk).update(visibility=Visibility.OWN)
        self.assertEqual(self.walk("ordering=-spend"), ["B", "C", "A"])
        self.assertEqual(self.walk("ordering=-spend&spend__lt=9"), ["C", "A"])
        self.assertEqual(self.walk("ordering=spend&city=Bath"), ["C"])
        self.assertEqual(self.walk("ordering=spend", self.key_of(self.alice)), ["A", "B"])
        self.assertEqual(self.walk("ordering=spend", self.key_of(self.mallory)), [])

    def test_a_page_of_one_takes_as_many_queries_as_a_full_one(self):
        taken = []
        for count in (1, 29):
            with self.inside():
                self.fill(count)
            with CaptureQueriesContext(connection) as queries:
                page = self.call("GET", "customers?ordering=-spend&count=true&limit=200", key=self.key).json()
            taken.append((len(page["results"]), page["count"], len(queries)))
        (one, _count, few), (all_, count, many) = taken
        self.assertEqual((one, all_, count, many), (1, 30, 30, few))

    def test_an_order_has_an_index_or_is_refused(self):
        for query in ("ordering=-spend,name", "ordering=name,value_at_risk", "ordering=spend,-spend"):
            refused = self.call("GET", f"customers?{query}", key=self.key)
            self.assertEqual(
                (refused.status_code, list(refused.json()["errors"])), (400, ["ordering"]), query
            )
        for query in ("ordering=owner", "ordering=city", "ordering=--spend", "ordering=stats__spend"):
            refused = self.call("GET", f"customers?{query}", key=self.key)
            self.assertEqual((refused.status_code, refused.json()["code"]), (400, "unknown_name"), query)
        with self.inside():
            self.fill(6)
        link = self.call("GET", "customers?ordering=spend&limit=1", key=self.key).json()["next"]
        other = link.partition("/api/v1/")[2].replace("ordering=spend", "ordering=-spend")
        self.assertEqual(self.call("GET", other, key=self.key).json()["code"], "bad_parameter")

    def test_the_description_lists_them(self):
        described = self.client.get("/api/schema/").json()
        parameters = described["paths"]["/api/v1/customers"]["get"]["parameters"]
        (ordering,) = [one for one in parameters if one["name"] == "ordering"]
        self.assertLessEqual({"spend", "-next_follow_up_at"}, set(ordering["schema"]["items"]["enum"]))
