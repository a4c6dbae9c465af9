"""Files as people have them: what a table may hold that a tidy one does not."""

import io
import zipfile
from datetime import UTC, date, datetime

from django.core.management import CommandError, call_command
from openpyxl import Workbook

from crm.models import AuditEntry
from customers.imports.errors import FileRefused
from customers.models import Customer, Interaction, Purchase
from customers.services.contracts import create_contract
from customers.services.imports import import_file
from tests import factories as make
from tests.customers.test_imports import ImportTestCase

DAY = date(2024, 5, 17)
AT = datetime(2024, 5, 17, 10, tzinfo=UTC)


class Foreign(ImportTestCase):
    """Programs write other things under the name of a table."""

    def refused(self, content, told):
        with self.subTest(content[:20]), self.assertRaisesMessage(FileRefused, told):
            self.bring(content)

    def test_a_web_page(self):
        told = "This is a web page saved as a table. Open it in a spreadsheet program and save it as XLSX or CSV."
        table = "<table><tr><td>name</td><td>email</td></tr></table>"
        for page in (
            f"<html>{table}</html>",
            f"\n<!DOCTYPE HTML PUBLIC>\n<html>{table}",
            f'<meta charset="utf-8">{table}',
            f'<?xml version="1.0"?>\n<!-- a,b -->\n<html xmlns:x="urn:x">{table}',
            f"MIME-Version: 1.0\n{table}",
            table,
        ):
            self.refused(page, told)
        self.refused(f"\ufeff<html>{table}".encode("utf-16-le"), told)

    def test_workbooks_of_other_kinds(self):
        old = "This is an Excel file of the old kind (.xls)."
        self.refused(b"\xd0\xcf\x11\xe0rest", old)
        self.refused(b"\x09\x08\x10\x00rest", old)
        locked = b"\xd0\xcf\x11\xe0" + b" " * (2**20 - 9) + "EncryptedPackage".encode("utf-16-le")
        self.refused(locked, "The workbook is locked with a password. Save it without one.")
        self.refused(
            '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "a .xml file",
        )
        for part, told in (
            (
                "content.xml",
                "This is a .ods file. Open it in a spreadsheet program and save it as XLSX or CSV.",
            ),
            ("xl/workbook.bin", "This is a .xlsb file."),
            ("word/document.xml", "This is not a table. Bring a CSV or XLSX file."),
            ("a.csv", "This is a zip archive, not a workbook. Unpack it first."),
        ):
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr(part, "x")
            self.refused(packed.getvalue(), told)

    def test_a_table_that_speaks_of_pages_comes_in(self):
        self.assertEqual(self.bring("name,notes\nHarbour,<table>\n"), (1, 1, 0, 0, 0, 0))


class Columns(ImportTestCase):
    def test_two_columns_of_one_name_are_both_there(self):
        text = "name,note,email,note\nHarbour,First,a@harbour.example,Second\n"
        self.bring(text, mapping={"note": "city", "note (2)": "notes"})
        self.assertEqual(
            list(Customer.objects.values_list("name", "city", "notes")), [("Harbour", "First", "Second")]
        )


class Hidden(ImportTestCase):
    def test_signs_nobody_sees_are_no_name_and_turn_none_around(self):
        """One unseen could bear any other's name, or make a list read backwards from there."""
        text = (
            "\u200bname,email\n\u202eevil,a@b.example\n\u200b\u200b,b@b.example\n\ufeff ,c@b.example\n"
            "خانه\u200cها,\n"
        )
        counted = self.bring(text)
        self.assertEqual(counted, (4, 2, 0, 0, 0, 2))
        self.assertEqual([row[:2] for row in self.errors()], [["3", "name"], ["4", "name"]])
        self.assertEqual(set(Customer.objects.values_list("name", flat=True)), {"evil", "خانه\u200cها"})
        self.assertEqual(self.bring(text)[3], 2)

    def test_a_number_copied_with_its_marks_is_one(self):
        self.bring(
            "name,phone,created_at\nHarbour,\u202d+44 113 496 0001\u202c,\u200e2024-\u200e05-\u200e17\n"
        )
        made = Customer.objects.get()
        self.assertEqual((made.phone, made.created_at.date()), ("+44 113 496 0001", date(2024, 5, 17)))


