from django.urls import reverse
from django.utils import translation

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

    def test_every_kind_with_a_page_names_it(self):
        named = {runner.kind: runner.of for runner in jobs.all_runners() if runner.title and not runner.share}
        self.assertGreater(len(named), 10)
        for kind, of in named.items():
            for language in ("en", "zh-hans", "zh-hant"):
                with self.subTest(kind=kind, language=language), translation.override(language):
                    told = str(of % {"number": 2, "done": 1, "total": 2})
                    self.assertNotIn(told, ("", "1 of 2", "1/2"))
