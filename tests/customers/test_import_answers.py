"""One answer for all lines with the same value: for former colleagues in a column of members, for unknown choices."""

import base64
import tempfile

from django.test import override_settings
from django.urls import reverse

from crm.models import AuditEntry
from crm.services import jobs
from customers.models import Customer, CustomField, Import
from customers.services.imports import answering, uploads
from tests import factories as make
from tests.cases import ApiTestCase
from tests.customers.bringing import Bringing

FILE = (
    "编号,客户名称,负责人,类型\n"
    "C1,远山服务,王芳(离职),企业\n"
    "C2,青云贸易,王芳(离职),企业\n"
    "C3,金石医药,'=老赵,集团\n"
    "C4,海滨食品,周麗,企业\n"
    "C5,长圆电子,,企业\n"
)
UNASKED = "names neither a member nor a choice: it cannot be answered for."


class Answered(Bringing):
    FILE = FILE

    def setUp(self):
        super().setUp()
        with self.inside():
            self.zhou = make.member(display_name="周丽")

    def counts(self):
        counts = self.import_().counts
        return counts["created"], counts["rejected"]

    def owners(self):
        with self.inside():
            found = Customer.objects.order_by("external_id")
            return list(found.values_list("external_id", "owner__display_name", "kind"))

    def test_what_is_asked_and_how_often_each_reason_was_told(self):
        self.check()
        preview = self.import_().preview
        self.assertEqual(
            preview["asked"],
            [
                {"column": "负责人", "value": "王芳(离职)", "lines": 2},
                {"column": "负责人", "value": "=老赵", "lines": 1},
                {"column": "类型", "value": "集团", "lines": 1},
            ],
        )
        self.assertEqual(
            preview["told"], [["no member of this company", 3], ["not one of company, person", 1]]
        )
        self.assertEqual(self.counts(), (2, 3))

    def test_the_page_asks_once_and_an_answer_holds_for_all_lines(self):
        self.check()
        page = self.page()
        self.assertContains(page, "负责人: “王芳(离职)” is no member", count=1)
        self.assertContains(page, "类型: “集团” is not among the choices", count=1)
        self.assertContains(page, f'<option value="as:{self.zhou.email}">周丽</option>', count=2, html=True)
        self.assertContains(page, '<option value="as:company">Company</option>', count=1, html=True)
        self.assertContains(page, "3&nbsp;×&nbsp;no member of this company")

        self.post(
            "mend", **{"answer-0": f"as:{self.zhou.email}", "answer-1": "as:", "answer-2": "as:company"}
        )
        self.assertEqual((self.counts(), self.owners()), ((5, 0), []))
        self.post("begin")
        self.assertEqual(
            self.owners(),
            [
                ("C1", "周丽", "company"),
                ("C2", "周丽", "company"),
                ("C3", None, "company"),
                ("C4", "周丽", "company"),
                ("C5", None, "company"),
            ],
        )
        with self.inside():
            entry = AuditEntry.objects.get(deed="import.answered")
        self.assertEqual(entry.subject_id, self.pk)

    def test_an_answer_stays_to_be_changed_and_is_taken_back(self):
        self.check()
        self.post("mend", **{"answer-0": "as:", "answer-1": "as:", "answer-2": "as:person"})
        page = self.page()
        self.assertContains(page, "Answers for the whole file")
        self.assertContains(page, '<option value="as:" selected>Leave blank</option>', count=2, html=True)
        self.assertEqual(self.counts(), (5, 0))

        self.post("mend", **{"answer-0": "", "answer-1": "as:", "answer-2": "as:person"})
        self.assertEqual(self.counts(), (3, 2))
        self.assertEqual(
            self.import_().preview["answers"], {"负责人": {"=老赵": ""}, "类型": {"集团": "person"}}
        )

    def test_answers_that_were_not_checked_again_come_in_too(self):
        self.check()
        self.post("begin", **{"answer-0": "as:"})
        self.assertEqual([external_id for external_id, _o, _k in self.owners()], ["C1", "C2", "C4", "C5"])

    def test_the_file_of_what_is_left_says_what_was_answered(self):
        self.check()
        self.post("mend", **{"answer-1": f"as:{self.zhou.email}"})
        self.post("begin")
        answer = self.client.get(reverse("customers:import-rows", args=[self.pk]))
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        self.assertIn(f"C3,金石医药,{self.zhou.email},集团,", text)

    def test_only_what_was_offered_for_what_was_asked_is_an_answer(self):
        self.check()
        with self.inside():
            import_ = Import.objects.get(pk=self.pk)
            given = {
                "负责人": {"王芳(离职)": self.mallory.email, "周麗": ""},
                "编号": {"C1": ""},
                "类型": {"集团": "x"},
            }
            answering.take(import_, given, self.admin)
            self.assertEqual(import_.preview["answers"], {})
            self.assertFalse(AuditEntry.objects.filter(deed="import.answered").exists())

    def test_a_column_that_becomes_something_else_is_asked_about_anew(self):
        self.check()
        self.post("mend", **{"answer-0": "as:", "answer-2": "as:company"})
        self.check_again(类型="industry")
        preview = self.import_().preview
        self.assertEqual(preview["answers"], {"负责人": {"王芳(离职)": ""}})
        self.assertEqual({one["column"] for one in preview["asked"]}, {"负责人"})

    def test_the_ten_most_frequent_values_are_asked_about(self):
        lines = [(f"N{at:02}", rows) for at, rows in enumerate(range(12, 0, -1)) for _row in range(rows)]
        self.check("客户名称,负责人\n" + "".join(f"客户{n},{name}\n" for n, (name, _r) in enumerate(lines)))
        asked = [(one["value"], one["lines"]) for one in self.import_().preview["asked"]]
        self.assertEqual(asked, [(f"N{at:02}", 12 - at) for at in range(10)])

    def test_a_heading_that_is_repeated_between_the_rows_is_not_asked_about(self):
        self.check("客户名称,负责人\n远山服务,老赵\n客户名称,负责人\n青云贸易,\n")
        self.assertEqual([one["value"] for one in self.import_().preview["asked"]], ["老赵"])
        self.assertEqual(self.counts(), (1, 2))

    def test_choices_and_members_of_own_fields_are_asked_about(self):
        with self.inside():
            choices = [{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}]
            make.custom_field(key="grade", label="等级", kind="choice", choices=choices)
            make.custom_field(key="helper", label="协办", kind="member")
        self.check("编号,客户名称,等级,协办\nC1,远山服务,丙,老赵\n")
        page = self.page()
        self.assertContains(page, '<option value="as:b">乙</option>', count=1, html=True)
        self.assertContains(page, "协办: “老赵” is no member")
        self.post("begin", **{"answer-0": "as:b", "answer-1": f"as:{self.zhou.email}"})
        with self.inside():
            self.assertEqual(CustomField.objects.count(), 2)
            self.assertEqual(Customer.objects.get().custom, {"grade": "b", "helper": str(self.zhou.pk)})

    def test_undone_all_is_as_before(self):
        self.check()
        self.post(
            "begin", **{"answer-0": f"as:{self.zhou.email}", "answer-1": "as:", "answer-2": "as:company"}
        )
        self.assertEqual(len(self.owners()), 5)
        with self.inside():
            job = uploads.undo_later(import_=Import.objects.get(pk=self.pk), actor=self.admin)
        self.assertTrue(jobs.run(tenant_id=self.acme.pk, job_id=job.pk))
        with self.inside():
            self.assertEqual(Customer.objects.count(), 0)

    def test_twins_in_another_script_are_the_member_where_one_alone_is_called_so(self):
        text = "编号,客户名称,负责人\nC1,远山服务,周 麗\nC2,青云贸易,陳靜\n"
        with self.inside():
            make.member(display_name="陈静")
            make.member(display_name="陳 静")
        self.check(text)
        self.assertEqual([one["value"] for one in self.import_().preview["asked"]], ["陳靜"])
        self.post("begin")
        self.assertEqual(self.owners(), [("C1", "周丽", "company")])

    def test_they_are_remembered_for_the_next_file_of_the_same_columns(self):
        self.check()
        self.post(
            "begin", **{"answer-0": f"as:{self.zhou.email}", "answer-1": "as:", "answer-2": "as:company"}
        )
        self.check("编号,客户名称,负责人,类型\nC8,江南纺织,王芳(离职),集团\nC9,北方物流,王芳(离职),\n")
        self.assertEqual(self.counts(), (2, 0))
        self.assertEqual(
            self.import_().preview["asked"],
            [
                {"column": "负责人", "value": "王芳(离职)", "lines": 2},
                {"column": "类型", "value": "集团", "lines": 1},
            ],
        )
        chosen = f'<option value="as:{self.zhou.email}" selected>周丽</option>'
        self.assertContains(self.page(), chosen, count=1, html=True)
        self.post("begin", **{"answer-0": f"as:{self.zhou.email}", "answer-1": "as:company"})

        self.check("编号,客户名称,负责人,类型\nC7,西山茶业,=老赵,\n")
        self.assertEqual(self.counts(), (1, 0), "what the file between did not ask is remembered too")

    def test_who_has_left_meanwhile_is_asked_about_again(self):
        self.check()
        self.post("begin", **{"answer-0": f"as:{self.zhou.email}"})
        with self.inside():
            type(self.zhou).objects.filter(pk=self.zhou.pk).update(active=False)
        self.check()
        self.assertEqual(self.import_().preview["answers"], {})