class Twins(ImportTestCase):
    """Rows that nothing tells apart: brought in again they are what is there."""

    def setUp(self):
        super().setUp()
        self.harbour = make.customer(external_id="C1", name="Harbour")

    def test_in_a_file_only_the_first_is_taken_however_often_it_comes(self):
        calls = "customer_id,happened_at,kind,text\n" + "C1,2024-05-17 10:00,call,Hello\n" * 2
        contracts = "customer_id,title,starts_on,value\n" + "C1,Care,2024-05-17,100\n" * 2
        for kind, text in (("interactions", calls), ("visits", calls), ("contracts", contracts)):
            with self.subTest(kind):
                self.assertEqual(self.bring(text, kind), (2, 1, 0, 0, 1, 0))
                self.assertEqual(self.bring(text, kind), (2, 0, 0, 1, 1, 0))

    def test_as_many_interactions_as_there_are_mean_these(self):
        """Two calls of the same minute, brought in as a program's export writes them."""
        for outcome in ("reached", "nobody there"):
            make.interaction(customer=self.harbour, kind="call", text="", outcome=outcome, happened_at=AT)
        row = "C1,2024-05-17 10:00+00:00,call,,"
        for header, own in (("", ""), ("external_id,", ",")):
            text = f"{header}customer_id,happened_at,kind,text,outcome\n{own}{row}reached\n{own}{row}nobody there\n"
            with self.subTest(header):
                self.assertEqual(self.bring(text, "interactions"), (2, 0, 0, 2, 0, 0))
        changed = f"customer_id,happened_at,kind,text,outcome\n{row}reached\n{row}promised\n"
        self.assertEqual(self.bring(changed, "interactions"), (2, 0, 1, 1, 0, 0))
        self.assertEqual(set(Interaction.objects.values_list("outcome", flat=True)), {"reached", "promised"})

    def test_more_or_fewer_of_them_are_still_unclear(self):
        for _call in range(2):
            make.interaction(customer=self.harbour, kind="call", text="", happened_at=AT)
        row = "C1,2024-05-17 10:00+00:00,call,\n"
        for rows in (1, 3):
            counted = self.bring("customer_id,happened_at,kind,text\n" + row * rows, "interactions")
            self.assertEqual(counted, (rows, 0, 0, 0, rows - 1, 1))

    def test_as_many_contracts_as_there_are_mean_these(self):
        for value in (20_000, 10_000):
            create_contract(
                customer=self.harbour, actor=None, title="Care", starts_on=DAY, renewal="open", value=value
            )
        text = "number,customer_id,title,starts_on,value\n,C1,Care,2024-05-17,100\n,C1,Care,2024-05-17,200\n"
        self.assertEqual(self.bring(text, "contracts"), (2, 0, 0, 2, 0, 0))


class Totals(ImportTestCase):
    """A word of totals in a column that names no record: refused with its reason, as it could be meant otherwise."""

    def bring_book(self, *rows, merged=(), kind="customers"):
        book = Workbook()
        for row in rows:
            book.active.append(row)
        for cells in merged:
            book.active.merge_cells(cells)
        path = self.folder / "file.xlsx"
        book.save(path)
        self.result = import_file(path=path, kind=kind)
        return [(row[0], row[1], row[2], row[3]) for row in self.errors()]

    def test_under_the_merged_name_of_its_group(self):
        refused = self.bring_book(
            ("region", "name", "city", "notes"),
            ("East", "Harbour", "Hull", "4"),
            (None, "Quay", "Leeds", "3"),
            (None, None, "Subtotal", "7"),
            ("West", "Pier", "Total", "9"),
            merged=("A2:A4",),
        )
        self.assertEqual(refused, [("4", "city", "Subtotal", "a row of totals")])
        self.assertEqual(set(Customer.objects.values_list("name", flat=True)), {"Harbour", "Quay", "Pier"})

    def test_under_a_customer_and_a_day_that_are_merged(self):
        """It was a purchase of as much again."""
        make.customer(external_id="C1", name="Harbour")
        refused = self.bring_book(
            ("customer_id", "purchased_at", "description", "amount"),
            ("C1", "2024-05-17", "Rope", 40),
            (None, None, "Anchor", 30),
            (None, None, "小计", 70),
            merged=("A2:A4", "B2:B4"),
            kind="purchases",
        )
        self.assertEqual(refused, [("4", "description", "小计", "a row of totals")])
        self.assertEqual(sum(Purchase.objects.values_list("amount", flat=True)), 7_000)

    def test_words_that_are_said_about_a_record_are_none(self):
        make.customer(external_id="C1", name="Harbour")
        text = "customer_id,happened_at,text\nC1,2024-05-17,Hello\nC1,2024-05-18,Total\n"
        self.assertEqual(self.bring(text, kind="interactions")[:2], (2, 2))
        text = "name,email,notes\n,a@b.example,Total\nTotal Energies,,Subtotal\n"
        self.assertEqual(
            [row[3] for row in self.errors()] if self.bring(text)[5] else [], ["A new record needs a name."]
        )


