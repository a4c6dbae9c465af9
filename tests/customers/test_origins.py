"""The history names what brought a change: an import, the inbox, long work, a key of the API."""

import tempfile

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import AuditEntry, Job
from crm.services import jobs
from crm.tenancy.context import tenant_context
from customers.models import Customer, Import
from customers.selectors.history import history_of
from customers.services.capture import reviewing
from customers.services.capture.receiving import receive
from customers.services.capture.templates import save_template
from customers.services.customers import create_customer, update_customer
from tests import factories as make
from tests.cases import ApiTestCase, BrowserTestCase


class FromImports(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.enterContext(override_settings(MEDIA_ROOT=self.enterContext(tempfile.TemporaryDirectory())))

    def bring_in(self):
        """A file with one customer, through the pages and the worker."""
        file = SimpleUploadedFile("visits.csv", b"name\nMill\n")
        browser = self.sign_in(self.admin)
        browser.post(reverse("customers:new-import"), {"kind": "customers", "file": file})
        with self.inside():
            pk = Import.objects.get().pk
        form = {"column-0": "name", "mode": "both", "key": "", "unknown": "reject"}
        browser.post(reverse("customers:import-columns", args=[pk]), form)
        self.work(pk)
        browser.post(reverse("customers:begin-import", args=[pk]))
        self.work(pk)
        return pk

    def work(self, pk):
        with self.inside():
            job = Import.objects.get(pk=pk).job_id
        self.assertTrue(jobs.run(tenant_id=self.acme.pk, job_id=job))

    def history(self, member):
        with self.inside():
            pk = Customer.objects.get().pk
        return self.sign_in(member).get(reverse("customers:record", args=[pk]) + "?tab=history")

    def test_who_brought_the_file_and_its_page(self):
        page = reverse("customers:import", args=[self.bring_in()])
        told = self.history(self.admin)
        self.assertContains(told, "Ada Admin · <time")
        self.assertContains(told, f'<a href="{page}">by the import of visits.csv</a>')
        self.assertNotContains(told, "by itself")
        told = self.history(self.reader)
        self.assertContains(told, "by the import of visits.csv")
        self.assertNotContains(told, page)

    def test_of_many_changes_by_many_imports_in_as_many_queries(self):
        with self.inside():
            customer = make.customer(owner=self.alice)

        def queries(times):
            for nth in range(times):
                with self.inside():
                    import_ = Import.objects.create(kind="customers", file_name=f"visits {nth}.xlsx")
                with tenant_context(self.acme.pk, request_id=import_.pk, source="worker"):
                    update_customer(customer=customer, actor=self.alice, city=f"City {nth} {times}")
            with self.inside(), CaptureQueriesContext(connection) as seen:
                told = [deed.source for deed in history_of(customer, self.admin)]
            self.assertEqual(told.count(f"by the import of visits {times - 1}.xlsx"), 1)
            return len(seen)

        self.assertEqual(queries(2), queries(9))


class FromElsewhere(ApiTestCase, BrowserTestCase):
    def history(self, customer, member):
        return self.sign_in(member).get(reverse("customers:record", args=[customer.pk]) + "?tab=history")

    def test_the_key_of_the_api_is_named(self):
        key = self.key_of(self.alice)
        made = self.call("POST", "customers", {"name": "Mill"}, key=key).json()
        self.call("PATCH", f"customers/{made['id']}", {"city": "Bath"}, key=key, **{"If-Match": '"1"'})
        with self.inside():
            customer = Customer.objects.get()
            self.assertEqual(customer.city, "Bath")
            told = {(deed.title, deed.who, deed.source) for deed in history_of(customer, self.alice)}
            deed = AuditEntry.objects.get(deed="customer.created")
        way = "through the API key test"
        self.assertEqual(told, {("Created", "Alice", way), ("Changed", "Alice", way)})
        self.assertEqual(list(deed.after), ["api_key"])

    def test_the_web_form_is_named_and_links_to_what_was_sent(self):
        with self.inside():
            form = save_template(template=None, actor=self.admin, name="Fair stand", title="Hello")
            sent, _new = receive(channel="form", template=form, given={"name": "Mill"})
            mail, _new = receive(channel="mail", given={"name": "Quay"})
        with tenant_context(self.acme.pk, source="web"):
            customer = reviewing.accept(capture=sent, actor=self.alice).customer
        with tenant_context(self.acme.pk, source="web"):
            other = reviewing.accept(capture=mail, actor=self.alice).customer
        page = reverse("customers:capture", args=[sent.pk])
        told = self.history(customer, self.alice)
        self.assertContains(told, f'<a href="{page}">by the web form Fair stand</a>')
        self.assertContains(self.history(other, self.alice), "by the inbox: E-mail")
        self.assertNotContains(self.history(customer, self.reader), page)

    def test_long_work_is_named_and_its_page_is_for_whoever_started_it(self):
        with self.inside():
            customer = create_customer(actor=self.alice, name="Mill")
            job = Job.objects.create(kind="change_customers", created_by=self.lead)
        with jobs.working_on(job):
            update_customer(customer=customer, actor=self.lead, city="Bath")
        page = reverse("job", args=[job.pk])
        self.assertContains(self.history(customer, self.lead), f'<a href="{page}">Changing customers</a>')
        told = self.history(customer, self.admin)
        self.assertContains(told, "Leo Lead")
        self.assertContains(told, "Changing customers")
        self.assertNotContains(told, page)

    def test_only_what_nobody_started_was_done_by_itself(self):
        with tenant_context(self.acme.pk, source="worker"):
            mill = make.customer(name="Mill")
        with tenant_context(self.acme.pk, source="worker", member_id=self.alice.pk):
            quay = make.customer(name="Quay")
        with self.inside():
            for customer, told in ((mill, ("Tenure", "by itself")), (quay, ("Alice", "in the background"))):
                (deed,) = history_of(customer)
                self.assertEqual((deed.who, deed.source), told)
