import io
import re
import tempfile
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from crm.models import Job, Notification
from crm.services import jobs
from customers.imports.fields import FIELDS
from customers.models import Consent, Customer, CustomField, Import
from customers.services.imports import uploads
from tests import factories as make
from tests.cases import BrowserTestCase

FILE = "编号,客户名称,邮箱,备忘\nC1,远山服务,a@example.com,x\nC2,青云贸易,nobody,y\n".encode("gb18030")


class Wizard(BrowserTestCase):
    def setUp(self):
        super().setUp()
        media = self.enterContext(tempfile.TemporaryDirectory())
        self.enterContext(override_settings(MEDIA_ROOT=media))
        self.sign_in(self.admin)

    def upload(self, content=FILE, kind="customers"):
        file = SimpleUploadedFile("客户.csv", content)
        return self.client.post(reverse("customers:new-import"), {"kind": kind, "file": file})

    def import_(self):
        with self.inside():
            return Import.objects.select_related("job").get()

    def work(self):
        job = self.import_().job
        self.assertTrue(jobs.run(tenant_id=self.acme.pk, job_id=job.pk))

    def choose(self, **columns):
        mapping = {
            "column-0": "external_id",
            "column-1": "name",
            "column-2": "email",
            "column-3": "",
            **columns,
        }
        address = reverse("customers:import-columns", args=[self.import_().pk])
        return self.client.post(address, {**mapping, "mode": "both", "key": "", "unknown": "reject"})

    def customers(self):
        with self.inside():
            return list(Customer.objects.values_list("external_id", "name"))

    def test_a_file_from_upload_to_result(self):
        self.upload()
        page = self.client.get(reverse("customers:import-columns", args=[self.import_().pk]))
        self.assertContains(page, "远山服务")
        self.assertContains(page, '<option value="email" selected>')

        self.choose()
        self.work()
        page = self.client.get(reverse("customers:import", args=[self.import_().pk]))
        self.assertContains(page, "Of 2 rows, 1 would be taken.")
        self.assertContains(page, "nobody")
        self.assertEqual(self.customers(), [])
        file = self.client.get(reverse("customers:import-errors", args=[self.import_().pk]))
        self.assertIn("3,邮箱,nobody", b"".join(file.streaming_content).decode("utf-8-sig"))

        self.client.post(reverse("customers:begin-import", args=[self.import_().pk]))
        self.work()
        page = self.client.get(reverse("customers:import", args=[self.import_().pk]))
        self.assertContains(page, "Of 2 rows, 1 were taken.")
        self.assertEqual(self.customers(), [("C1", "远山服务")])
        self.assertContains(self.client.get(reverse("customers:imports")), "客户.csv")

    def test_reasons_are_in_the_language_of_who_brings_the_file_and_proofs_in_the_companys(self):
        self.admin.user.language = "zh-hant"
        self.admin.user.save()
        self.upload(
            "编号,客户名称,邮箱,类型,邮件\nC1,远山,a@example.com,公司,是\nC2,青云,nobody,company,\n".encode()
        )
        self.choose(**{"column-3": "kind", "column-4": "consent_email_marketing"})
        self.work()
        page = self.client.get(reverse("customers:import", args=[self.import_().pk]))
        self.assertContains(page, "不是電子郵件地址")
        (told,) = self.import_().counts["first_errors"]
        self.assertEqual((told["line"], told["column"], told["reason"]), (3, "邮箱", "不是電子郵件地址"))

        self.client.post(reverse("customers:begin-import", args=[self.import_().pk]))
        self.work()
        with self.inside():
            self.assertEqual([one.kind for one in Customer.objects.all()], ["company"])
            self.assertEqual(
                list(Consent.objects.values_list("proof", flat=True)), ["客户.csv, line 2, column “邮件”"]
            )

    def test_only_the_end_of_bringing_in_and_of_long_checks_is_told(self):
        self.upload()
        self.choose()
        self.work()
        self.assertEqual(self.notes(), [])
        self.choose()
        with self.inside():
            Job.objects.filter(pk=self.import_().job_id).update(
                created_at=timezone.now() - timedelta(minutes=2)
            )
        self.work()
        self.assertEqual(self.notes(), ["Done: Import of 客户.csv"])
        self.client.post(reverse("customers:begin-import", args=[self.import_().pk]))
        self.work()
        self.assertEqual(self.notes(), ["Done: Import of 客户.csv"] * 2)

    def notes(self):
        with self.inside():
            return list(Notification.objects.filter(kind="job.finished").values_list("title", flat=True))

    def test_columns_that_do_not_fit_are_told_and_can_be_chosen_again(self):
        self.upload()
        pk = self.import_().pk
        self.assertRedirects(
            self.client.get(reverse("customers:import", args=[pk])),
            reverse("customers:import-columns", args=[pk]),
        )
        answer = self.choose(**{"column-3": "name"})
        self.assertContains(answer, "Two columns are mapped to", status_code=422)
        self.assertEqual(self.choose().status_code, 302)

    def test_a_file_that_is_none_is_told_beside_the_field(self):
        self.assertContains(self.upload(b"%PDF-1.4"), "This is not a table", status_code=422)

    def test_a_file_of_nothing_but_column_names_says_so(self):
        told = "The file names its columns and has no rows below them."
        self.upload("客户编号,客户名称,邮箱\n".encode())
        page = reverse("customers:import-columns", args=[self.import_().pk])
        self.assertContains(self.client.get(page), told)
        self.choose(**{"column-3": ""})
        self.work()
        page = reverse("customers:import", args=[self.import_().pk])
        self.assertContains(self.client.get(page), told)

    def test_an_unchecked_file_is_not_brought_in(self):
        self.upload()
        answer = self.client.post(reverse("customers:begin-import", args=[self.import_().pk]))
        self.assertEqual((answer.status_code, self.customers()), (409, []))

    def test_a_waiting_import_can_be_stopped(self):
        self.upload()
        self.choose()
        self.client.post(reverse("customers:stop-import", args=[self.import_().pk]))
        self.assertEqual((self.import_().state, self.import_().job.state), ("cancelled", "cancelled"))

    def test_a_waiting_import_is_over_however_its_job_is_cancelled(self):
        self.upload()
        self.choose()
        with self.inside():
            jobs.cancel(self.import_().job)
        self.assertEqual((self.import_().state, self.import_().job.state), ("cancelled", "cancelled"))
        self.assertIsNotNone(self.import_().finished_at)

    def test_one_that_is_being_stopped_says_so(self):
        self.upload()
        self.choose()
        with self.inside():
            Job.objects.update(state=Job.State.RUNNING, cancel_asked_at=timezone.now())
        page = self.client.get(reverse("customers:import", args=[self.import_().pk]))
        self.assertContains(page, "It is being stopped.")
        self.assertContains(page, '<span class="job-count" role="status">0 of 2 rows</span>', html=True)
        self.assertNotContains(page, reverse("customers:stop-import", args=[self.import_().pk]))

    def test_templates_name_every_field(self):
        for kind, fields in FIELDS.items():
            answer = self.client.get(reverse("customers:import-template", args=[str(kind)]))
            self.assertContains(answer, ",".join(field.name for field in fields))

    def test_only_who_may_import_and_only_ones_own_company(self):
        self.upload()
        pk = self.import_().pk
        self.sign_in(self.mallory)
        for name in ("import", "import-columns", "import-progress", "import-errors"):
            self.assertEqual(self.client.get(reverse(f"customers:{name}", args=[pk])).status_code, 404)
        self.sign_in(self.alice)
        self.assertEqual(self.client.get(reverse("customers:imports")).status_code, 403)

    def test_bad_rows_are_mended_in_place(self):
        self.upload()
        self.choose()
        self.work()
        page = self.client.get(reverse("customers:import", args=[self.import_().pk]))
        self.assertContains(page, 'name="cell-3-2"')
        self.assertNotContains(page, 'name="cell-2-2"')
        mended = {"cell-3-2": "b@example.com", "cell-2-1": "not asked for"}
        self.client.post(reverse("customers:mend-import", args=[self.import_().pk]), mended)
        self.work()
        self.assertEqual((self.import_().counts["created"], self.import_().counts["rejected"]), (2, 0))
        self.client.post(reverse("customers:begin-import", args=[self.import_().pk]))
        self.work()
        self.assertEqual(self.customers(), [("C1", "远山服务"), ("C2", "青云贸易")])

    def test_line_breaks_of_cells_that_nobody_touched_stay_as_they_are(self):
        self.upload('编号,客户名称,邮箱,备忘\nC1,远山服务,nobody,"要发票\n先电话"\n'.encode())
        self.choose(**{"column-3": "notes"})
        self.work()
        address = reverse("customers:import", args=[self.import_().pk])
        self.assertContains(self.client.get(address), "\n要发票\n先电话</textarea>")
        mended = {"cell-2-2": "a@example.com", "cell-2-3": "要发票\r\n先电话"}
        self.client.post(reverse("customers:mend-import", args=[self.import_().pk]), mended)
        self.assertEqual(self.import_().preview["mended"]["2"][3], "要发票\n先电话")
        typed = {"cell-2-2": "a@example.com", "cell-2-3": "要发票\r\n先发邮件"}
        self.work()
        self.client.post(reverse("customers:begin-import", args=[self.import_().pk]), typed)
        self.work()
        with self.inside():
            self.assertEqual(Customer.objects.get().notes, "要发票\n先电话")

    def test_after_a_second_check_one_goes_on_at_the_first_wrong_cell(self):
        self.upload("编号,客户名称,邮箱,备忘\nC1,远山服务,nobody,\nC2,,b@example.com,\n".encode())
        self.choose()
        self.work()
        address = reverse("customers:import", args=[self.import_().pk])
        self.assertNotContains(self.client.get(address), "autofocus")
        answer = self.client.post(
            reverse("customers:mend-import", args=[self.import_().pk]), {"cell-2-2": "a@b.example"}
        )
        self.assertRedirects(answer, f"{address}?again=1")
        self.work()
        page = self.client.get(f"{address}?again=1")
        self.assertContains(page, "autofocus", 1)
        focused = '<input class="form-control form-control-sm mend-cell is-invalid" name="cell-3-1" value="" '
        self.assertContains(
            page, focused + 'aria-invalid="true" autofocus aria-label="Line 3: 客户名称">', html=True
        )

    def test_rows_too_long_for_the_table_are_told_of(self):
        long = "长" * 6_000
        self.upload(
            f"编号,客户名称,邮箱,备忘\nC1,远山服务,a@example.com,{long}\nC2,青云贸易,nobody,\n".encode()
        )
        self.choose(**{"column-3": "notes"})
        self.work()
        page = self.client.get(reverse("customers:import", args=[self.import_().pk]))
        self.assertContains(page, "1 of 2 rows are shown here; the file holds all.")

    def test_a_row_without_a_name_is_marked_and_mended_in_place(self):
        self.upload("编号,客户名称,邮箱,备忘\nC1,,a@example.com,\n".encode())
        self.choose()
        self.work()
        page = self.client.get(reverse("customers:import", args=[self.import_().pk]))
        marked = '<input class="form-control form-control-sm mend-cell is-invalid" name="cell-2-1" value="" '
        self.assertContains(page, marked + 'aria-invalid="true" aria-label="Line 2: 客户名称">', html=True)
        self.client.post(
            reverse("customers:begin-import", args=[self.import_().pk]), {"cell-2-1": "远山服务"}
        )
        self.work()
        self.assertEqual(self.customers(), [("C1", "远山服务")])

    def test_lines_that_look_alike_become_one_customer_where_asked(self):
        self.upload("编号,客户名称,邮箱,备忘\n,远山服务,a@example.com,\n,远山服务,b@example.com,\n".encode())
        self.choose()
        self.work()
        address = reverse("customers:import", args=[self.import_().pk])
        self.assertContains(self.client.get(address), "Line 3 looks like line 2: 远山服务")
        self.client.post(reverse("customers:mend-import", args=[self.import_().pk]), {"alike": "one"})
        self.work()
        self.assertEqual(
            (self.import_().counts["created"], self.import_().counts["made"]["contacts"]), (1, 1)
        )
        self.assertContains(self.client.get(address), 'name="alike" value="apart"')

    def test_what_was_mended_and_not_checked_again_comes_in_too(self):
        self.upload()
        self.choose()
        self.work()
        address = reverse("customers:begin-import", args=[self.import_().pk])
        page = self.client.get(reverse("customers:import", args=[self.import_().pk]))
        self.assertContains(page, f'form="mend" formaction="{address}"')
        self.client.post(address, {"cell-3-2": "b@example.com"})
        self.work()
        self.assertEqual(self.customers(), [("C1", "远山服务"), ("C2", "青云贸易")])
        self.assertContains(
            self.client.get(reverse("customers:import", args=[self.import_().pk])),
            reverse("customers:scan-duplicates") + "?show=1",
        )

    def test_bad_rows_as_a_file_that_can_be_brought_as_it_is(self):
        self.upload()
        self.choose()
        self.work()
        self.client.post(reverse("customers:begin-import", args=[self.import_().pk]))
        self.work()
        answer = self.client.get(reverse("customers:import-rows", args=[self.import_().pk]))
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        self.assertEqual(
            text.splitlines(),
            ["编号,客户名称,邮箱,备忘,Reason", "C2,青云贸易,nobody,y,邮箱: not an e-mail address"],
        )
        self.upload(text.replace("nobody", "b@example.com").encode())
        with self.inside():
            second = Import.objects.order_by("-created_at").first()
            uploads.check(
                import_=second,
                mapping=second.mapping,
                mode="both",
                key="",
                unknown="reject",
                actor=self.admin,
            )
        jobs.run(tenant_id=self.acme.pk, job_id=second.job_id)
        with self.inside():
            second.refresh_from_db()
        self.assertEqual((second.counts["rows"], second.counts["created"]), (1, 1))

    def test_choices_are_remembered_for_files_with_the_same_columns(self):
        self.upload()
        self.choose(**{"column-3": "notes"})
        self.work()
        self.upload()
        with self.inside():
            newest = Import.objects.order_by("-created_at").first()
        self.assertEqual(newest.mapping["备忘"], "notes")
        page = self.client.get(reverse("customers:import-columns", args=[newest.pk]))
        self.assertContains(page, "As chosen for")

    def test_a_sheet_is_chosen(self):
        book = Workbook()
        book.active.append(["nothing here"])
        book.create_sheet("客户").append(["编号", "客户名称"])
        book["客户"].append([7, "远山服务"])
        out = io.BytesIO()
        book.save(out)
        self.upload(out.getvalue())
        address = reverse("customers:import-columns", args=[self.import_().pk])
        self.assertContains(self.client.get(address), "客户")
        self.client.post(address, {"sheet": "客户"})
        self.assertEqual(self.import_().mapping, {"编号": "external_id", "客户名称": "name"})
        given = {
            "column-0": "external_id",
            "column-1": "name",
            "mode": "both",
            "unknown": "reject",
            "sheet": "客户",
        }
        self.client.post(address, given)
        self.work()
        self.client.post(reverse("customers:begin-import", args=[self.import_().pk]))
        self.work()
        self.assertEqual(self.customers(), [("7", "远山服务")])

    def test_titles_above_the_column_names_are_left_out(self):
        title = "秋季展会登记表,,,\n填表人：周立,2026-11-20,,\n".encode("gb18030")
        self.upload(title + FILE)
        page = self.client.get(reverse("customers:import-columns", args=[self.import_().pk]))
        self.assertContains(page, "2 lines above it are left out.")
        self.assertContains(page, '<option value="email" selected>')

        self.choose()
        self.work()
        import_ = self.import_()
        self.assertEqual((import_.counts["rows"], import_.counts["created"]), (2, 1))
        self.assertEqual(import_.preview["bad"][0]["line"], 5)

        address = reverse("customers:import-columns", args=[import_.pk])
        self.client.post(address, {"head": "4"})
        self.assertEqual(self.import_().preview["header"], ["C1", "远山服务", "a@example.com", "x"])

    def test_a_column_becomes_a_field_in_the_wizard(self):
        text = "编号,客户名称,等级,积分\nC1,远山服务,金,12\nC2,青云贸易,银,7\n".encode()
        self.upload(text)
        address = reverse("customers:import-columns", args=[self.import_().pk])
        page = self.client.get(address)
        self.assertContains(page, "New: Number (like its first values)")
        labels = ("Customer", "Contact of the customer", "Consents", "New field")
        self.assertEqual(re.findall('<optgroup label="(.*?)">', page.text)[:4], list(labels))
        self.choose(**{"column-2": "new:choice", "column-3": "new:number"})
        self.work()
        with self.inside():
            self.assertEqual((self.import_().counts["created"], CustomField.objects.count()), (2, 0))
        self.client.post(reverse("customers:begin-import", args=[self.import_().pk]))
        self.work()
        with self.inside():
            kinds = dict(CustomField.objects.values_list("label", "kind"))
            self.assertEqual(kinds, {"等级": "choice", "积分": "number"})
            found = Customer.objects.get(external_id="C2").custom
            self.assertEqual(sorted(found.values()), ["7", "银"])
        page = self.client.get(reverse("customers:import", args=[self.import_().pk]))
        self.assertContains(page, "The fields “积分”, “等级”, which it made, go too")

    def test_only_who_may_define_fields_makes_one_of_a_column(self):
        with self.inside():
            lead = make.member(display_name="Lea", role="lead")
        self.sign_in(lead)
        self.upload()
        address = reverse("customers:import-columns", args=[self.import_().pk])
        self.assertNotContains(self.client.get(address), "new:number")
        answer = self.choose(**{"column-3": "new:text"})
        self.assertContains(answer, "You may not define fields.", status_code=422)
