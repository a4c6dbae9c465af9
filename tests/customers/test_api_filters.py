"""The API's lists asked by what is built in."""

from datetime import date
from urllib.parse import urlencode

from crm.people.roles import Role
from customers.models import CustomerStats
from customers.services.contacts import create_contact
from customers.services.customers import create_customer
from tests import factories as make
from tests.cases import ApiTestCase


class BuiltInFilters(ApiTestCase):
    def setUp(self):
        super().setUp()
        self.key = self.key_of(self.admin)
        with self.inside():
            self.ada = create_customer(
                actor=self.admin,
                name="Ada  Berg",
                kind="person",
                email="Ada@Post.example",
                phone="+44 116 496 0000",
                city="Leeds",
                postcode="LS1",
                gender="female",
                language="en",
                birthday=date(1990, 5, 1),
                size="1-9",
            )
            self.bo = create_customer(
                actor=self.admin, name="Bo Harbour", city="York", birthday=date(1995, 1, 1), gender="male"
            )
            self.analyst = make.member(role=Role.ANALYST)
            CustomerStats.objects.filter(customer=self.ada).update(spend=5_000)

    def ask(self, path, asked, key=""):
        return self.call("GET", f"{path}?{urlencode(asked)}", key=key or self.key)

    def found(self, path, **asked):
        answer = self.ask(path, asked)
        self.assertEqual(answer.status_code, 200, answer.content)
        return [one["name"] for one in answer.json()["results"]]

    def test_a_search_forgives_a_slip_and_what_a_link_puts_before_an_address(self):
        for words in ("Ada Bregg", "mailto:ada@post.example", "tel:+441164960000"):
            with self.subTest(words):
                found = self.ask("customers", {"search": words}).json()["results"]
                self.assertEqual([one["name"] for one in found], ["Ada  Berg"])
        self.assertEqual(self.ask("customers", {"search": "Nobody Atall"}).json()["results"], [])

    def test_customers_by_facts_in_any_writing(self):
        ada, bo = [self.ada.name], [self.bo.name]
        for asked, expected in (
            ({"email": " ADA@post.EXAMPLE"}, ada),
            ({"email__in": "x@y.example,ada@post.example"}, ada),
            ({"email": "ada@post"}, []),
            ({"phone": "+44 (116) 496-0000"}, ada),
            ({"phone__in": "+44 116 4960000,1"}, ada),
            ({"phone": "none"}, []),
            ({"name": "ada berg"}, ada),
            ({"name__prefix": "BO h"}, bo),
            ({"city": "Leeds"}, ada),
            ({"city__in": "Leeds,York"}, ada + bo),
            ({"postcode": "LS1"}, ada),
            ({"size": "1-9"}, ada),
            ({"gender": "male"}, bo),
            ({"language": "en"}, ada),
            ({"birthday": "1990-05-01"}, ada),
            ({"birthday__gte": "1990-05-02"}, bo),
            ({"birthday__lte": "1990-05-01"}, ada),
            ({"spend__gt": "4999", "spend__lt": "5001"}, ada),
            ({"spend": "5000"}, ada),
            ({"spend__lte": "4999"}, bo),
            ({"quality__gte": "0", "quality__lte": "100"}, ada + bo),
            ({"quality__gt": "100"}, []),
        ):
            with self.subTest(asked):
                self.assertEqual(self.found("customers", **asked), expected)

    def test_a_value_of_no_sense_is_named(self):
        for name, value in (
            ("gender", "none"),
            ("birthday__gte", "May"),
            ("spend__lt", "much"),
            ("email", ""),
        ):
            refused = self.ask("customers", {name: value})
            self.assertEqual((refused.status_code, list(refused.json()["errors"])), (400, [name]))

    def test_people_and_what_was_said(self):
        with self.inside():
            contact = create_contact(
                actor=self.admin,
                customer=self.bo,
                name="Cy Lund",
                email="Cy@x.example",
                phone="+44 20 7946 0000",
            )
            said = make.interaction(
                customer=self.bo, contact=contact, kind="call", channel="phone", direction="in"
            )
            make.interaction(customer=self.bo, kind="note")
        for asked in ({"email": "CY@X.example"}, {"phone": "+442079460000"}, {"name__prefix": "cy"}):
            self.assertEqual(self.found("contacts", **asked), ["Cy Lund"])
        self.assertEqual(self.found("contacts", name="cy"), [])
        for asked in ({"contact": str(contact.pk)}, {"channel": "phone"}, {"direction": "in"}):
            rows = self.ask("interactions", asked).json()["results"]
            self.assertEqual([one["id"] for one in rows], [str(said.pk)])

    def test_whoever_sees_masks_asks_nothing_about_what_they_hide(self):
        masked = self.key_of(self.analyst)
        for path in ("customers", "contacts"):
            names = ["email", "email__in", "phone", "phone__in", "birthday", "birthday__gte", "birthday__lte"]
            for name in [*names, *(["postcode", "postcode__in"] if path == "customers" else [])]:
                refused = self.ask(path, {name: "1990-05-01"}, masked)
                self.assertEqual((refused.status_code, refused.json()["code"]), (400, "unknown_name"), name)
        self.assertEqual(self.ask("customers", {"name": "x"}, masked).status_code, 200)
