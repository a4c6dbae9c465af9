from datetime import date, timedelta
from unittest import mock
from urllib.parse import parse_qs, urlsplit

from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from customers.selectors.customer_pages import customer_page
from customers.selectors.lists import Wish, customer_count, customers_of
from customers.services.customers import create_customer
from segmentation.classes import forget_words
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, TenantTestCase


class Asked(TenantTestCase):
    def setUp(self):
        super().setUp()
        make.customer_class("key", [], 1)
        a = make.customer(
            name="Ångström Tools",
            owner=self.alice,
            industry="Retail",
            birthday=date(1990, 5, 1),
            stats__spend=500_000,
            stats__class_code="key",
            stats__orders=3,
            stats__last_purchase_on=timezone.localdate() - timedelta(days=10),
        )
        Customer.objects.filter(pk=a.pk).update(name="A", name_norm="alder")
        make.customer(name="B", name_norm="birch", industry="Food, frozen", stats__spend=100, city="Oslo")
        make.customer(name="C", name_norm="cedar", owner=self.lead, stats__next_follow_up_at=timezone.now())

    def names(self, where, member=None, **more):
        wish = Wish.of({"where": where, **more})
        page = customer_page(wish, member or self.admin).page
        names = sorted(row.customer.name for row in page.rows)
        self.assertEqual(customer_count(wish, member or self.admin), len(names))
        self.assertEqual(
            sorted(customers_of(wish, member or self.admin).values_list("name", flat=True)), names
        )
        return "".join(names)

    def test_what_is_kept_of_one_filter_answers_for_others_and_other_days(self):
        for member, names in ((self.alice, "A"), (self.lead, "C"), (self.alice, "A"), (self.admin, "")):
            self.assertEqual(self.names("owner.is(me)", member), names)
        for days, names in ((5, ""), (15, "A"), (5, "")):
            self.assertEqual(self.names(f"last_purchase.past({days})"), names)
        with mock.patch("django.utils.timezone.now", return_value=timezone.now() + timedelta(days=10)):
            self.assertEqual(self.names("last_purchase.past(15)"), "")
        self.assertEqual(self.names("class.is(gold)"), "")
        make.customer_class("gold", [], 2)
        forget_words()
        make.customer(name="G", stats__class_code="gold")
        self.assertEqual(self.names("class.is(gold)"), "G")

    def test_every_operator_of_built_in_fields(self):
        today = timezone.localdate()
        for where, names in {
            "industry.is(Retail)": "A",
            "industry.is('Food, frozen')": "B",
            "industry.not(Retail)": "BC",
            "industry.in(Retail,'Food, frozen')": "AB",
            "industry.not_in(Retail,'Food, frozen')": "C",
            "industry.starts(Re)": "A",
            "industry.empty()": "C",
            "industry.filled()": "AB",
            "name.is(ALDER)": "A",
            "name.starts(BI)": "B",
            "owner.is(me)": "",
            f"owner.is({self.alice.pk})": "A",
            f"owner.not({self.alice.pk})": "BC",
            f"owner.not_in({self.alice.pk},{self.lead.pk})": "B",
            "owner.empty()": "B",
            "class.is(key)": "A",
            "class.empty()": "BC",
            "kind.in(company,person)": "ABC",
            "spend.gte(5000)": "A",
            "spend.between(0.5,1)": "B",
            "spend.lt(1)": "C",
            "orders.gt(2.5)": "A",
            "orders.lte(2.5)": "BC",
            "orders.is(2.5)": "",
            "orders.is(3.5)": "",
            "orders.between(2.5,3.5)": "A",
            "birthday.is(1990-05-01)": "A",
            "birthday.lte(1990-04-30)": "",
            "birthday.empty()": "BC",
            "last_purchase.past(10)": "A",
            "last_purchase.past(9)": "",
            "next_step.is(today)": "C",
            "next_step.next(0)": "C",
            f"next_step.gte({today + timedelta(days=1)})": "",
            "next_step.empty()": "AB",
            "created.past(1)": "ABC",
            f"created.between({today},{today})": "ABC",
        }.items():
            with self.subTest(where):
                self.assertEqual(self.names(where), names)
        self.assertEqual(self.names("owner.is(me)", self.alice), "A")

    def test_groups_within_groups(self):
        for where, names in {
            "or(industry.is(Retail),city.is(Oslo))": "AB",
            "or(industry.is(Retail),and(city.is(Oslo),spend.gte(1))),spend.lt(10)": "B",
            "not(industry.is(Retail),city.is(Oslo))": "C",
            "or(not(industry.is(Retail)),and(class.is(key),or(spend.lt(1),orders.is(3))))": "ABC",
            "industry.is(Retail),city.is(Oslo)": "",
        }.items():
            with self.subTest(where):
                self.assertEqual(self.names(where), names)
        self.assertEqual(self.names("or(industry.is(Retail),city.is(Oslo))", industry="Retail"), "A")

    def test_what_makes_no_sense_finds_nothing(self):
        for where in (
            "owner",
            "x.is(1)",
            "spend.is(a)",
            "class.is(zz)",
            "birthday.is(x)",
            "spend.gte(0.001)",
        ):
            with self.subTest(where):
                self.assertEqual(self.names(where), "")


