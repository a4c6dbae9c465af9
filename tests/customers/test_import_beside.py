"""Files as people keep them: what rows say beside the record, totals, merged cells, full-width signs."""

from datetime import UTC, date, datetime
from pathlib import Path

from openpyxl import Workbook

from crm.exports import services as exports
from crm.exports.listings import listing_of
from crm.models import Notification
from customers.models import Consent, Contact, Customer, Import
from customers.services.consents import record_consent
from customers.services.contacts import create_contact
from customers.services.imports import import_file
from customers.services.imports.undoing import undo
from tests import factories as make
from tests.customers.test_imports import ImportTestCase


def words():
    rows = Consent.objects.order_by("customer__name", "channel", "at")
    return list(rows.values_list("customer__name", "contact__name", "channel", "purpose", "given", "proof"))


class Taken(ImportTestCase):
    def undo(self):
        found = undo(import_=Import.objects.get(pk=self.result["import"]), actor=self.admin)
        return found["removed"], found["restored"], found["kept"]


class Consents(Taken):
    def test_each_channel_with_the_file_as_proof_and_taken_back(self):
        quay = make.customer(name="Quay", external_id="C2")
        text = (
            "编号,客户名称,同意邮件,短信同意,同意日期\n"
            "C1,Harbour,是,,2025-03-01\nC2,Quay,不同意,yes 2024-02-01 signed form,\n"
            "C3,Pier,maybe,,\nC4,Jetty,yes,,2990-01-01\n"
        )
        self.assertEqual(self.bring(text), (4, 1, 1, 0, 0, 2))
        self.assertEqual(self.result["made"], {"consents": 3})
        self.assertEqual(
            words(),
            [
                ("Harbour", None, "email", "marketing", True, "file.csv, line 2, column “同意邮件”"),
                ("Quay", None, "email", "marketing", False, "file.csv, line 3, column “同意邮件”"),
                ("Quay", None, "message", "marketing", True, "signed form"),
            ],
        )
        first = Consent.objects.order_by("at").first()
        self.assertEqual((first.at.date().isoformat(), first.source), ("2024-02-01", "import"))
        self.assertEqual(quay.version, Customer.objects.get(pk=quay.pk).version)
        self.assertEqual([row[1] for row in self.errors()], ["同意邮件", "同意日期"])
        self.assertEqual(self.bring(text)[1:4], (0, 0, 2))
        self.assertEqual(self.undo(), (0, 0, 0))
        self.assertEqual(len(words()), 3)

    def test_undone_with_the_import(self):
        make.customer(name="Quay", external_id="C2")
        self.bring("id,name,E-mail consent\nC1,Harbour,yes\nC2,Quay,yes\n")
        self.assertEqual(len(words()), 2)
        self.assertEqual(self.undo(), (3, 0, 0))
        self.assertEqual((words(), Customer.objects.count()), ([], 1))

    def test_a_day_without_a_consent_says_nothing(self):
        text = "编号,客户名称,同意日期\nC1,Harbour,2025-03-01\nC2,Quay,2990-01-01\n"
        self.assertEqual(self.bring(text), (2, 1, 0, 0, 0, 1))
        self.assertEqual((words(), self.errors()[0][1]), ([], "同意日期"))

    def test_what_was_taken_back_needs_a_day_to_be_given_anew(self):
        quay = make.customer(name="Quay", external_id="C2")
        taken = datetime(2025, 5, 1, tzinfo=UTC)
        record_consent(customer=quay, channel="email", purpose="marketing", given=False, at=taken, actor=None)
        self.assertEqual(self.bring("id,name,newsletter\nC2,Quay,yes\n"), (1, 0, 0, 0, 0, 1))
        self.assertIn("taken back", self.errors()[0][3])
        self.assertEqual(self.bring("id,name,newsletter\nC2,Quay,2025-04-01\n"), (1, 0, 0, 1, 0, 0))
        self.assertEqual(self.bring("id,name,newsletter\nC2,Quay,2025-06-01\n"), (1, 0, 1, 0, 0, 0))

    def test_exported_they_come_in_again_as_they_were(self):
        harbour = make.customer(name="Harbour", external_id="C1")
        grace = create_contact(customer=harbour, actor=None, name="Grace")
        at = datetime(2025, 5, 1, 10, 0, 0, 123, tzinfo=UTC)
        for contact, channel, given in (
            (None, "wechat", True),
            (None, "post", False),
            (grace, "phone", True),
        ):
            record_consent(
                customer=harbour, contact=contact, channel=channel, purpose="care", given=given, at=at,
                proof="by phone,\n=two lines", actor=None,
            )  # fmt: skip
        before = words()
        paths = {}
        for name, kind in (("customers", "customers"), ("contacts", "contacts")):
            path = paths[kind] = Path(self.folder / f"{name}.csv")
            ask = exports.asked(member=self.admin, query={}, whole=True)
            exports.export_to(listing=listing_of(name), ask=ask, form="csv", path=path)
            again = import_file(path=path, kind=kind)
            self.assertEqual((again["unchanged"], again["made"].get("consents")), (1, 0))
        Consent.objects.all().delete()
        Contact.objects.all().delete()
        for kind, path in paths.items():
            import_file(path=path, kind=kind)
        self.assertEqual((words(), {word.at for word in Consent.objects.all()}), (before, {at}))


