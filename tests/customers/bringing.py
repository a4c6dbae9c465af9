"""A file brought in as somebody does it by the pages, its jobs worked off at once."""

import tempfile

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse

from crm.services import jobs
from customers.models import Import
from customers.services.imports import uploads
from tests.cases import BrowserTestCase


class Bringing(BrowserTestCase):
    """``FILE`` is what is brought in where nothing else is given; ``SENT`` goes with every form."""

    FILE = ""
    SENT: dict[str, str] = {}

    def setUp(self):
        super().setUp()
        media = self.enterContext(tempfile.TemporaryDirectory())
        self.enterContext(override_settings(MEDIA_ROOT=media))
        self.sign_in(self.admin)

    def check(self, text="", **mapping):
        with self.inside():
            upload = SimpleUploadedFile("客户.csv", (text or self.FILE).encode())
            self.pk = uploads.receive(kind="customers", upload=upload, actor=self.admin).pk
        self.check_again(**mapping)

    def check_again(self, **mapping):
        with self.inside():
            import_ = Import.objects.get(pk=self.pk)
            uploads.check(
                import_=import_,
                mapping=import_.mapping | mapping,
                mode="both",
                key="",
                unknown="reject",
                actor=self.admin,
            )
        self.work()

    def work(self):
        self.assertTrue(jobs.run(tenant_id=self.acme.pk, job_id=self.import_().job_id))

    def import_(self):
        with self.inside():
            return Import.objects.get(pk=self.pk)

    def post(self, step, **posted):
        answer = self.client.post(reverse(f"customers:{step}-import", args=[self.pk]), self.SENT | posted)
        self.assertEqual(answer.status_code, 302)
        self.work()

    def page(self):
        return self.client.get(reverse("customers:import", args=[self.pk]))