class AskedOfOwnFields(TenantTestCase):
    def test_every_kind_alone_and_within_groups_and_sorted_by(self):
        for kind, key in (
            ("text", "t"),
            ("long_text", "l"),
            ("number", "n"),
            ("money", "m"),
            ("date", "d"),
            ("moment", "at"),
            ("choice", "c"),
            ("multi_choice", "many"),
            ("yes_no", "y"),
            ("member", "who"),
        ):
            make.custom_field(kind, key)
        create_customer(
            name="A",
            actor=None,
            custom={
                "t": "Blue",
                "l": "Once upon\na time",
                "n": "1.5",
                "m": 1_000,
                "d": "2025-03-01",
                "at": "2025-03-01T12:00Z",
                "c": "a",
                "many": ["a", "b"],
                "y": True,
                "who": str(self.alice.pk),
            },
        )
        create_customer(name="B", actor=None, custom={"t": "red", "n": "3", "m": 50, "c": "b", "y": False})
        create_customer(name="C", actor=None)
        for where, names in {
            "t.is(BLUE)": "A",
            "t.not(blue)": "BC",
            "t.starts(r)": "B",
            "t.in(blue,red)": "AB",
            "t.empty()": "C",
            "l.filled()": "A",
            "l.starts(once upon)": "A",
            "l.starts(upon)": "",
            "n.gte(1.5)": "AB",
            "n.between(2,4)": "B",
            "n.is(1.50)": "A",
            "m.lte(0.5)": "B",
            "d.is(2025-03-01)": "A",
            "d.past(5)": "",
            "at.is(2025-03-01)": "A",
            "at.lte(2025-02-28)": "",
            "c.in(a,b)": "AB",
            "c.not_in(a)": "BC",
            "many.has(b)": "A",
            "many.lacks(b)": "BC",
            "many.any(b,c)": "A",
            "y.is(false)": "B",
            f"who.is({self.alice.pk})": "A",
            "who.not(me)": "ABC",
            "n.gte(99999999999999)": "",
        }.items():
            for text in (f"custom.{where}", f"or(custom.{where},name.is(zz))"):
                for sort in ("name", "-custom.n"):
                    with self.subTest(text, sort=sort):
                        wish = Wish.of({"where": text, "sort": sort})
                        page = customer_page(wish, self.admin).page
                        self.assertEqual("".join(sorted(row.customer.name for row in page.rows)), names)


