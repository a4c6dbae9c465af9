"""Rows that whoever brings a file leaves out: a heading between pages, a subtotal, what is no record."""

from unittest.mock import patch

from django.urls import reverse

from crm.models import AuditEntry
from customers.imports.errors import MappingRefused
from customers.models import Customer, Import
from customers.services.imports import leaving
from tests.customers.bringing import Bringing

FILE = (
    "编号,客户名称,邮箱\n"
    "C1,远山服务,a@example.com\n"
    "编号,客户名称,邮箱\n"
    "C2,青云贸易,nobody\n"
    "编号,客户名称,邮箱\n"
    "C3,,c@example.com\n"
)
SHOWN = {"rows-shown": "1"}
WRONG = "not an e-mail address"
REPEATED = "repeats the names of the columns"


class Left(Bringing):
    FILE, SENT = FILE, SHOWN

    def told(self):
        counts = self.import_().counts
        return {name: counts[name] for name in ("rows", "created", "rejected", "left_out")}

    def bad(self):
        return [one["line"] for one in self.import_().preview["bad"]]

    def file(self):
        answer = self.client.get(reverse("customers:import-rows", args=[self.pk]))
        return b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()[1:]

    def test_a_row_is_left_out_and_taken_back(self):
        self.check()
        self.assertEqual(self.told(), {"rows": 5, "created": 1, "rejected": 4, "left_out": 0})
        self.assertContains(self.page(), 'name="out-3"', count=1)
        self.assertNotContains(self.page(), "left out")

        self.post("mend", **{"out-3": "1"})
        self.assertEqual(self.told(), {"rows": 4, "created": 1, "rejected": 3, "left_out": 1})
        self.assertEqual(self.bad(), [4, 5, 6])
        self.assertEqual(
            [row.split(",")[0] for row in self.file()], ["C2", "编号", "C3"], "the file holds the others"
        )
        page = self.page()
        self.assertContains(page, "1 row is left out")
        self.assertContains(page, "1 row was left out as chosen.")
        self.assertContains(page, "Line 3: 编号 · 客户名称 · 邮箱")
        self.assertContains(page, 'name="out-3" value="1" checked', count=1)

        self.post("mend")
        self.assertEqual(self.told(), {"rows": 5, "created": 1, "rejected": 4, "left_out": 0})
        with self.inside():
            said = AuditEntry.objects.filter(deed="import.left_out").order_by("pk")
            self.assertEqual([entry.after["lines"] for entry in said], [[3], []])

    def test_a_repeated_heading_has_one_reason(self):
        self.check()
        preview = self.import_().preview
        self.assertEqual(preview["told"][0], [REPEATED, 2])
        self.assertEqual(
            [one["reasons"] for one in preview["bad"]],
            [
                [["", REPEATED]],
                [["邮箱", WRONG]],
                [["", REPEATED]],
                [["客户名称", "A new record needs a name."]],
            ],
        )
        self.post("mend", leave="0")
        self.assertEqual(self.told(), {"rows": 3, "created": 1, "rejected": 2, "left_out": 2})

    def test_all_rows_of_a_reason_are_left_out_and_taken_back(self):
        lines = "".join(f"D{at},客户{at},wrong\n" for at in range(60))
        self.check("编号,客户名称,邮箱\nC1,远山服务,a@example.com\nC3,,c@example.com\n" + lines)
        self.assertEqual(self.import_().preview["told"][0], [WRONG, 60])
        self.post("mend", leave="0")
        self.assertEqual(self.told(), {"rows": 2, "created": 1, "rejected": 1, "left_out": 60})
        self.assertEqual((self.bad(), len(self.import_().preview["out"])), ([3], 50))
        self.assertContains(self.page(), "50 of 60 rows are shown here.")

        kept = {f"out-{one['line']}": "1" for one in self.import_().preview["out"]}
        self.post("mend", **kept)
        self.assertEqual(self.told()["left_out"], 60, "those that are not shown stay as they are")
        self.post("mend", leave="none", **kept)
        self.assertEqual(self.told(), {"rows": 62, "created": 1, "rejected": 61, "left_out": 0})

    def test_what_was_ticked_and_mended_and_not_checked_again_counts_too(self):
        self.check()
        self.post(
            "begin", **{"out-3": "1", "out-5": "1", "cell-4-2": "b@example.com", "cell-6-1": "金石医药"}
        )
        self.assertEqual(self.told(), {"rows": 3, "created": 3, "rejected": 0, "left_out": 2})
        self.assertEqual(self.import_().preview["bad_file"], "")
        self.assertContains(self.page(), "2 rows were left out as chosen.")
        with self.inside():
            self.assertEqual(Customer.objects.count(), 3)

    def test_a_mended_row_that_was_left_out_comes_back_mended(self):
        self.check()
        self.post("mend", **{"out-4": "1", "cell-4-2": "b@example.com"})
        self.assertEqual(self.told()["left_out"], 1)
        self.post("mend")
        self.assertEqual(self.told(), {"rows": 5, "created": 2, "rejected": 3, "left_out": 0})

    def test_where_nothing_else_is_wrong_they_can_still_be_taken_back(self):
        self.check("编号,客户名称,邮箱\nC1,远山服务,a@example.com\n编号,客户名称,邮箱\n")
        self.post("mend", **{"out-3": "1"})
        page = self.page()
        self.assertContains(page, "Rows that are left out")
        self.assertContains(page, '<details class="mend-fold" open>')
        address = reverse("customers:begin-import", args=[self.pk])
        self.assertContains(page, f'form="mend" formaction="{address}"')
        self.post("mend", leave="none")
        self.assertEqual(self.bad(), [3])

    def test_a_form_that_shows_no_rows_takes_none_back(self):
        self.check()
        self.post("mend", **{"out-3": "1"})
        self.client.post(reverse("customers:mend-import", args=[self.pk]), {"alike": "one"})
        self.work()
        self.assertEqual(self.told()["left_out"], 1)

    def test_only_rows_that_are_not_taken_are_left_out(self):
        self.check()
        with self.inside():
            import_ = Import.objects.get(pk=self.pk)
            leaving.take(import_, leaving.Choice(rows={2: True, 99: True, 3: True}), self.admin)
            self.assertEqual(import_.preview["left_out"], {"3": REPEATED})

    def test_more_than_a_page_can_keep_are_refused(self):
        self.check()
        with self.inside(), patch.object(leaving, "MOST", 1):
            import_ = Import.objects.get(pk=self.pk)
            with self.assertRaisesMessage(MappingRefused, "More than 1 rows would be left out."):
                leaving.take(import_, leaving.Choice(reason=REPEATED), self.admin)
            self.assertNotIn("left_out", import_.preview)

    def test_on_a_phone_a_row_shows_what_is_wrong_and_unfolds_the_rest(self):
        self.check()
        page = self.page()
        self.assertContains(page, '<td data-label="编号" class="mend-rest">', count=4)
        self.assertContains(page, 'aria-label="Line 4: show all cells"', count=1)
        self.assertContains(page, '<span class="mend-text">C2 · 青云贸易 · nobody</span>', count=1)
