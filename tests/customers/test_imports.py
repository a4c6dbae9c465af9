import csv
import tempfile
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.test import override_settings
from openpyxl import Workbook

from crm.models import AuditEntry, WakeUp
from crm.services.jobs import JobCancelled
from crm.tenancy.context import tenant_context
from customers.imports.errors import FileRefused, MappingRefused
from customers.models import (
    Contact,
    Customer,
    CustomerStats,
    Import,
    Interaction,
    Product,
    Purchase,
    PurchaseLine,
)
from customers.services.imports import import_file
from tests import factories as make
from tests.cases import TenantTestCase

COUNTS = ("rows", "created", "updated", "unchanged", "duplicates", "rejected")


class ImportTestCase(TenantTestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(override_settings(MEDIA_ROOT=self.folder / "media"))

    def bring(self, text, kind="customers", *, encoding="utf-8", **choices):
        path = self.folder / "file.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        self.result = import_file(path=path, kind=kind, **choices)
        return tuple(self.result[name] for name in COUNTS)

    def errors(self):
        with open(self.result["errors_file"], encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))[1:]


class Customers(ImportTestCase):
    def test_makes_changes_and_leaves_alone(self):
        text = "external_id,name,city\nC1,Harbour Ltd,Bristol\nC2,Quay & Co,Leeds\n"
        self.assertEqual(self.bring(text), (2, 2, 0, 0, 0, 0))
        self.assertEqual(self.bring(text), (2, 0, 0, 2, 0, 0))
        self.assertEqual(
            self.bring("external_id,name,city\nC1,Harbour Ltd,Bath\nC2,Quay & Co,\n"), (2, 0, 1, 1, 0, 0)
        )

        harbour, quay = Customer.objects.order_by("external_id")
        self.assertEqual((harbour.city, harbour.version, harbour.name_norm), ("Bath", 2, "harbour ltd"))
        self.assertEqual((quay.city, quay.version), ("Leeds", 1))
        self.assertEqual(CustomerStats.objects.count(), 2)

    def test_every_encoding_and_delimiter_gives_the_same(self):
        rows = [
            ("客户编号", "客户名称", "城市"),
            ("甲1", "远山服务有限公司", "上海"),
            ("甲2", "青云贸易公司", "杭州市"),
        ]
        for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
            for delimiter in ",;\t|":
                Customer.objects.all().delete()
                text = "".join(delimiter.join(row) + "\r\n" for row in rows)
                with self.subTest(encoding=encoding, delimiter=delimiter):
                    self.assertEqual(self.bring(text, encoding=encoding), (2, 2, 0, 0, 0, 0))
                    customer = Customer.objects.get(external_id="甲1")
                    self.assertEqual(
                        (customer.name, customer.city, customer.pinyin, customer.initials),
                        ("远山服务有限公司", "上海", "yuanshanfuwuyouxiangongsi", "ysfwyxgs"),
                    )

    def test_big5_and_western_files(self):
        self.bring("客戶編號,公司名稱,城市\nT1,臺北國際貿易股份有限公司,臺北\n", encoding="big5")
        self.bring("id,name,city\nW1,Müller & Söhne,Zürich\n", encoding="cp1252")
        names = Customer.objects.order_by("external_id").values_list("name", "city")
        self.assertEqual(list(names), [("臺北國際貿易股份有限公司", "臺北"), ("Müller & Söhne", "Zürich")])

    def test_bad_rows_are_told_by_line_and_the_rest_comes_in(self):
        text = (
            "external_id,name,email,birthday\nC1,Ada,ada@example.com,1990-05-06\n"
            'C2,Bob,bob at home,\nC3,"Two\nlines",,31/31/1990\n'
            "C4,Dora,,,extra\nC1,Again,,\nC5,,,\n"
        )
        self.assertEqual(self.bring(text), (6, 1, 0, 0, 1, 4))
        self.assertEqual(
            [row[:3] for row in self.errors()],
            [
                ["6", "", ""],
                ["3", "email", "bob at home"],
                ["4", "birthday", "31/31/1990"],
                ["7", "", ""],
                ["8", "name", ""],
            ],
        )
        self.assertEqual(Customer.objects.get().kind, "person")

    def test_no_cell_of_the_errors_file_is_a_formula(self):
        self.bring("name,email\nAda,=cmd|x\n")
        self.assertEqual(self.errors()[0][2], "'=cmd|x")

    def test_a_dry_run_counts_and_writes_nothing(self):
        before = AuditEntry.objects.count()
        self.assertEqual(self.bring("id,name\n1,Ada\n", dry_run=True), (1, 1, 0, 0, 0, 0))
        self.assertEqual((Customer.objects.count(), Import.objects.count()), (0, 0))
        self.assertEqual(AuditEntry.objects.count(), before)

    def test_modes(self):
        self.bring("id,name\n1,Ada\n")
        text = "id,name\n1,Ada Lovelace\n2,Bob\n"
        self.assertEqual(self.bring(text, mode="create"), (2, 1, 0, 1, 0, 0))
        self.assertEqual(self.bring("id,name\n1,Ada King\n3,Cy\n", mode="update"), (2, 0, 1, 0, 0, 1))
        self.assertEqual(set(Customer.objects.values_list("name", flat=True)), {"Ada King", "Bob"})

    def test_keys_other_than_the_external_id(self):
        self.bring("name,email\nAda,ADA@example.com\n")
        self.assertEqual(self.bring("name,email\nAda King,ada@example.com\n"), (1, 0, 1, 0, 0, 0))
        make.customer(name="Twin")
        make.customer(name="Twin")
        self.assertEqual(self.bring("name,city\nTwin,York\n", key="name"), (1, 0, 0, 0, 0, 1))

    def test_rows_without_their_key_are_known_by_name(self):
        text = "id,name\n,Ada\n7,Bob\n"
        self.bring(text)
        self.assertEqual(self.bring(text), (2, 0, 0, 2, 0, 0))

    def test_owners_are_members_of_this_company_only(self):
        self.assertEqual(self.bring("name,owner\nAda,Alice\nBob,Mallory\n"), (2, 1, 0, 0, 0, 1))
        self.assertEqual(Customer.objects.get().owner, self.alice)

    def test_a_deleted_customer_stays_deleted(self):
        make.customer(external_id="C1", deleted_at="2026-01-01T00:00Z")
        self.assertEqual(self.bring("id,name\nC1,Ada\n"), (1, 0, 0, 0, 0, 1))

    def test_the_deed_and_the_wish_to_classify_are_written_down(self):
        self.bring("id,name\n1,Ada\n", actor=self.admin)
        entry = AuditEntry.objects.get(deed="import.done")
        self.assertEqual((entry.member_id, entry.after["created"]), (self.admin.pk, 1))
        self.assertTrue(WakeUp.objects.filter(tenant_id=self.acme.pk).exists())
        self.assertEqual(Import.objects.get().request_id, entry.request_id)

    def test_a_cancelled_import_leaves_nothing(self):
        def stop(rows):
            raise JobCancelled

        with self.assertRaises(JobCancelled):
            self.bring("id,name\n1,Ada\n", progress=stop)
        self.assertEqual(Customer.objects.count(), 0)

    def test_two_companies_may_use_the_same_ids(self):
        self.bring("id,name\n1,Ada\n")
        self._stack.close()
        with tenant_context(self.other.pk):
            self.assertEqual(self.bring("id,name\n1,Eve\n"), (1, 1, 0, 0, 0, 0))
            self.assertEqual(Customer.objects.get().name, "Eve")