class Programs(ApiTestCase):
    def setUp(self):
        super().setUp()
        media = self.enterContext(tempfile.TemporaryDirectory())
        self.enterContext(override_settings(MEDIA_ROOT=media))
        self.key = self.key_of(self.admin)

    def post(self, **choices):
        content = base64.b64encode(FILE.encode()).decode()
        body = {"kind": "customers", "file_name": "客户.csv", "content": content, **choices}
        return self.call("POST", "imports", body, key=self.key)

    def brought(self, **choices):
        told = self.post(**choices).json()
        self.assertTrue(jobs.run(tenant_id=self.acme.pk, job_id=told["job"]))
        told = self.call("GET", f"imports/{told['id']}", key=self.key).json()
        return told["counts"]["created"], [tuple(one.values()) for one in told["asked"]]

    def test_are_asked_and_answer(self):
        nobody = ("负责人", "周麗", 1, None)
        said = (self.alice.email, "", "company")
        asked = (("负责人", "王芳(离职)", 2), ("负责人", "=老赵", 1), ("类型", "集团", 1))
        unanswered = [(*one, None) for one in asked]
        self.assertEqual(self.brought(dry_run=True), (1, [*unanswered[:2], nobody, unanswered[2]]))
        answers = {"负责人": {"王芳(离职)": said[0], "=老赵": said[1]}, "类型": {"集团": said[2]}}
        answered = [(*one, answer) for one, answer in zip(asked, said, strict=True)]
        self.assertEqual(self.brought(answers=answers), (4, [nobody, *answered]))
        with self.inside():
            self.assertEqual(Customer.objects.filter(owner=self.alice).count(), 2)

    def test_are_not_answered_for_by_an_earlier_file(self):
        self.brought(answers={"负责人": {"王芳(离职)": self.alice.email}})
        self.assertEqual(self.brought(dry_run=True, mode="create")[1][0], ("负责人", "王芳(离职)", 2, None))

    def test_are_refused_what_cannot_be_an_answer(self):
        for answers, told in (
            ({"负责人": {"王芳(离职)": self.mallory.email}}, f"“{self.mallory.email}” is not one of "),
            ({"类型": {"集团": "group"}}, "“group” is not one of company, person."),
            ({"编号": {"C1": ""}}, f"“编号” {UNASKED} These can: 负责人, 类型."),
            ({"none": {"x": ""}}, f"“none” {UNASKED} These can: 负责人, 类型."),
            ({"负责人": {"\u200b": ""}}, "“负责人”: say for which value."),
        ):
            with self.subTest(told):
                refused = self.post(answers=answers)
                self.assertEqual(refused.status_code, 400)
                self.assertIn(told, refused.json()["errors"]["answers"][0])
        self.assertEqual(self.post(answers={"负责人": "x"}).status_code, 400)
