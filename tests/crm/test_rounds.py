import json
from datetime import UTC, datetime, timedelta
from io import StringIO

from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from crm import tasks
from crm.models import Nightly, WakeUp
from crm.services import deliveries
from crm.services.rounds import make_round
from crm.tenancy.context import tenant_context
from crm.work import Outcome, Work
from tests.cases import CastTestCase, CommittedTestCase
from tests.rounds import only

NIGHT = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


class Recorder:
    """A work that remembers the moments it was run at."""

    def __init__(self, key="probe", *, nightly=False, next_at=None):
        self.moments = []
        self.next_at = next_at
        self.work = Work(key, 10, self.run, nightly=nightly)

    def run(self, at):
        self.moments.append(at)
        return Outcome(1, self.next_at)


def run_round(tenant, at):
    return make_round(tenant=tenant, at=at, run_job=lambda job_id: None)


def zone_at_noon():
    """A zone in which it is about noon now; its name counts hours west of Greenwich."""
    west = timezone.now().hour - 12
    return f"Etc/GMT{west:+d}" if west else "Etc/GMT"


class Rounds(CastTestCase):
    def setUp(self):
        super().setUp()
        WakeUp.objects.all().delete()

    def wake_ups(self):
        return list(WakeUp.objects.filter(tenant_id=self.acme.pk).order_by("at").values_list("at", flat=True))

    def test_nightly_work_runs_once_on_each_of_the_companys_own_days(self):
        self.acme.timezone = "Asia/Shanghai"
        probe = Recorder(nightly=True)
        with only(probe.work):
            for hours in (0, 1, 19, 20, 25):  # local 04:00, 05:00, 23:00, midnight, 05:00
                run_round(self.acme, NIGHT + timedelta(hours=hours))
        self.assertEqual(probe.moments, [NIGHT, NIGHT + timedelta(hours=20)])
        with self.inside():
            self.assertEqual(str(Nightly.objects.get().ran_on), "2026-03-03")

    def test_a_night_with_a_failure_is_tried_again_and_holds_up_nobody(self):
        def fail(at):
            raise RuntimeError("no luck")

        probe, other = Recorder("b", nightly=True), Recorder("c")
        with only(Work("a", 1, fail, nightly=True), probe.work, other.work), self.assertLogs("crm", "ERROR"):
            round_ = run_round(self.acme, NIGHT)
            self.assertEqual((round_.failed, len(probe.moments), len(other.moments)), (["a"], 1, 1))
            run_round(self.acme, NIGHT)
        self.assertEqual(len(probe.moments), 2)
        self.assertLess(self.wake_ups()[0], timezone.now() + timedelta(minutes=6))

    def test_takes_away_what_it_saw_and_leaves_one_wake_up_ahead(self):
        self.acme.timezone = zone_at_noon()  # where the coming midnight is later than soon
        soon = timezone.now() + timedelta(minutes=7)
        for at in (NIGHT, NIGHT + timedelta(seconds=1)):
            WakeUp.objects.create(tenant_id=self.acme.pk, at=at)
        WakeUp.objects.create(tenant_id=self.other.pk, at=NIGHT)
        with only(Recorder(next_at=soon).work):
            run_round(self.acme, timezone.now())
            run_round(self.acme, timezone.now())
        self.assertEqual(self.wake_ups(), [soon])
        self.assertTrue(WakeUp.objects.filter(tenant_id=self.other.pk).exists())

    def test_a_wake_up_that_came_meanwhile_stays(self):
        def while_working(at):
            WakeUp.objects.create(tenant_id=self.acme.pk, at=NIGHT)
            return Outcome(0)

        with only(Work("a", 1, while_working)):
            run_round(self.acme, timezone.now())
        self.assertIn(NIGHT, self.wake_ups())

    def test_a_crash_leaves_the_wake_up(self):
        def die(at):
            raise KeyboardInterrupt

        WakeUp.objects.create(tenant_id=self.acme.pk, at=NIGHT)
        with only(Work("a", 1, die)), self.assertRaises(KeyboardInterrupt):
            run_round(self.acme, timezone.now())
        self.assertEqual(self.wake_ups(), [NIGHT])

    def test_a_clock_that_was_moved_back_repeats_and_forgets_nothing(self):
        probe = Recorder()
        with only(probe.work), self.inside():
            deliveries.enqueue(kind="notification", dedup_key="n", payload={"title": "x"}, member=self.alice)
            run_round(self.acme, timezone.now() - timedelta(days=1))
            round_ = run_round(self.acme, timezone.now() + timedelta(seconds=1))
        self.assertEqual(round_.counts["notification_deliveries"], 1)
        self.assertEqual(len(probe.moments), 2)


