"""Custom fields in files."""

from django.urls import reverse
from django.utils import timezone

from customers.imports.mapping import guess, template_of
from customers.models import Contact, Customer, CustomerValue, CustomField
from customers.services import custom_fields
from customers.services.contacts import create_contact
from customers.services.customers import create_customer
from tests import factories as make
from tests.cases import BrowserTestCase
from tests.customers.custom.test_values import expected_of, side_of
from tests.customers.test_imports import ImportTestCase

KINDS = {
    "text": ("Gold", "Gold"),
    "long_text": ("One, two", "One, two"),
    "number": ("1,234.5", "1234.5"),
    "money": ("£ 9.90", 990),
    "date": ("31/12/2025", "2025-12-31"),
    "moment": ("2025-12-31 14:30", "2025-12-31T14:30:00+00:00"),
    "choice": ("BETA", "b"),
    "multi_choice": ("beta; a", ["a", "b"]),
    "yes_no": ("no", False),
    "link": ("example.com", "https://example.com"),
    "member": ("Alice", None),
    "customer": ("P1", None),
}


class Files(ImportTestCase):
    def write(self, *rows):
        lines = []
        for row in rows:
            cells = ['"' + cell.replace('"', '""') + '"' for cell in row]
            lines.append(",".join(cells))
        return "\n".join(lines) + "\n"

    def test_every_kind_by_its_heading(self):
        labels = [{"value": "a", "label": "Alpha"}, {"value": "b", "label": "Beta"}]
        for kind in KINDS:
            more = {"choices": labels} if kind in ("choice", "multi_choice") else {}
            make.custom_field(kind, f"f_{kind}", label=f"My {kind}", **more)
        peer = make.customer(external_id="P1")
        header = ["name", *(f"My {kind}" if n % 2 else f"f_{kind}" for n, kind in enumerate(KINDS))]
        text = self.write(header, ["A", *(written for written, _kept in KINDS.values())])
        self.assertEqual(self.bring(text), (1, 1, 0, 0, 0, 0))
        customer = Customer.objects.get(name="A")
        kept = {f"f_{kind}": kept for kind, (_written, kept) in KINDS.items()}
        kept |= {"f_member": str(self.alice.pk), "f_customer": str(peer.pk)}
        self.assertEqual(customer.custom, kept)
        self.assertEqual(side_of(customer), expected_of(kept))

    def test_what_is_wrong_is_told_by_line_and_blank_changes_nothing(self):
        make.custom_field("number", "n")
        make.custom_field("choice", "c")
        create_customer(name="A", external_id="1", custom={"n": 5, "c": "a"}, actor=None)
        text = "external_id,name,n,c\n1,A,,b\n2,B,x,\n3,C,3,d\n4,D,4,\n"
        self.assertEqual(self.bring(text), (4, 1, 1, 0, 0, 2))
        self.assertEqual([error[:3] for error in self.errors()], [["3", "n", "x"], ["4", "c", "d"]])
        found = dict(Customer.objects.values_list("external_id", "custom"))
        self.assertEqual(found, {"1": {"n": "5", "c": "b"}, "4": {"n": "4"}})
        self.assertEqual(self.bring("external_id,name,n,c\n1,A,5,b\n4,D,,\n"), (2, 0, 0, 2, 0, 0))
        self.assertEqual(CustomerValue.objects.count(), 3)

    def test_a_customer_that_is_not_there_is_refused(self):
        make.custom_field("customer", "partner")
        self.assertEqual(self.bring("name,partner\nA,P9\nB,\n"), (2, 1, 0, 0, 0, 1))
        self.assertEqual(
            self.errors(), [["2", "partner", "P9", "There is no customer with this external id."]]
        )

    def test_a_deleted_customer_stays_where_the_record_holds_it(self):
        for record in ("customer", "contact"):
            make.custom_field("customer", "partner", record=record)
        gone, other = make.customer(external_id="P1"), make.customer()
        held = {"partner": str(gone.pk)}
        mine = create_customer(name="A", external_id="1", custom=held, actor=None)
        create_contact(customer=mine, name="C", custom=held, actor=None)
        Customer.objects.filter(pk__in=(gone.pk, other.pk)).update(deleted_at=timezone.now())
        refused = "There is no customer with this external id."
        for told in (str(gone.pk), "P1"):
            text = f"external_id,name,partner\n1,A,{told}\n2,B,{told}\n"
            self.assertEqual(self.bring(text, dry_run=True), (2, 0, 0, 1, 0, 1))
            self.assertEqual(self.errors(), [["3", "partner", str(gone.pk), refused]])
            text = f"customer_id,name,partner\n1,C,{told}\n"
            self.assertEqual(self.bring(text, kind="contacts", dry_run=True), (1, 0, 0, 1, 0, 0))
        self.assertEqual(self.bring(f"external_id,name,partner\n1,A,{other.pk}\n"), (1, 0, 0, 0, 0, 1))
        self.assertEqual(self.errors(), [["2", "partner", str(other.pk), refused]])

    def test_new_records_get_defaults_and_need_what_is_required(self):
        make.custom_field("text", "tier", default="it's 100%")
        make.custom_field("text", "must", required=True)
        text = "external_id,name,must\n1,A,x\n2,B,\n"
        self.assertEqual(self.bring(text), (2, 1, 0, 0, 0, 1))
        self.assertEqual(Customer.objects.get().custom, {"tier": "it's 100%", "must": "x"})

    def test_a_column_may_become_a_field(self):
        mapping = {
            "Monthly charge": "custom:monthly_charge",
            "Paperless": "custom:paperless",
            "Plan": "custom:plan",
        }
        text = "name,Monthly charge,Paperless,Plan\nA,29.85,Yes,Basic\nB,56.95,No,Two year\n"
        self.bring(text, mapping=mapping, dry_run=True)
        self.assertEqual(CustomField.objects.count(), 0)
        self.assertEqual(self.bring(text, mapping=mapping), (2, 2, 0, 0, 0, 0))
        kinds = dict(CustomField.objects.values_list("key", "kind"))
        self.assertEqual(kinds, {"monthly_charge": "number", "paperless": "yes_no", "plan": "text"})
        self.assertEqual(
            Customer.objects.get(name="A").custom,
            {"monthly_charge": "29.85", "paperless": True, "plan": "Basic"},
        )

    def test_contacts_and_the_template(self):
        field = make.custom_field("number", "seat", label="Seat number", record="contact")
        make.customer(external_id="1")
        self.bring("customer_id,name,Seat number\n1,C,12\n", kind="contacts")
        self.assertEqual(Contact.objects.get().custom, {"seat": "12"})
        self.assertIn("custom:seat", template_of("contacts", self.alice)[0])
        self.assertNotIn("custom:seat", template_of("customers", self.alice)[0])
        custom_fields.archive_field(field=field, actor=None)
        self.assertEqual(guess("contacts", ["Seat number"]), {})

    def test_headings_as_chinese_companies_write_them(self):
        headings = ["序号", "单位名称", "手机号码", "电子邮箱", "所在城市", "所在省份", "公司地址"]
        fields = ["name", "phone", "email", "city", "region", "address"]
        self.assertEqual(guess("customers", headings), dict(zip(headings[1:], fields, strict=True)))


class Wizard(BrowserTestCase):
    def test_the_template_names_the_companys_own_fields(self):
        with self.inside():
            make.custom_field("date", "renewal")
        self.sign_in(self.admin)
        page = self.client.get(reverse("customers:import-template", args=["customers"])).content.decode()
        self.assertIn("custom:renewal", page)
