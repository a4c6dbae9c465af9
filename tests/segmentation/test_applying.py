from unittest.mock import patch

from crm.services import jobs
from crm.tenancy.context import tenant_context
from segmentation.models import ClassChange
from segmentation.services import applying, classes
from segmentation.services.classify import classify
from tests import factories as make
from tests.cases import CommittedTestCase


def spent(amount):
    return [[{"field": "spend", "op": "gte", "value": amount}]]


class Applying(CommittedTestCase):
    def setUp(self):
        super().setUp()
        self.enterContext(patch.object(classes, "AT_ONCE", 2))
        self.enterContext(patch.object(applying, "BATCH", 2))
        with tenant_context(self.acme.pk):
            self.rich = make.customer_class("rich", spent(1_000), 1)
            make.customer_class("rest", [], 2)
            for amount in (100, 600, 700):
                make.customer(name=str(amount), stats__spend=amount)
            classify()
            self.job = classes.save_class(
                customer_class=self.rich, version=1, actor=self.lead, criteria=spent(600)
            )

    def moved(self):
        with tenant_context(self.acme.pk):
            changes = ClassChange.objects.filter(to_class=self.rich, changed_by=self.lead)
            return sorted(change.customer.name for change in changes)

    def test_a_large_company_moves_in_a_job_batch_by_batch(self):
        self.assertEqual(self.moved(), [])
        jobs.run(tenant_id=self.acme.pk, job_id=self.job.pk)
        self.assertEqual(self.moved(), ["600", "700"])
        with tenant_context(self.acme.pk):
            self.job.refresh_from_db()
        self.assertEqual((self.job.progress, self.job.result), (3, {"moved": 2}))