class Contacts(Taken):
    FILE = (
        "公司名称,联系人,联系电话,职位,手机\n"
        "Harbour,Grace,138 0013 8000,采购,020 79460958\nHarbour,Owen,,,\nQuay,,13900139000,,\nPier,,,,\n"
    )

    def contacts(self):
        rows = Contact.objects.order_by("id")
        return list(rows.values_list("customer__name", "name", "phone", "job_title", "primary"))

    def test_several_lines_of_one_company_bring_its_contacts(self):
        self.assertEqual(self.bring(self.FILE), (4, 2, 0, 0, 1, 1))
        self.assertEqual(self.result["made"]["contacts"], 2)
        self.assertEqual(
            self.contacts(),
            [
                ("Harbour", "Grace", "138 0013 8000", "采购", True),
                ("Harbour", "Owen", "", "", False),
            ],
        )
        self.assertEqual(Contact.objects.get(name="Grace").phone_norm, "13800138000")
        self.assertEqual(Customer.objects.get(name="Harbour").phone, "020 79460958")
        self.assertEqual(self.errors()[0][3], "A new contact needs a name.")
        self.assertEqual(self.bring(self.FILE)[1:5], (0, 0, 2, 1))
        self.assertEqual(len(self.contacts()), 2)

    def test_a_known_one_is_changed_and_all_of_it_undone(self):
        quay = make.customer(name="Quay", external_id="C2", name_norm="quay")
        create_contact(customer=quay, actor=None, name="Sam", phone="+44 20 7946 0000", job_title="Buyer")
        before = self.contacts()
        text = "id,name,contact,contact phone,title\nC2,Quay,,+44 20 7946 0958,\nC1,Pier,Ann,,\n"
        self.assertEqual(self.bring(text), (2, 1, 1, 0, 0, 0))
        self.assertEqual(self.contacts()[0], ("Quay", "Sam", "+44 20 7946 0958", "Buyer", True))
        self.assertEqual(self.undo(), (2, 1, 0))
        self.assertEqual(self.contacts(), before)


class Alike(Taken):
    FILE = (
        "name,email,phone,city\nHarbour Ltd,a@harbour.example,020 7946 0958,Bristol\n"
        "HARBOUR  ltd,b@harbour.example,020 7946 0958,Bath\nQuay,q@quay.example,,\nHarbour Ltd,a@harbour.example,,\n"
    )

    def made(self):
        customers = list(Customer.objects.order_by("id").values_list("name", "email", "city"))
        return customers, list(Contact.objects.values_list("customer__name", "name", "email", "phone"))

    def test_lines_of_one_company_are_told_and_stay_apart_unless_asked(self):
        self.assertEqual(self.bring(self.FILE, dry_run=True), (4, 3, 0, 0, 1, 0))
        told = {"line": 3, "like": 2, "name": "HARBOUR  ltd", "same": ["phone"]}
        self.assertEqual((self.result["alike"], self.result["first_alike"]), (1, [told]))
        self.assertEqual(self.bring(self.FILE), (4, 3, 0, 0, 1, 0))
        with_ids = "id,name,email\n1,Pier,a@pier.example\n2,Pier,b@pier.example\n"
        self.assertEqual((self.bring(with_ids)[1], self.result["alike"]), (2, 0))

    def test_asked_for_one_customer_the_rest_become_contacts_and_are_undone(self):
        for choices in ({}, {"key": "name", "mode": "create"}):
            self.assertEqual(self.bring(self.FILE, alike="one", **choices), (4, 2, 0, 0, 2, 0))
            customers, contacts = self.made()
            self.assertEqual(customers[0], ("Harbour Ltd", "a@harbour.example", "Bristol"))
            self.assertEqual(contacts, [("Harbour Ltd", *["b@harbour.example"] * 2, "")])
            if not choices:
                self.assertEqual(self.bring(self.FILE, alike="one"), (4, 0, 0, 2, 2, 0))
                self.assertEqual(len(self.made()[1]), 1)
                Customer.objects.all().delete()
        self.assertEqual(self.undo(), (3, 0, 0))
        self.assertEqual(self.made(), ([], []))


