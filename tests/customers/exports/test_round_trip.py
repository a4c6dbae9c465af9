"""What is exported comes in again as it was: into the same company without a change, into another one as a copy."""

import csv
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from crm.exports import services as exports
from crm.exports.listings import listing_of
from customers.models import Contact, Customer, Interaction, Purchase, PurchaseLine
from customers.services.contacts import create_contact
from customers.services.customers import create_customer
from customers.services.imports import import_file
from tests import factories as make
from tests.cases import CastTestCase

SIGNS = st.sampled_from("=+-@'\"a,;\t 汉é\n_x000D_\r😀") | st.characters(
    exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]
)
LINE = st.text(st.sampled_from("=+-@'\"a,; 汉é_x000D_😀"), max_size=12).map(str.strip)
NOTE = st.text(SIGNS, max_size=20).map(str.strip)
MOMENT = st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
CUSTOMER = st.fixed_dictionaries(
    {
        "name": LINE.filter(bool),
        "external_id": LINE,
        "city": LINE,
        "notes": NOTE,
        "phone": st.sampled_from(["", "+44 20 7946 0958", "-020 7946"]),
        "email": st.sampled_from(["", "a@example.com", "=b@example.com", "李@例子.cn"]),
        "birthday": st.none() | st.dates(date(1880, 1, 1), date(2030, 1, 1)),
        "gender": st.sampled_from(["", "female", "other"]),
        "kind": st.sampled_from(["company", "person"]),
        "size": st.sampled_from(["", "10-49", "250+"]),
        "created_at": MOMENT,
        "number": st.none() | st.decimals(-(10**9), 10**9, places=6),
        "money": st.none() | st.integers(-(10**12), 10**12),
        "several": st.lists(st.sampled_from("ab"), unique=True),
        "truth": st.none() | st.booleans(),
    }
)
OWN = ("number", "money", "several", "truth")
FIELDS = (
    "name",
    "external_id",
    "city",
    "notes",
    "phone",
    "email",
    "birthday",
    "gender",
    "kind",
    "size",
    "created_at",
)


