from datetime import timedelta
from threading import Thread

from django.conf import settings
from django.db import connections
from django.utils import timezone, translation

from crm.errors import NotAllowed
from crm.models import Job, User, WakeUp
from crm.services import jobs
from crm.services.rounds import make_round
from crm.tenancy.context import tenant_context
from tests.cases import CommittedTestCase
from tests.rounds import only


class Jobs(CommittedTestCase):
    databases = {"default", "owner"}

    def setUp(self):
        super().setUp()
        self.addCleanup(jobs._runners.pop, "probe", None)

    def start(self, run, **options):
        jobs._runners.pop("probe", None)
        jobs.register("probe", run, **options)
        with tenant_context(self.acme.pk):
            return jobs.start(kind="probe", params={"to": 3}, actor=self.alice, total=3)

    def run_round(self):
        make_round(
            tenant=self.acme,
            at=timezone.now(),
            run_job=lambda job_id: jobs.run(tenant_id=self.acme.pk, job_id=job_id),
        )

    def seen_by_others(self, job):
        other = connections["default"].copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute(f"SET LOCAL app.tenant_id = '{self.acme.pk}'")
                cursor.execute("SELECT state, progress, message FROM crm_job WHERE id = %s", [job.pk])
                return cursor.fetchone()
        finally:
            other.close()

    def reload(self, job):
        with tenant_context(self.acme.pk):
            return Job.objects.get(pk=job.pk)

    def test_shows_its_progress_while_it_runs_even_from_inside_a_transaction(self):
        seen = []

        def run(job):
            jobs.report(job, 1, "one")
            seen.append(self.seen_by_others(job))
            with jobs.working_on(job):
                jobs.report(job, 2, "two")
                seen.append(self.seen_by_others(job))
            return {"rows": job.params["to"]}

        job = self.start(run)
        with only():
            self.run_round()
            self.run_round()
        self.assertEqual(seen, [("running", 1, "one"), ("running", 2, "two")])
        job = self.reload(job)
        self.assertEqual((job.state, job.result, job.message), ("done", {"rows": 3}, "two"))

    def test_stops_between_batches_when_asked(self):
        batches = []

        def run(job):
            for number in range(3):
                batches.append(number)
                if number == 1:
                    with tenant_context(self.acme.pk):
                        jobs.cancel(job)
                jobs.report(job, number)

        job = self.start(run)
        with only():
            self.run_round()
        self.assertEqual((batches, self.reload(job).state), ([0, 1], "cancelled"))
        with self.assertRaises(jobs.JobFinished), tenant_context(self.acme.pk):
            jobs.cancel(job)

    def test_a_long_statement_ends_when_asked(self):
        def run(job):
            with jobs.working_on(job):
                Job.objects.filter(pk=job.pk).update(message="written")
            with jobs.working_on(job):
                jobs.cancel(job)
            with (
                jobs.working_on(job),
                jobs.heeding(job, every=0.01),
                connections["default"].cursor() as cursor,
            ):
                WakeUp.objects.create(tenant_id=job.tenant_id, at=later)
                cursor.execute("SELECT pg_sleep(20)")

        later = timezone.now() + timedelta(days=400)
        began = timezone.now()
        job = self.start(run)
        self.run_round()
        self.assertLess(timezone.now() - began, timedelta(seconds=15))
        self.assertEqual(self.reload(job).state, Job.State.CANCELLED)
        self.assertFalse(WakeUp.objects.filter(at=later).exists())

    def test_one_asked_to_stop_between_two_looks_ends_cancelled_and_keeps_nothing(self):
        def cancel(job):
            with tenant_context(job.tenant_id):
                jobs.cancel(job)
            connections["default"].close()

        def run(job):
            with jobs.working_on(job), jobs.heeding(job, every=600):
                WakeUp.objects.create(tenant_id=job.tenant_id, at=later)
                asking = Thread(target=cancel, args=[job])
                asking.start()
                asking.join()

        later = timezone.now() + timedelta(days=400)
        job = self.start(run)
        self.run_round()
        self.assertEqual(self.reload(job).state, Job.State.CANCELLED)
        self.assertFalse(WakeUp.objects.filter(at=later).exists())

    def test_one_that_waits_is_cancelled_at_once(self):
        job = self.start(lambda job: self.fail("it must not run"))
        with tenant_context(self.acme.pk):
            jobs.cancel(job)
        with only():
            self.run_round()
        self.assertEqual(self.reload(job).state, "cancelled")

    def test_fails_with_plain_words_in_the_language_of_who_started_it(self):
        def run(job):
            raise RuntimeError("secret detail")

        User.objects.filter(pk=self.alice.user_id).update(language="zh-hans")
        job = self.start(run)
        with only(), self.assertLogs("crm", "ERROR"):
            self.run_round()
        self.assertEqual(self.reload(job).state, "failed")
        with translation.override("zh-hans"):
            self.assertEqual(self.reload(job).message, str(jobs.FAULT))
        self.assertIn("出", self.reload(job).message)

    def test_tells_why_it_failed_in_the_company_s_language(self):
        def run(job):
            raise NotAllowed

        self.acme.locale = "zh-hans"
        self.acme.save()
        job = self.start(run)
        with only():
            self.run_round()
        with translation.override("zh-hans"):
            self.assertEqual(self.reload(job).message, str(NotAllowed()))
        self.assertNotEqual(self.reload(job).message, str(NotAllowed()))

    def test_when_its_worker_died_it_runs_anew_if_it_may_and_has_failed_if_not(self):
        for repeatable, state in ((True, "done"), (False, "failed")):
            job = self.start(lambda job: {}, repeatable=repeatable)
            with tenant_context(self.acme.pk):
                Job.objects.filter(pk=job.pk).update(
                    state="running", claimed_until=timezone.now() - timedelta(seconds=1)
                )
            with only():
                self.run_round()
            self.assertEqual(self.reload(job).state, state)

    def test_is_looked_for_again_when_the_message_to_a_worker_is_lost(self):
        self.start(lambda job: {})
        with only():
            make_round(tenant=self.acme, at=timezone.now(), run_job=lambda job_id: None)
        soon = timezone.now() + timedelta(seconds=settings.WAKE_GUARD)
        self.assertTrue(WakeUp.objects.filter(tenant_id=self.acme.pk, at__lte=soon).exists())

    def test_is_run_by_one_worker_only(self):
        runs = []
        job = self.start(lambda job: runs.append(job.pk))
        for _twice in range(2):
            jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        self.assertEqual(runs, [job.pk])