class Tick(CastTestCase):
    def setUp(self):
        super().setUp()
        WakeUp.objects.all().delete()
        self.queued = []
        original = tasks.work_for_tenant.apply_async
        tasks.work_for_tenant.apply_async = lambda **options: self.queued.append(options["headers"])
        self.addCleanup(setattr, tasks.work_for_tenant, "apply_async", original)
        self.addCleanup(self._forget_guards)
        self._forget_guards()

    def _forget_guards(self):
        tasks.caches["queue"].delete_many([tasks._guard(t.pk) for t in (self.acme, self.other)])

    def test_two_ticks_queue_a_company_once_and_a_quiet_one_not_at_all(self):
        WakeUp.objects.create(tenant_id=self.acme.pk, at=timezone.now())
        WakeUp.objects.create(tenant_id=self.other.pk, at=timezone.now() + timedelta(hours=1))
        tasks.tick()
        tasks.tick()
        self.assertEqual(self.queued, [{"tenure_tenant": str(self.acme.pk)}])

    def test_an_emptied_broker_loses_the_guard_with_the_message(self):
        WakeUp.objects.create(tenant_id=self.acme.pk, at=timezone.now())
        WakeUp.objects.create(tenant_id=self.other.pk, at=timezone.now() + timedelta(hours=1))
        tasks.tick()
        self._forget_guards()
        tasks.tick()
        self.assertEqual(len(self.queued), 2)

    def test_a_company_without_any_wake_up_is_woken(self):
        tasks.tick()
        self.assertEqual({h["tenure_tenant"] for h in self.queued}, {str(self.acme.pk), str(self.other.pk)})


class Command(CommittedTestCase):
    databases = {"default", "owner"}

    def work(self, *arguments):
        out = StringIO()
        call_command("work", "--tenant", self.acme.slug, "--json", *arguments, stdout=out)
        return json.loads(out.getvalue().splitlines()[-1])

    def test_counts_by_kind_and_finds_nothing_the_second_time(self):
        with tenant_context(self.acme.pk):
            deliveries.enqueue(kind="notification", dedup_key="n", payload={"title": "x"}, member=self.alice)
        probe = Recorder(nightly=True)
        with only(probe.work):
            first, second = self.work(), self.work()
        self.assertEqual(
            (first["notification_deliveries"], first["probe"], second),
            (1, 1, {"tenant": self.acme.slug, "failed": []}),
        )

    def test_a_bare_day_means_its_end_where_the_company_is(self):
        self.acme.timezone = "Asia/Shanghai"
        self.acme.save()
        probe = Recorder(nightly=True)
        with only(probe.work):
            self.work("--until", "2026-04-01")
        self.assertEqual(probe.moments[0].astimezone(UTC).isoformat(), "2026-04-01T15:59:59.999999+00:00")

    def test_refuses_an_unknown_company_and_a_wrong_moment(self):
        for arguments in (["--tenant", "nobody"], ["--tenant", self.acme.slug, "--until", "soon"]):
            with self.assertRaises(CommandError):
                call_command("work", *arguments)

    def test_a_work_somebody_else_does_is_left_to_them(self):
        probe = Recorder(nightly=True)
        other = connections["default"].copy()
        key = f"{self.acme.pk}:work:probe"
        with only(probe.work):
            try:
                with other.cursor() as cursor:
                    cursor.execute("BEGIN")
                    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
                    self.assertEqual(run_round(self.acme, NIGHT).busy, ["probe"])
                    cursor.execute("ROLLBACK")
            finally:
                other.close()
            run_round(self.acme, NIGHT)
        self.assertEqual(probe.moments, [NIGHT])