class Refusals(ImportTestCase):
    def test_files_that_are_no_tables(self):
        for content in (
            b"",
            b"%PDF-1.7 x",
            b"name\n\0\0",
            b"\xd0\xcf\x11\xe0rest",
            b"PK\x03\x04broken",
            b"a" * 60_000 + b",b\n",
        ):
            with self.subTest(content[:8]), self.assertRaises(FileRefused):
                self.bring(content)

    def test_too_many_columns_and_a_quotation_without_end(self):
        with self.assertRaises(FileRefused):
            self.bring(",".join(f"c{n}" for n in range(500)) + "\n")
        with self.assertRaises(FileRefused):
            self.bring('id,name\n1,"never closed' + "x" * 60_000)

    def test_a_workbook_that_unfolds_beyond_measure(self):
        path = self.folder / "bomb.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", "<workbook/>")
            archive.writestr("xl/worksheets/sheet1.xml", b" " * 300_000_000)
        with self.assertRaises(FileRefused):
            import_file(path=path, kind="customers")

    def test_a_workbook_whose_row_or_text_is_beyond_measure(self):
        """Small when packed, it would be held as a whole before its columns could be counted."""
        cell, long = "<c t='inlineStr'><is><t>name</t></is></c>", "A" * 17_000_000
        wide = "a table may have at most 200 columns"
        for rows, told in (
            (f"<row>{cell * 100_000}</row>", wide),
            (f"<row>{(cell + '<!--</row>-->') * 100_000}</row>", wide),
            (f"<row>{cell.replace('name', long)}</row>", wide),
            (f"<row>{cell}<row/></row>", "not a workbook that can be read"),
            (f"<row>{cell}</row>" + "<row/>" * 2**20, "more than the 1048576 rows"),
            (f"<row>{cell}</row><row r='99999999'>{cell}</row>", "more than the 1048576 rows"),
        ):
            with self.subTest(rows[:60]), self.assertRaisesMessage(FileRefused, told):
                import_file(path=self.book(rows), kind="customers")

    def test_rows_beyond_what_the_sheet_says_it_holds_come_in(self):
        """Some programs write that the table is one cell large."""
        cell = "<c t='inlineStr'><is><t>{}</t></is></c>"
        table = (("name", "city"), ("Harbour", "Hull"), ("Quay", "Leeds"))
        rows = "".join(f"<row>{''.join(map(cell.format, row))}</row>" for row in table)
        import_file(path=self.book(rows), kind="customers")
        found = Customer.objects.order_by("name").values_list("name", "city")
        self.assertEqual(list(found), [("Harbour", "Hull"), ("Quay", "Leeds")])

    def test_a_line_without_an_end(self):
        with self.assertRaisesMessage(FileRefused, "A line is longer than 16 million characters."):
            self.bring("id,name\n1," + "x" * 17_000_000)

    def book(self, rows):
        """A workbook with the rows as they are written in its sheet, which says that it holds A1."""
        path, empty = self.folder / "book.xlsx", self.folder / "empty.xlsx"
        Workbook().save(empty)
        with zipfile.ZipFile(empty) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in source.namelist():
                text = source.read(name).decode()
                archive.writestr(
                    name, text.replace("<sheetData></sheetData>", f"<sheetData>{rows}</sheetData>")
                )
        return path

    def test_keys_that_are_none_or_are_not_in_the_file(self):
        """Taken silently, they would make every customer again."""
        for key, told in (("external_ID", "cannot be known by"), ("email", "no column is mapped to it")):
            for dry_run in (True, False):
                with self.subTest(key=key, dry_run=dry_run), self.assertRaisesMessage(MappingRefused, told):
                    self.bring("external_id,name\nC1,Harbour Ltd\n", key=key, dry_run=dry_run)
        self.assertFalse(Customer.objects.exists())

    def test_columns_that_do_not_fit(self):
        for text, mapping in (
            ("foo,bar\n1,2\n", {}),
            ("id,name\n", {"nix": "name"}),
            ("id,name\n", {"id": "custom:No key"}),
        ):
            with self.subTest(text), self.assertRaises(MappingRefused):
                self.bring(text, mapping=mapping)


