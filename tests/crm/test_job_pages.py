from django.urls import reverse
from django.utils import timezone, translation

from crm.models import Job
from crm.services import jobs
from tests.cases import BrowserTestCase


class Pages(BrowserTestCase):
    """How far a job is: so many of what."""

    def setUp(self):
        super().setUp()
        self.sign_in(self.admin)

    def progress(self, kind, done, total):
        with self.inside():
            job = Job.objects.create(
                kind=kind, created_by=self.admin, progress=done, total=total, state="running"
            )
        text = self.client.get(reverse("job", args=[job.pk])).content.decode()
        return text.split('<span class="job-count" role="status">')[1].split("</span>")[0]

    def test_what_is_counted_is_named(self):
        self.assertEqual(self.progress("change_customers", 275, 1_200), "275 of 1,200 customers")
        self.assertEqual(self.progress("change_contacts", 0, 1), "0 of 1 contact")
        self.assertEqual(self.progress("change_tickets", 1, 2), "1 of 2 tickets")
        self.assertEqual(self.progress("undo_import", 1, 2), "1 of 2 records")
        self.assertEqual(self.progress("find_duplicates", 41, 100), "41%")
        self.assertEqual(self.progress("change_customers", 0, None), "")

    def page_of(self, job):
        return self.client.get(reverse("job", args=[job.pk])).content.decode()

    def test_what_was_taken_back_says_by_whom_and_offers_it_no_more(self):
        with self.inside():
            done = Job.objects.create(
                kind="change_customers", created_by=self.admin, progress=9, total=9, state="done",
                finished_at=timezone.now(),
            )  # fmt: skip
        offered = reverse("customers:undo-many-job", args=[done.pk])
        self.assertIn(offered, self.page_of(done))
        self.client.post(offered)
        with self.inside():
            undoing = Job.objects.get(kind="undo_change_customers")
        link = f'<a href="{reverse("job", args=[undoing.pk])}"'
        for state, records, told in (
            ("waiting", 0, "Being undone"),
            ("cancelled", 0, ""),
            ("done", 0, ""),
            ("done", 9, f"Undone by {self.admin.display_name}, now"),
        ):
            with self.subTest(state=state, records=records):
                with self.inside():
                    Job.objects.filter(pk=undoing.pk).update(
                        state=state,
                        result={"records": records},
                        finished_at=None if state == "waiting" else timezone.now(),
                    )
                page = self.page_of(done)
                self.assertEqual((link in page, offered in page), (bool(told), not told))
                self.assertIn(told, page)
        self.assertEqual(self.client.post(offered).status_code, 409)

    def test_every_kind_of_job_that_offers_undo_names_what_takes_it_back(self):
        runners = {runner.kind: runner for runner in jobs.all_runners()}
        offering = [runner for runner in runners.values() if runner.undo]
        self.assertGreater(len(offering), 4)
        for runner in offering:
            self.assertIn(runner.undo_job, runners, runner.kind)

    def test_every_kind_with_a_page_names_it(self):
        named = {runner.kind: runner.of for runner in jobs.all_runners() if runner.title and not runner.share}
        self.assertGreater(len(named), 10)
        for kind, of in named.items():
            for language in ("en", "zh-hans", "zh-hant"):
                with self.subTest(kind=kind, language=language), translation.override(language):
                    told = str(of % {"number": 2, "done": 1, "total": 2})
                    self.assertNotIn(told, ("", "1 of 2", "1/2"))
