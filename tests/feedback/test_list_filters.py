"""Filters with groups on the lists beside the customers': in the address, as chips, in the sheet, as a view."""

from datetime import date
from urllib.parse import quote

from django.urls import reverse
from django.utils import timezone

from crm.saved_views.lists import all_lists, list_of
from customers.models import Contact
from customers.services.contracts import create_contract
from feedback.models import Feedback
from tests import factories as make
from tests.cases import BrowserTestCase

LISTS = ("contacts", "contracts", "follow-ups", "tickets", "feedback")


class ListFilters(BrowserTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        with cls.inside(cls):
            cls.mill = make.customer(name="Mill", owner=cls.alice, industry="Food")
            port = make.customer(name="Port", owner=cls.lead, industry="Trade")
            for customer in (cls.mill, port):
                make.follow_up(
                    customer.owner, customer=customer, subject=f"Call {customer}", due_at=timezone.now()
                )
                make.ticket(customer=customer, subject=f"Late {customer}", urgency=3, impact=3)
                Feedback.objects.create(customer=customer, text=f"Of {customer}", type="need")
                Contact.objects.create(
                    customer=customer, name=f"Ann {customer}", name_norm=f"ann {customer}".lower()
                )

    def rows(self, key, where, member=None):
        client = self.sign_in(member or self.admin)
        return client.get(f"{list_of(key).url}?view=all&where={quote(where)}").context["listing"]

    def test_groups_narrow_every_list(self):
        for key, where, chips in (
            ("contacts", "or(name.is(Ann Mill),region.is(Nowhere))", 1),
            ("follow-ups", f"or(owner.is({self.alice.pk}),plan.filled()),due.past(1)", 2),
            ("tickets", "industry.is(Food),or(priority.is(4),number.gte(1000))", 2),
            ("feedback", "not(industry.is(Trade)),type.in(need,problem)", 2),
        ):
            with self.subTest(key):
                listing = self.rows(key, where)
                self.assertEqual(listing["filter_error"], "")
                self.assertEqual([row.customer.name for row in listing["rows"]], ["Mill"])
                self.assertEqual(len(listing["filters"]), chips)

    def test_every_field_of_every_list_can_be_asked(self):
        client = self.sign_in(self.admin)
        for kind in all_lists():
            for field in kind.catalogue.fields() if kind.catalogue else ():
                operators = {"empty"} & set(field.operators) or {field.operators[0]}
                value = "true" if "empty" not in operators else ""
                for operator in operators:
                    where = f"{field.key}.{operator}({value})"
                    answer = client.get(f"{kind.url}?view=all&where={where}")
                    self.assertEqual(answer.context["listing"]["filter_error"], "", where)

    def test_the_sheet_shows_the_filter_and_leads_to_its_address(self):
        client = self.sign_in(self.alice)
        for key in LISTS:
            sheet, row = (
                reverse(f"customers:{name}", args=[key]) for name in ("list-filters", "list-filter-row")
            )
            page = client.get(f"{sheet}?q=Mill&where=industry.is(Food)")
            self.assertContains(page, 'value="Food"')
            self.assertContains(page, row)
            form = {"node": ["(a", "b", ")"], "kind.a": "and", "f.b": "industry", "o.b": "is", "v.b": "Food"}
            answer = client.post(sheet, {**form, "keep.q": "Mill"})
            self.assertEqual(answer["HX-Redirect"], f"{list_of(key).url}?q=Mill&where=industry.is(Food)")
        self.assertEqual(client.get(reverse("customers:list-filters", args=["customers"])).status_code, 404)

    def test_what_cannot_be_understood_is_told_and_finds_nothing(self):
        for where in ("odd.is(1)", "industry.is("):
            listing = self.rows("tickets", where)
            self.assertEqual((list(listing["rows"]), bool(listing["filter_error"])), ([], True))
        with self.inside():
            self.assertIn("where", list_of("contacts").check({"where": "odd.is(1)"}, "", []))

    def test_who_sees_masks_asks_nothing_of_what_they_hide(self):
        self.assertEqual(len(self.rows("contacts", "email.empty()")["rows"]), 2)
        self.assertTrue(self.rows("contacts", "email.empty()", self.reader)["filter_error"])

    def test_columns_stand_in_the_order_asked_for_in_head_rows_and_files(self):
        with self.inside():
            create_contract(
                customer=self.mill,
                actor=None,
                title="Mill care",
                ends_on=date(2030, 1, 1),
                starts_on=date(2026, 1, 1),
            )
        client = self.sign_in(self.admin)
        for key in LISTS:
            url, (first, *others) = list_of(key).url, list_of(key).columns
            order = [first, *reversed(others)]
            page = client.get(f"{url}?q=Mill&cols={'.'.join([*reversed(others), others[0], 'odd'])}")
            listing = page.context["listing"]
            labels = [str(column["label"]) for column in listing["columns"]]
            self.assertEqual([column["key"] for column in listing["columns"]], order)
            row = page.content.decode().partition(' data-row="')[2].partition("</tr>")[0]
            told = [label for label in labels if f'data-label="{label}"' in row]
            self.assertGreater(len(told), 2, key)
            self.assertEqual(sorted(told, key=lambda label: row.index(f'data-label="{label}"')), told)
            for item in page.context["more"]:
                self.assertIn("&".join(f"columns={one}" for one in order), item["url"])

    def test_columns_are_chosen_kept_in_the_address_and_remembered(self):
        client = self.sign_in(self.alice)
        for key in LISTS:
            url, last = list_of(key).url, list_of(key).columns[-1]
            listing = client.get(f"{url}?view=x&columns={last}&columns=odd").context["listing"]
            shown = [column["key"] for column in listing["columns"] if column["shown"]]
            self.assertEqual(shown, [list_of(key).columns[0], last])
            self.assertIn(("cols", ".".join(shown)), listing["kept"])
            client.get(f"{url}?q=none&columns={last}")
            for query in ("q=Mill", "view=all"):
                listing = client.get(f"{url}?{query}").context["listing"]
                self.assertEqual(list(listing["shown"]), shown)
            client.get(f"{url}?{'&'.join(f'columns={key}' for key in list_of(key).columns)}")
            self.assertEqual(client.cookies[f"tenure_columns_{key}"].value, "", "the usual ones")
        page = client.get(f"{list_of('tickets').url}?view=all&cols=subject.owner")
        self.assertNotContains(page, 'data-label="Priority"')
        self.assertContains(page, 'data-label="Owner"')
        with self.inside():
            check = list_of("tickets").check
            self.assertEqual([check({}, "", ["owner"]), list(check({}, "", ["odd"]))], [{}, ["columns"]])