class Purchases(ImportTestCase):
    HEADER = "customer_id,invoice,purchased_at,product,description,quantity,unit_price,country\n"

    def lines(self, *rows, **choices):
        choices.setdefault("unknown", "create")
        return self.bring(self.HEADER + "".join(f"{row}\n" for row in rows), "purchases", **choices)

    def test_lines_of_one_number_become_one_purchase_in_the_files_order(self):
        rows = (
            "7,A1,2010-01-04 09:00,P1,Lamp,2,6.95,Norway",
            "8,A2,2010-01-04 09:05,P1,Lamp,1,6.95,France",
            "7,A1,2010-01-04 09:01,P2,,3,0.001,Norway",
            "7,A1,2010-01-04 09:00,P1,Lamp (dented),2,6.95,Norway",
            "7,A1,2010-01-04 09:00,P1,Lamp,2,6.95,Norway",
        )
        self.acme.timezone = "Europe/Oslo"
        self.acme.save()
        self.assertEqual(self.lines(*rows), (5, 5, 0, 0, 0, 0))
        self.assertEqual(self.result["made"], {"customers": 2, "products": 2, "purchases": 2, "lines": 5})

        purchase = Purchase.objects.get(order_no="A1")
        self.assertEqual((purchase.amount, purchase.amount_home, purchase.currency), (4170, 4170, "USD"))
        self.assertEqual(purchase.purchased_at.isoformat(), "2010-01-04T08:00:00+00:00")
        self.assertEqual(
            list(
                purchase.lines.values_list(
                    "position", "product__code", "description", "quantity", "unit_price", "amount"
                )
            ),
            [
                (1, "P1", "", 2, Decimal("6.95"), 1390),
                (2, "P2", "", 3, Decimal("0.001"), 0),
                (3, "P1", "Lamp (dented)", 2, Decimal("6.95"), 1390),
                (4, "P1", "", 2, Decimal("6.95"), 1390),
            ],
        )
        self.assertEqual(purchase.customer.region, "Norway")
        self.assertEqual(CustomerStats.objects.get(customer=purchase.customer).spend, 4170)
        self.assertEqual(Product.objects.get(code="P2").name, "P2")

        before = AuditEntry.objects.exclude(kind="deed").exclude(subject_type="customers.import").count()
        self.assertEqual(self.lines(*rows), (5, 0, 0, 5, 0, 0))
        after = AuditEntry.objects.exclude(kind="deed").exclude(subject_type="customers.import").count()
        self.assertEqual(before, after)

    def test_fractions_of_a_penny_round_half_up_by_line(self):
        self.lines(
            "7,A1,2010-01-04,P1,Lamp,1,0.125,UK",
            "7,A1,2010-01-04,P1,Lamp,5,0.001,UK",
            "7,A1,2010-01-04,P1,Lamp,4,0.001,UK",
        )
        self.assertEqual(list(PurchaseLine.objects.values_list("amount", flat=True)), [13, 1, 0])

    def test_an_order_that_changed_is_written_anew(self):
        self.lines(
            "7,A1,2010-01-04,P1,Lamp,2,5,UK",
            "7,A1,2010-01-04,P2,Bulb,1,1,UK",
            "8,B1,2010-01-04,P1,Lamp,1,5,UK",
        )
        self.assertEqual(
            self.lines("7,A1,2010-01-04,P1,Lamp,3,5,UK", "8,B1,2010-01-04,P1,Lamp,1,5,UK"), (2, 0, 1, 1, 0, 0)
        )
        self.assertEqual(Purchase.objects.get(order_no="A1").amount, 1500)
        self.assertEqual(PurchaseLine.objects.count(), 2)

    def test_unknown_customers_are_made_marked_or_refused(self):
        row = "9,A9,2010-01-04,P1,Lamp,1,5,UK"
        self.assertEqual(self.lines(row, unknown="reject"), (1, 0, 0, 0, 0, 1))
        self.assertEqual((Customer.objects.count(), Product.objects.count()), (0, 0))
        self.assertEqual(self.errors()[0][:3], ["2", "customer_id", "9"])
        self.lines(row, unknown="review")
        self.assertEqual(Customer.objects.get().review, "waiting")

    def test_an_order_number_belongs_to_one_customer(self):
        self.assertEqual(
            self.lines("7,A1,2010-01-04,P1,Lamp,1,5,UK", "8,A1,2010-01-04,P1,Lamp,1,5,UK"), (2, 1, 0, 0, 0, 1)
        )
        self.assertEqual(self.lines("8,A1,2010-01-04,P1,Lamp,1,5,UK"), (1, 0, 0, 0, 0, 1))

    def test_amounts_without_lines_and_without_numbers(self):
        text = '客户编号,日期,金额\n7,2010年3月4日,"1,234.50"\n7,2010-03-04,10\n7,2010-03-04,10\n'
        self.assertEqual(self.bring(text, "purchases", unknown="create"), (3, 3, 0, 0, 0, 0))
        self.assertEqual(self.bring(text, "purchases", unknown="create"), (3, 0, 0, 3, 0, 0))
        self.assertEqual(sorted(Purchase.objects.values_list("amount", flat=True)), [1000, 1000, 123450])
        self.assertEqual(PurchaseLine.objects.count(), 0)

    def test_another_currency_needs_its_amount_at_home(self):
        text = "customer_id,order_no,date,amount,currency,amount_home\n"
        text += "7,A1,2010-03-04,1000,JPY,9.5\n7,A2,2010-03-04,5,EUR,\n"
        self.assertEqual(self.bring(text, "purchases", unknown="create"), (2, 1, 0, 0, 0, 1))
        self.assertEqual(
            Purchase.objects.values_list("amount", "currency", "amount_home").get(), (1000, "JPY", 950)
        )

    def test_rows_that_make_no_purchase(self):
        self.assertEqual(
            self.lines(
                ",A1,2010-01-04,P1,Lamp,1,5,UK", "7,A2,soon,P1,Lamp,1,5,UK", "7,A3,2010-01-04,P1,Lamp,1,,UK"
            ),
            (3, 0, 0, 0, 0, 3),
        )
        self.assertEqual([row[0] for row in self.errors()], ["3", "2", "4"])

    def test_a_workbook(self):
        book = Workbook()
        book.active.append(["Customer", "Order", "Date", "Amount"])
        book.active.append([7, "A1", datetime(2010, 1, 4, 9), 12.5])
        path = self.folder / "file.xlsx"
        book.save(path)
        result = import_file(path=path, kind="purchases", unknown="create")
        self.assertEqual((result["rows"], result["created"]), (1, 1))
        self.assertEqual(Purchase.objects.get().amount, 1250)
        self.assertEqual(Customer.objects.get().external_id, "7")