class Messy(ImportTestCase):
    def workbook(self, *rows, merged=()):
        book = Workbook()
        for row in rows:
            book.active.append(row)
        for cells in merged:
            book.active.merge_cells(cells)
        path = self.folder / "messy.xlsx"
        book.save(path)
        self.result = import_file(path=path, kind="customers")
        return self.result

    def test_merged_cells_totals_and_full_width_signs(self):
        found = self.workbook(
            ["客户登记表", None, None, None, None],
            ["客户名称", "城市", "电话", "生日", "邮箱"],
            ["远山服务", "上海", "１３８００１３８０００", "１９９０年５月６日", "ａ＠example.com"],
            ["青云贸易", None, 13900139000, date(1991, 1, 2), None],
            ["ＡＢＣ公司", None, None, "1992/3/4", None],
            ["Total", None, None, None, "info@total.example"],
            ["小计", None, None, 3, None],
            ["合计", None, None, None, None],
            merged=["A1:E1", "B3:B5"],
        )
        self.assertEqual((found["rows"], found["created"], found["totals"]), (4, 4, 2))
        self.assertEqual(
            found["first_totals"], [{"line": 7, "text": "小计 · 3"}, {"line": 8, "text": "合计"}]
        )
        rows = Customer.objects.order_by("created_at", "id")
        self.assertEqual(
            list(rows.values_list("name", "city", "phone", "birthday", "email")),
            [
                ("远山服务", "上海", "13800138000", date(1990, 5, 6), "a@example.com"),
                ("青云贸易", "上海", "13900139000", date(1991, 1, 2), ""),
                ("ＡＢＣ公司", "上海", "", date(1992, 3, 4), ""),
                ("Total", "", "", None, "info@total.example"),
            ],
        )

    def test_a_subtotal_beside_the_merged_name_of_its_group_is_left_out(self):
        found = self.workbook(
            ["大区", "客户名称", "电话", "订单"],
            ["华东", "远山服务", "13800138000", 3],
            [None, "青云贸易", "13900139000", 4],
            [None, "小计", None, 7],
            ["华南", "海滨实业", "13700137000", 5],
            [None, "华南小计", None, 5],
            ["华北", "小计", None, 9],
            merged=["A2:A4", "A5:A6"],
        )
        self.assertEqual(
            [one["text"] for one in found["first_totals"]], ["华东 · 小计 · 7", "华南 · 华南小计 · 5"]
        )
        names = list(Customer.objects.order_by("created_at", "id").values_list("name", flat=True))
        self.assertEqual(names, ["远山服务", "青云贸易", "海滨实业", "小计"])

    def test_totals_of_something_are_told_from_companies_by_the_rows_above(self):
        rows = (
            'name,region,orders,spent\nQuay,East,120,1200.50\nPier,East,80,"1,000.25"\nEast total,,200,2200.75\n'
            "Jetty,North,7,70\nTotal Energies,,400,4000\nTotal Wine & More,South,9,12\nSubtotal North,,416,4082\n"
            "Dock,West,15,20\nWharf,West,85,80\nTotal West,,100,100\nMole,,3,1\nGroyne,,2,1\nTotal Play,,5,2\n"
            ",East,,\n,Sum of East,,\nGrand Total:,,716,6382.75\n"
        )
        self.assertEqual(self.bring(rows, mapping={"orders": "", "spent": ""}), (11, 10, 0, 0, 0, 1))
        told = [
            "East total · 200 · 2200.75",
            "Subtotal North · 416 · 4082",
            "Total West · 100 · 100",
            "Sum of East",
        ]
        found = [one["text"] for one in self.result["first_totals"]]
        self.assertEqual(found, [*told, "Grand Total: · 716 · 6382.75"])
        self.assertEqual(Customer.objects.filter(name__startswith="Total").count(), 3)

    def test_a_word_of_totals_alone_is_a_customer_unless_at_the_foot(self):
        self.assertEqual(self.bring("name\nTotal\nQuay\nSum\nTotal\n"), (2, 2, 0, 0, 0, 0))
        self.assertEqual(self.result["totals"], 2)

    def test_owners_are_told_once_how_many_became_theirs(self):
        make.customer(name="A", external_id="1", owner=self.alice)
        make.customer(name="B", external_id="2", owner=self.lead)
        mail = self.alice.email
        text = f"id,name,owner\n1,A,{mail}\n2,B,{mail}\n3,C,{mail}\n4,D,{self.admin.email}\n"
        self.bring(text, actor=self.admin, dry_run=True)
        self.assertEqual(Notification.objects.count(), 0)
        self.bring(text, actor=self.admin)
        note = Notification.objects.get()
        self.assertEqual((note.member, note.kind), (self.alice, "customer.handed"))
        self.assertIn("2 customers were handed to you", note.title)