class Command(ImportTestCase):
    """It says what the numbers do not."""

    def told(self, text, **choices):
        path = self.folder / "file.csv"
        path.write_text(text)
        out, err = io.StringIO(), io.StringIO()
        call_command("import_file", path, tenant=self.acme.slug, stdout=out, stderr=err, **choices)
        return out.getvalue(), err.getvalue()

    def test_that_there_are_no_rows(self):
        out, err = self.told("name,email\n", kind="customers")
        self.assertIn("rows: 0\n", out)
        self.assertEqual(err, "The file names its columns and has no rows below them.\n")

    def owners(self):
        found = Customer.objects.order_by("external_id")
        return list(found.values_list("external_id", "owner__email", "kind"))

    def test_what_was_answered_for_the_whole_file(self):
        text = (
            "id,name,owner,kind\nC1,Acme,Bob (left),company\nC2,Beta,a=b,group\nC3,Coda,Bob (left),company\n"
        )
        answers = [f"owner=Bob (left)={self.alice.email}", "owner=a=b=", "kind=group=company"]
        out, _err = self.told(text, kind="customers", map=["id=external_id"], answer=answers, dry_run=True)
        self.assertIn("created: 3\n", out)
        self.assertEqual(self.owners(), [])
        self.assertFalse(AuditEntry.objects.filter(deed="import.answered").exists())

        out, _err = self.told(text, kind="customers", map=["id=external_id"], answer=answers)
        self.assertIn("rejected: 0\n", out)
        self.assertEqual(
            self.owners(),
            [
                ("C1", self.alice.email, "company"),
                ("C2", None, "company"),
                ("C3", self.alice.email, "company"),
            ],
        )
        self.assertEqual(AuditEntry.objects.filter(deed="import.answered").count(), 1)

    def test_an_answer_beside_a_column_that_becomes_a_new_field(self):
        choices = {"map": ["Grade=custom:grade"], "answer": [f"owner=Bob={self.alice.email}"]}
        out, _err = self.told("name,Grade,owner\nAcme,A,Bob\n", kind="customers", **choices)
        self.assertIn("created: 1\n", out)
        self.assertEqual(Customer.objects.get().owner, self.alice)

    def test_an_answer_that_cannot_be_one(self):
        text = "external_id,name,owner,kind\nC1,Acme,Bob,group\n"
        unasked = "names neither a member nor a choice: it cannot be answered for."
        for answer, told in (
            ("kind", "--answer kind: write COLUMN=VALUE=ANSWER."),
            ("kind=company", "--answer kind=company: write COLUMN=VALUE=ANSWER."),
            ("kind=group=flock", "“kind”: “flock” is not one of company, person."),
            ("name=Acme=Beta", f"“name” {unasked} These can: owner, kind."),
        ):
            with self.subTest(answer), self.assertRaisesMessage(CommandError, told):
                self.told(text, kind="customers", answer=[answer])
        with self.assertRaisesMessage(CommandError, f"“code” {unasked}"):
            self.told("code,name\nP1,Pen\n", kind="products", answer=["code=P1=P2"])
        self.assertEqual(Customer.objects.count(), 0)

    def test_that_customers_of_the_file_still_wait_for_review(self):
        """Brought in once more to take them without review, it said that nothing had changed."""
        for kind, text in (
            ("purchases", "customer_id,purchased_at,amount\nC1,2024-05-01,100\nC2,2024-05-01,100\n"),
            ("interactions", "customer_id,happened_at,text\nC3,2024-05-01,Hello\nC3,2024-05-02,Again\n"),
        ):
            with self.subTest(kind):
                waiting = 2 if kind == "purchases" else 1
                told = (
                    "1 customer of the file waits for review.",
                    "2 customers of the file wait for review.",
                )
                for unknown, same in (("review", 0), ("create", 2)):
                    out, err = self.told(text, kind=kind, unknown=unknown)
                    self.assertIn(f"unchanged: {same}\n", out)
                    self.assertIn(f"waiting: {waiting}\n", out)
                    self.assertEqual(err, told[waiting - 1] + "\n")