class OtherKinds(ImportTestCase):
    def test_contacts(self):
        make.customer(external_id="C1")
        text = "customer_id,name,email,role\nC1,Grace Hughes,g@example.com,决策人\nC1,Owen Reid,,uses\nC2,Nobody,,\n"
        self.assertEqual(self.bring(text, "contacts"), (3, 2, 0, 0, 0, 1))
        self.assertEqual(self.bring(text, "contacts"), (3, 0, 0, 2, 0, 1))
        self.assertEqual(
            list(Contact.objects.order_by("name").values_list("name", "role", "primary")),
            [("Grace Hughes", "decides", True), ("Owen Reid", "uses", False)],
        )

    def test_products(self):
        text = "SKU,产品名称,单价\nP1,滤芯,12.50\n"
        self.assertEqual(self.bring(text, "products"), (1, 1, 0, 0, 0, 0))
        self.assertEqual(self.bring(text.replace("12.50", "13"), "products"), (1, 0, 1, 0, 0, 0))
        self.assertEqual(Product.objects.values_list("code", "name", "price").get(), ("P1", "滤芯", 1300))

    def test_interactions(self):
        customer = make.customer(external_id="C1")
        text = "customer_id,date,kind,text,author\n" + "C1,2026-01-05 10:00,call,Spoke,Alice\n" * 2
        self.assertEqual(self.bring(text, "interactions"), (2, 1, 0, 0, 1, 0))
        self.assertEqual(self.bring(text, "interactions"), (2, 0, 0, 1, 1, 0))
        talk = Interaction.objects.get()
        self.assertEqual((talk.author, talk.channel), (self.alice, "phone"))
        self.assertEqual(CustomerStats.objects.get(customer=customer).last_contact_at, talk.happened_at)
