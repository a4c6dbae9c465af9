import csv
import io
import json
import os
import tempfile
import time
from datetime import date

from django.core.management import CommandError, call_command
from django.test import override_settings
from django.urls import reverse
from openpyxl import load_workbook

from crm.exports import services
from crm.exports.listings import all_listings
from crm.models import AuditEntry, Job
from crm.people.roles import Visibility
from crm.services import jobs
from customers.services.contracts import create_contract
from feedback.models import Feedback
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase, TenantTestCase


def body(answer):
    return b"".join(answer.streaming_content)


def rows(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


class Media:
    def setUp(self):
        super().setUp()
        media = self.enterContext(tempfile.TemporaryDirectory())
        self.enterContext(override_settings(MEDIA_ROOT=media))


class Pages(Media, BrowserTestCase):
    def setUp(self):
        super().setUp()
        with self.inside():
            self.harbour = make.customer(name="Harbour", city="Bristol", industry="Retail", owner=self.alice)
            make.customer(name="Quay", city="Leeds", industry="Retail")
            make.customer(name="Anchor", industry="Law")
        self.sign_in(self.admin)

    def export(self, name, query="", **choices):
        return self.client.post(f"{reverse('new-export', args=[name])}?{query}", {"format": "csv"} | choices)

    def names(self, query="", **choices):
        return [
            row[0] for row in rows(body(self.export("customers", query, what="customers:shown", **choices)))
        ]

    def test_a_list_as_it_is_shown(self):
        shown = "industry=Retail&sort=-name&columns=name&columns=city&columns=owner"
        page = self.client.get(
            f"{reverse('customers:list')}?{shown.replace('columns=city', 'columns=region')}"
        )
        self.assertContains(page, reverse("new-export", args=["customers"]))
        self.assertContains(page, "columns=region")
        answer = self.export(
            "customers", "industry=Retail&sort=-name&columns=name&columns=owner", what="customers:shown"
        )
        found = rows(body(answer))
        self.assertEqual(found[0], ["Name", "Owner", "Record id"])
        self.assertEqual([row[:2] for row in found[1:]], [["Quay", ""], ["Harbour", "Alice"]])
        with self.inside():
            deed = AuditEntry.objects.get(deed="list.exported")
        self.assertEqual(
            (deed.member_id, deed.after["rows"], deed.after["list"], deed.after["query"]),
            (self.admin.pk, 2, "customers", {"industry": "Retail", "sort": "-name"}),
        )

    def test_the_sheet_takes_up_what_the_list_was_narrowed_to_since_it_stood(self):
        sheet = f"{reverse('new-export', args=['customers'])}?industry=Retail&columns=name"
        behind = f"http://testserver{reverse('customers:list')}?industry=Law&q=anchor&cursor=x"
        drawn = self.client.get(sheet, headers={"HX-Request": "true", "HX-Current-URL": behind})
        self.assertContains(drawn, "?industry=Law&amp;q=anchor&amp;columns=name")
        self.assertContains(self.client.get(sheet), "?industry=Retail&amp;columns=name")
        chosen = {"HX-Request": "true", "HX-Current-URL": behind}
        drawn = self.client.get(f"{sheet}&ids={self.harbour.pk}", headers=chosen)
        self.assertContains(drawn, f"industry=Retail&amp;columns=name&amp;ids={self.harbour.pk}")

    def test_columns_stand_in_the_order_of_the_page_and_of_the_view_behind_it(self):
        asked = "columns=name&columns=owner&columns=region&columns=class&columns=owner"
        found = rows(body(self.export("customers", asked, what="customers:shown")))
        self.assertEqual(found[0], ["Name", "Owner", "Region", "Class", "Record id"])
        sheet = f"{reverse('new-export', args=['customers'])}?columns=name"
        behind = f"http://testserver{reverse('customers:list')}?view=x&cols=name.stage.owner"
        drawn = self.client.get(sheet, headers={"HX-Request": "true", "HX-Current-URL": behind})
        self.assertContains(drawn, "columns=name&amp;columns=stage&amp;columns=owner")

    def test_a_plain_list_is_written_as_its_columns_stand(self):
        def head(name, query):
            return rows(body(self.export(name, query, what=f"{name}:shown")))[0]

        every = head("contact-list", "")
        self.assertEqual(every[:4], ["Name", "Job title", "Role", "Customer"])
        asked = "columns=name&columns=owner&columns=email&columns=odd"
        self.assertEqual(head("contact-list", asked), ["Name", "Job title", "Owner", "E-mail", "Bouncing"])
        self.assertEqual(head("contact-list", "cols=name.customer"), ["Name", "Job title", "Customer"])
        self.assertEqual(
            head("tickets", "columns=subject&columns=opened&columns=customer"),
            ["Number", "Ticket", "Opened", "Customer", "Resolution"],
        )

    def test_chosen_ones_alone(self):
        self.assertEqual(self.names(f"ids={self.harbour.pk}"), ["Name", "Harbour"])
        self.assertEqual(self.names(f"all=1&ids={self.harbour.pk}"), ["Name", "Anchor", "Harbour", "Quay"])

    def test_chosen_rows_are_offered_as_a_file_with_the_columns_shown(self):
        with self.inside():
            analyst = make.member(role="analyst")
        page = self.sign_in(analyst).get(reverse("customers:list"), {"columns": ["name", "region"]})
        way = f'{reverse("new-export", args=["customers"])}?columns=name&amp;columns=region"'
        self.assertContains(page, f'hx-get="{way} hx-target="#sheet-body" hx-include')
        self.assertContains(page, f'name="ids" value="{self.harbour.pk}"')
        sheet = self.client.get(reverse("new-export", args=["customers"]), {"ids": [self.harbour.pk]})
        self.assertContains(sheet, "The chosen row alone")

    def test_a_workbook(self):
        answer = self.export("customers", what="customers:whole", format="xlsx")
        sheet = load_workbook(io.BytesIO(body(answer))).active
        self.assertEqual([cell.value for cell in sheet[1]][:4], ["record_id", "external_id", "name", "kind"])
        self.assertEqual(sheet.max_row, 4)

    def test_only_what_one_may_see(self):
        with self.inside():
            self.alice.visibility = Visibility.OWN
            self.alice.save()
        self.sign_in(self.alice)
        self.assertEqual(self.names(), ["Name", "Harbour"])
        self.sign_in(self.reader)
        self.assertEqual(self.export("customers", what="customers:shown").status_code, 403)
        self.assertNotContains(self.client.get(reverse("customers:list")), "/exports/new/")
        self.sign_in(self.mallory)
        self.assertEqual(self.names(f"ids={self.harbour.pk}"), ["Name"])

    def test_a_stopped_one_says_that_there_is_no_file(self):
        limit, services.AT_ONCE = services.AT_ONCE, 2
        self.addCleanup(setattr, services, "AT_ONCE", limit)
        self.export("customers", what="customers:shown")
        with self.inside():
            job = Job.objects.get(kind="export")
        self.client.post(reverse("cancel-job", args=[job.pk]))
        self.assertContains(self.client.get(reverse("job", args=[job.pk])), "No file was made.")

    def test_long_ones_are_written_by_the_worker(self):
        limit, services.AT_ONCE = services.AT_ONCE, 2
        self.addCleanup(setattr, services, "AT_ONCE", limit)
        answer = self.export("customers", "industry=Retail", what="customers:shown")
        self.assertEqual(answer.status_code, 200)
        answer = self.export("customers", what="customers:shown")
        with self.inside():
            job = Job.objects.get(kind="export")
        self.assertRedirects(answer, reverse("job", args=[job.pk]))
        jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        file = reverse("export-file", args=[job.pk])
        self.assertContains(self.client.get(reverse("job", args=[job.pk])), file)
        found = rows(body(self.client.get(file)))
        self.assertEqual([row[0] for row in found], ["Name", "Anchor", "Harbour", "Quay"])
        for stranger in (self.mallory, self.lead):
            self.sign_in(stranger)
            self.assertEqual(self.client.get(file).status_code, 404)

    def test_files_nobody_fetched_go_after_a_week(self):
        with self.inside():
            old = services.folder() / "old.csv"
            old.parent.mkdir(parents=True)
            old.write_text("x")
            os.utime(old, (0, time.time() - services.KEPT - 9))
        self.names()
        self.assertFalse(old.exists())

    def test_every_list_gives_a_file(self):
        with self.inside():
            customer = make.customer(name="Pier")
            make.contact(customer=customer, name="Grace")
            make.purchase(customer=customer, order_no="O1")
            make.interaction(customer=customer, text="Called", author=self.alice)
            make.product(code="S-1")
            make.follow_up(self.alice, customer=customer, subject="Call again")
            make.ticket(customer=customer, subject="Late")
            Feedback.objects.create(customer=customer, text="Fine")
            create_contract(
                customer=customer,
                actor=self.alice,
                title="Care",
                starts_on=date(2026, 1, 1),
                ends_on=date(2026, 12, 31),
            )
        counted = {}
        for one in all_listings():
            way = "shown" if one.shown else "whole"
            answer = self.export(one.of or one.name, what=f"{one.name}:{way}", format="csv")
            counted[one.name] = len(rows(body(answer))) - 1
        self.assertEqual(counted.pop("customers"), 4)
        self.assertEqual(set(counted.values()), {1}, counted)

    def test_a_filter_the_list_does_not_know_is_told_and_no_file_is_made(self):
        for where in ("customers:list", "customers:contacts"):
            page = self.client.get(f"{reverse(where)}?name=Quay&q=&view=all")
            self.assertContains(page, "Left out, as this list has no such filter: name<")
        self.assertNotContains(
            self.client.get(f"{reverse('customers:list')}?city=Leeds&sort=-name"), "Left out"
        )
        refused = self.export("customers", "name=Quay", what="customers:shown")
        self.assertContains(refused, "(name)", status_code=400)
        opened = self.client.get(
            reverse("new-export", args=["customers"]),
            headers={
                "HX-Request": "true",
                "HX-Current-URL": f"http://testserver{reverse('customers:list')}?name=Quay",
            },
        )
        self.assertContains(opened, "(name)", status_code=400)


class Command(Media, TenantTestCase):
    def test_writes_what_an_administrator_sees(self):
        make.customer(name="Harbour", city="Bristol")
        make.customer(name="Quay", city="Leeds")
        path = services.folder() / "leeds.csv"
        path.parent.mkdir(parents=True)
        given = [
            str(path),
            "--tenant",
            self.acme.slug,
            "--kind",
            "customers",
            "--filter",
            "city=Leeds",
            "--json",
        ]
        out = io.StringIO()
        call_command("export_file", *given, stdout=out)
        self.assertEqual(json.loads(out.getvalue()), {"rows": 1, "file": str(path)})
        self.assertEqual([row[2] for row in rows(path.read_bytes())], ["name", "Quay"])

    def test_refuses_a_filter_the_list_does_not_know_by_its_name(self):
        make.customer(name="Harbour")
        path = services.folder() / "some.csv"
        path.parent.mkdir(parents=True)
        for kind in ("customers", "purchases"):
            given = [str(path), "--tenant", self.acme.slug, "--kind", kind, "--filter", "name=Quay"]
            with self.assertRaisesMessage(CommandError, "(name)"):
                call_command("export_file", *given)
        self.assertFalse(path.exists())


class Api(Media, ApiTestCase):
    def test_asked_for_waited_for_and_fetched(self):
        with self.inside():
            make.customer(name="Harbour", city="Bristol")
            make.customer(name="Quay", city="Leeds")
        key = self.key_of(self.admin)
        asked = {"list": "customers", "filters": {"city": "Leeds"}, "format": "csv"}
        answer = self.call("post", "exports", asked, key=key)
        self.assertEqual(answer.status_code, 202, answer.content)
        pk = answer.json()["id"]
        self.assertEqual(self.call("get", f"exports/{pk}/file", key=key).status_code, 404)
        jobs.run(tenant_id=self.acme.pk, job_id=pk)
        done = self.call("get", f"exports/{pk}", key=key).json()
        self.assertEqual((done["state"], done["result"]["rows"]), ("done", 1))
        found = rows(body(self.call("get", f"exports/{pk}/file", key=key)))
        self.assertEqual([row[2] for row in found], ["name", "Quay"])
        for other in (self.lead, self.mallory):
            self.assertEqual(self.call("get", f"exports/{pk}/file", key=self.key_of(other)).status_code, 404)

    def test_refusals(self):
        self.assertEqual(
            self.call("post", "exports", {"list": "x"}, key=self.key_of(self.admin)).status_code, 400
        )
        for name in ("customers", "tickets", "contact-list"):
            asked = {"list": name, "filters": {"colour": "red"}}
            answer = self.call("post", "exports", asked, key=self.key_of(self.admin))
            self.assertEqual((answer.status_code, [*answer.json()["errors"]]), (400, ["colour"]))
        reader = self.key_of(self.reader)
        self.assertEqual(self.call("post", "exports", {"list": "customers"}, key=reader).status_code, 403)