class Builder(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.client = self.sign_in(self.alice)
        self.sheet = reverse("customers:filters")

    def test_the_form_becomes_an_address_and_the_address_the_form(self):
        form = {
            "node": ["(g1", "r1", "(g2", "r2", "r3", ")", ")"],
            "kind.g1": "and",
            "kind.g2": "or",
            "f.r1": "owner",
            "o.r1": "is",
            "v.r1": "me",
            "f.r2": "spend",
            "o.r2": "gte",
            "v.r2": "5000",
            "f.r3": "industry",
            "o.r3": "in",
            "v.r3": "Retail\nFood, frozen",
            "keep.sort": "name",
        }
        answer = self.client.post(self.sheet, form)
        url = answer.headers["HX-Redirect"]
        query = parse_qs(urlsplit(url).query)
        where = "owner.is(me),or(spend.gte(5000),industry.in(Retail,'Food, frozen'))"
        self.assertEqual(query, {"sort": ["name"], "where": [where]})
        page = self.client.get(url)
        chips = [(chip["label"], chip["value"]) for chip in page.context["listing"]["filters"]]
        self.assertEqual(
            chips,
            [
                ("Owner", "is me"),
                ("Any of", "Spent at least $5,000.00 · Industry is one of Retail, Food, frozen"),
            ],
        )
        removed = page.context["listing"]["filters"][1]["remove_url"]
        self.assertEqual(parse_qs(removed[1:])["where"], ["owner.is(me)"])
        box = self.client.get(self.sheet, {"where": where}).context["box"]
        self.assertEqual([item.is_group for item in box.items], [False, True])
        self.assertEqual(box.items[1].items[1].lines, "Retail\nFood, frozen")

    def test_a_wrong_value_is_told_at_its_row_and_what_was_typed_stays(self):
        form = {"node": ["(g", "r", ")"], "f.r": "spend", "o.r": "gte", "v.r": "much"}
        answer = self.client.post(self.sheet, form)
        self.assertContains(answer, "Spent: Must be a number.", status_code=422)
        self.assertContains(answer, 'value="much"', status_code=422)

    def test_an_amount_may_have_its_thousands_apart_where_they_belong(self):
        def shown(amount):
            form = {"node": ["(g", "r", ")"], "f.r": "spend", "o.r": "gte", "v.r": amount}
            return self.client.post(self.sheet, form)

        for amount, told in {"10,000": "10,000.00", "-1,234,567.5": "1,234,567.50"}.items():
            with self.subTest(amount):
                page = self.client.get(shown(amount)["HX-Redirect"])
                self.assertIn(told, page.context["listing"]["filters"][0]["value"])
        for amount in ("1,0000", "10,00", ",100", "1,000,00", "1000,000", "1.000,000", "1,000.", "1,,000"):
            with self.subTest(amount):
                self.assertContains(shown(amount), "Spent: Must be a number.", status_code=422)

    def test_a_broken_address_says_so_and_shows_nothing(self):
        with self.inside():
            make.customer(name="Alder")
        page = self.client.get(reverse("customers:list"), {"where": "spend.gte(x"})
        self.assertContains(page, "At character 12: a closing bracket expected")
        self.assertNotContains(page, "Alder")

    def test_a_new_row_knows_the_operators_of_its_field(self):
        answer = self.client.get(
            reverse("customers:filter-row"), {"node": "r1", "f.r1": "birthday", "o.r1": "starts"}
        )
        self.assertContains(answer, '<option value="past"')
        self.assertNotContains(answer, '<option value="starts"')


class Api(ApiTestCase):
    def test_the_same_grammar(self):
        with self.inside():
            make.custom_field("number", "fee")
            make.customer(name="A", owner=self.alice, stats__spend=500_000)
            create_customer(name="B", custom={"fee": "3"}, actor=None)
            make.customer(name="C")
        key = self.key_of(self.alice)
        where = "or(owner.is(me),custom.fee.gte(2))"
        found = self.call("GET", f"customers?where={where}&fields=name", key=key).json()["results"]
        self.assertEqual([one["name"] for one in found], ["A", "B"])
        found = self.call("GET", "customers?where=spend.gte(5000)&fields=name", key=key).json()["results"]
        self.assertEqual([one["name"] for one in found], ["A"])
        wrong = self.call("GET", "customers?where=spend.gte(x)", key=key)
        self.assertEqual((wrong.status_code, wrong.json()["code"]), (400, "wrong_filter"))
        self.assertEqual(wrong.json()["errors"]["where"], ["Spent: Must be a number."])
