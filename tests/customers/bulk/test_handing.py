from unittest.mock import patch

from django.urls import reverse
from django.utils import timezone

from crm.models import Job, Notification
from crm.services import jobs
from crm.tenancy.context import tenant_context
from customers.models import Customer
from customers.services.bulk import running
from customers.services.customers import update_customer
from customers.views import bulk
from tests import factories as make
from tests.cases import BrowserTestCase, CommittedTestCase


class Handing(CommittedTestCase):
    sign_in = BrowserTestCase.sign_in

    def setUp(self):
        super().setUp()
        self.enterContext(patch.object(bulk, "WHILE_ONE_WAITS", 2))
        self.enterContext(patch.object(running, "BATCH", 2))
        with tenant_context(self.acme.pk):
            self.three = [make.customer(owner=self.alice) for _each in range(3)]
        self.sign_in(self.admin)

    def owned_by(self, member):
        with tenant_context(self.acme.pk):
            return Customer.objects.filter(owner=member).count()

    def job_at(self, address):
        with tenant_context(self.acme.pk):
            return Job.objects.get(pk=address.split("/")[2])

    def begin(self, chosen="all=1"):
        answer = self.client.post(f"{reverse('customers:assign')}?{chosen}", {"owner": str(self.lead.pk)})
        return answer["HX-Redirect"]

    def test_goes_on_in_the_background_and_back_the_same_way(self):
        page = self.begin()
        job = self.job_at(page)
        self.assertContains(self.client.get(page), reverse("cancel-job", args=[job.pk]))
        jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        self.assertEqual(self.owned_by(self.lead), 3)
        with tenant_context(self.acme.pk):
            notes = [note.title for note in Notification.objects.filter(member=self.lead)]
        self.assertEqual(notes, ["3 customers were handed to you by Ada Admin"])
        undo = reverse("customers:undo-many-job", args=[job.pk])
        self.assertContains(self.client.get(page), "3 customers changed.")
        self.assertContains(self.client.get(page), undo)

        back = self.job_at(self.client.post(undo)["HX-Redirect"])
        jobs.run(tenant_id=self.acme.pk, job_id=back.pk)
        self.assertEqual((self.owned_by(self.lead), self.owned_by(self.alice)), (0, 3))
        self.assertEqual(self.told(self.lead), [])
        again = self.client.post(undo, headers={"HX-Request": "true"})
        self.assertContains(again, "This was already undone.", status_code=409)
        self.assertEqual((self.owned_by(self.lead), self.owned_by(self.alice)), (0, 3))

    def told(self, member):
        with tenant_context(self.acme.pk):
            return [note.title for note in Notification.objects.filter(member=member).order_by("pk")]

    def assign_two(self):
        chosen = "&".join(f"ids={customer.pk}" for customer in self.three[:2])
        answer = self.client.post(f"{reverse('customers:assign')}?{chosen}", {"owner": str(self.lead.pk)})
        self.assertEqual(self.told(self.lead), ["2 customers were handed to you by Ada Admin"])
        return [m.extra_tags for m in answer.wsgi_request._messages][-1].removeprefix("undo:")

    def test_undone_before_it_was_seen_it_was_never_told(self):
        self.client.post(self.assign_two())
        self.assertEqual((self.owned_by(self.lead), self.told(self.lead)), (0, []))

    def test_undone_after_it_was_seen_that_is_told_too(self):
        undo = self.assign_two()
        with tenant_context(self.acme.pk):
            Notification.objects.filter(member=self.lead).update(read_at=timezone.now())
        self.client.post(undo)
        self.assertEqual(
            self.told(self.lead)[1:], ["Ada Admin took 2 customers back that were handed to you"]
        )

    def test_what_somebody_passed_on_since_leaves_the_note_of_the_rest(self):
        undo = self.assign_two()
        with tenant_context(self.acme.pk):
            update_customer(customer=Customer.objects.get(pk=self.three[0].pk), actor=None, city="Bath")
            one = Customer.objects.get(pk=self.three[1].pk)
            update_customer(customer=one, actor=self.lead, owner=self.reader)
            update_customer(customer=one, actor=self.reader, city="York")
        self.client.post(undo)
        self.assertEqual((self.owned_by(self.lead), self.owned_by(self.reader)), (0, 1))
        self.assertEqual(self.told(self.lead), ["1 customer was handed to you by Ada Admin"])

    def test_those_chosen_by_hand_are_all_that_change(self):
        with tenant_context(self.acme.pk):
            make.customer(owner=self.alice)
        job = self.job_at(self.begin("&".join(f"ids={customer.pk}" for customer in self.three)))
        jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        self.assertEqual((self.owned_by(self.lead), self.owned_by(self.alice)), (3, 1))

    def test_stopped_before_it_began_it_changes_nothing(self):
        page = self.begin()
        job = self.job_at(page)
        self.client.post(reverse("cancel-job", args=[job.pk]))
        self.assertFalse(jobs.run(tenant_id=self.acme.pk, job_id=job.pk))
        self.assertEqual(self.owned_by(self.alice), 3)
        self.assertContains(self.client.get(page), "Cancelled")

    def test_somebody_elses_job_is_not_found(self):
        page = self.begin()
        self.sign_in(self.lead)
        self.assertEqual(self.client.get(page).status_code, 404)
        self.assertEqual(self.client.post(f"{page}cancel/").status_code, 404)