class RoundTrip(CastTestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(override_settings(MEDIA_ROOT=self.folder / "media"))

    def export(self, name, form, member, *, whole=True, columns=()):
        path = self.folder / f"{name}-{whole}.{form}"
        ask = exports.asked(member=member, query={}, whole=whole, columns=columns)
        exports.export_to(listing=listing_of(name), ask=ask, form=form, path=path)
        return path

    def own_fields(self):
        labels = [{"value": one, "label": one.upper()} for one in "ab"]
        make.custom_field("number", "number")
        make.custom_field("money", "money")
        make.custom_field("multi_choice", "several", choices=labels)
        make.custom_field("yes_no", "truth")

    def settle(self, people):
        Customer.objects.all().delete()
        seen = set()
        for one in people:
            key = one["external_id"]
            built_in = {name: one[name] for name in FIELDS} | {"external_id": "" if key in seen else key}
            seen.add(key)
            custom = {name: one[name] for name in OWN if one[name] not in (None, [])}
            created_at = built_in.pop("created_at")
            made = create_customer(actor=None, custom=custom, **built_in)
            Customer.objects.filter(pk=made.pk).update(created_at=created_at)

    def rows(self):
        return sorted(Customer.objects.values_list(*FIELDS, "custom"), key=str)

    def test_customers(self):
        for company in (self.acme, self.other):
            with self.inside(company):
                self.own_fields()

        @settings(
            max_examples=25,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow],
        )
        @given(st.lists(CUSTOMER, min_size=1, max_size=5), st.sampled_from(["csv", "xlsx"]))
        def check(people, form):
            with self.inside():
                self.settle(people)
                before = self.rows()
                path = self.export("customers", form, self.admin)
                self.assert_unchanged(path, len(people))
                shown = self.export("customers", form, self.admin, whole=False, columns=[*reversed(SHOWN)])
                self.assert_unchanged(shown, len(people))
            with self.inside(self.other):
                Customer.objects.all().delete()
                copied = import_file(path=path, kind="customers")
                self.assertEqual(copied["created"], len(people), copied["first_errors"])
                self.assertEqual(self.rows(), before)

        check()

    def assert_unchanged(self, path, count):
        again = import_file(path=path, kind="customers")
        self.assertEqual((again["unchanged"], again["rejected"]), (count, 0), again["first_errors"])

    def test_what_hangs_on_customers(self):
        with self.inside():
            harbour = make.customer(name="Harbour", external_id="H1")
            nameless = make.customer(name="No id")
            phone = "+44 20 7946 0958"
            create_contact(
                customer=harbour, actor=None, name="=Grace", phone=phone, birthday=date(1990, 2, 3)
            )
            create_contact(customer=nameless, actor=None, name="Sam")
            product = make.product(code="S-1", name="Yearly service")
            sale = make.purchase(customer=harbour, order_no="2025-1", amount=24_000, amount_home=24_000)
            self.line(sale, 1, product, 20_000, unit_price=Decimal("100.0050"))
            self.line(sale, 2, None, 4_000, description="-travel")
            make.purchase(customer=nameless, order_no="2025-2", amount=999, amount_home=1_100, currency="JPY")
            make.interaction(customer=harbour, text="@all: he said\r\nyes", author=self.alice)
            counts = {name: self.bring_again(name) for name in KINDS}
        self.assertEqual(
            counts,
            {"contacts": (2, 2), "purchases": (3, 3), "interactions": (1, 1), "products": (1, 1)},
        )

    def test_what_hangs_on_customers_in_another_company(self):
        with self.inside():
            harbour = make.customer(name="Harbour", external_id="H1")
            make.contact(customer=harbour, name="=Grace", phone="+44 20 7946 0958")
            sale = make.purchase(customer=harbour, order_no="2025-1", amount=24_000, amount_home=24_000)
            self.line(sale, 1, make.product(code="S-1", name="Yearly"), 20_000, unit_price=Decimal("100.005"))
            self.line(sale, 2, None, 4_000, description="-travel")
            back = make.purchase(
                customer=harbour, order_no="R-1", amount=-4_000, amount_home=-4_000, return_of=sale
            )
            self.line(back, 1, None, -4_000, quantity=-1, unit_price=Decimal("40.00"))
            loose = make.purchase(customer=harbour, order_no="", amount=-5, amount_home=-5, return_of=sale)
            self.line(loose, 1, None, -5, quantity=-1, unit_price=Decimal("0.05"))
            make.interaction(customer=harbour, text="he said\r\nyes", author=self.alice)
            again = import_file(path=self.export("purchases", "csv", self.admin), kind="purchases")
            self.assertEqual((again["rows"], again["unchanged"], again["made"]["purchases"]), (4, 4, 0))
            paths = {name: self.export(name, "xlsx", self.admin) for name in KINDS}
            before = self.told()
        with self.inside(self.other):
            make.member(display_name="Alice", email=self.alice.email)
            make.customer(name="Harbour", external_id="H1")
            for name, path in paths.items():
                result = import_file(path=path, kind=name)
                self.assertEqual(result["rejected"], 0, result["first_errors"])
            self.assertEqual(self.told(), before)

    def test_people_of_one_name_at_one_customer_are_told_apart(self):
        with self.inside():
            harbour = make.customer(name="Harbour", external_id="H1")
            for email in ("", "first@harbour.example", "second@harbour.example"):
                create_contact(customer=harbour, name="Same Name", email=email, actor=self.admin)
            create_contact(customer=harbour, name="Grace", actor=self.admin)
            before = list(Contact.objects.order_by("pk").values())
            self.assertEqual(self.bring_again("contacts"), (4, 4))
            self.assertEqual(list(Contact.objects.order_by("pk").values()), before)
            Contact.objects.filter(email="second@harbour.example").update(job_title="Buyer")
            path = self.export("contacts", "csv", self.admin)
            Contact.objects.filter(email="second@harbour.example").update(job_title="")
            result = import_file(path=path, kind="contacts")
            self.assertEqual((result["updated"], result["unchanged"]), (1, 3))
            self.assertEqual(Contact.objects.get(email="second@harbour.example").job_title, "Buyer")

    def told(self):
        return [
            list(Contact.objects.values_list("name", "phone", "role")),
            list(
                Purchase.objects.order_by("order_no").values_list(
                    *("order_no", "amount", "currency", "amount_home", "purchased_at", "return_of__order_no")
                )
            ),
            list(
                PurchaseLine.objects.order_by("purchase__order_no", "position").values_list(
                    "position", "product__code", "description", "quantity", "unit_price", "amount"
                )
            ),
            list(Interaction.objects.values_list("text", "happened_at", "kind", "author__email")),
        ]

    def line(self, purchase, position, product, amount, **more):
        more = {"quantity": 2, "unit_price": Decimal(amount) / 200} | more
        PurchaseLine.objects.create(
            purchase=purchase, position=position, product=product, amount=amount, **more
        )

    def bring_again(self, name):
        result = import_file(path=self.export(name, "csv", self.admin), kind=name)
        return result["rows"], result["unchanged"]

    def test_no_cell_is_a_formula(self):
        with self.inside():
            make.customer(name="=1+1", city="+x", notes="-2", phone="@a 123")
            sheet = load_workbook(self.export("customers", "xlsx", self.admin)).active
            with self.export("customers", "csv", self.admin).open(encoding="utf-8-sig", newline="") as file:
                cells = [cell for row in csv.reader(file) for cell in row]
        self.assertIn("'=1+1", cells)
        self.assertFalse([cell for cell in cells if cell.startswith(("=", "+", "-", "@"))])
        self.assertEqual(
            {cell.data_type for row in sheet for cell in row} - {"s", "inlineStr", "n", "d"}, set()
        )
        self.assertIn("'=1+1", [cell.value for row in sheet for cell in row])


KINDS = ("products", "contacts", "purchases", "interactions")
SHOWN = (
    "name",
    "city",
    "industry",
    "owner",
    "created",
    "spend",
    "phone",
    "email",
    "custom:number",
    "custom:several",
)
