"""Whatever runs in the background or on the command line keeps to its company.

Tasks, works, jobs, channels and commands are found by asking their registries; each runs for Acme while
the other company holds marked rows of every model, ready to be taken by mistake.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from celery.signals import before_task_publish
from django.apps import apps
from django.core.cache import caches
from django.core.management import call_command, get_commands, load_command_class
from django.db import connections
from django.test import override_settings
from django.utils import timezone

from crm import channels, tasks, work
from crm.celery import HEADER, app
from crm.models import Delivery, Job, Nightly, WakeUp
from crm.services import deliveries, dispatch, jobs
from crm.services.rounds import _inside
from crm.tenancy.context import tenant_context
from customers.models import Customer
from customers.services import stats
from tests import factories as make
from tests.cases import CommittedTestCase
from tests.crm.webhooks.receiver import Receiver
from tests.isolation import samples
from tests.isolation.rows import Rows
from tests.isolation.samples import Sample, Stage
from tests.isolation.walls import Foreign, walls_down

MARKER = "XFOREIGNX"
ENDS = [Job.State.DONE, Job.State.FAILED]
LATER = timedelta(days=3)  # what the rows promise for the next hour is due


class Unsampled(AssertionError):
    """Something new runs for a company, and nobody said what to try it with."""

    def __init__(self, kind: str, name: str, table: str) -> None:
        super().__init__(
            f"{kind} {name!r} is new: add what to try it with to tests/isolation/samples.py, {table}"
        )


def commands() -> list[str]:
    """Our commands that take ``--tenant``."""
    ours = {config.name for config in apps.get_app_configs()} & set(samples.APPS)
    found = [name for name, owner in get_commands().items() if owner in ours]
    return sorted(name for name in found if _takes_a_tenant(name))


def _takes_a_tenant(name: str) -> bool:
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    return any("--tenant" in action.option_strings for action in parser._actions)


def our_tasks() -> list[str]:
    app.loader.import_default_modules()
    return sorted(name for name in app.tasks if not name.startswith("celery."))


class Background(CommittedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(override_settings(MEDIA_ROOT=self.folder / "media"))
        self.enterContext(override_settings(WEBHOOK_ALLOW=["127.0.0.1"], WEBHOOK_TIMEOUT=5))
        receiver = Receiver()
        self.addCleanup(receiver.close)
        rows, foreign = self.furnish(self.acme, "OWNX"), self.furnish(self.other, MARKER)
        self.stage = Stage(self.acme, self.admin, rows, foreign, self.folder, receiver)
        with connections["owner"].cursor() as cursor:  # a made-up seal would be a finding of verify_audit
            cursor.execute("DELETE FROM crm_auditseal")
        self.foreign = Foreign(self.other, self.acme, MARKER)
        self.queued: list[str] = []
        before_task_publish.connect(self._note_message)
        self.addCleanup(before_task_publish.disconnect, self._note_message)

    def furnish(self, tenant: Any, marker: str) -> dict:
        """One row of every model, a customer who buys, and nothing that is already done."""
        with tenant_context(tenant.pk):
            admin = self.admin if tenant == self.acme else self.mallory
            rows = Rows(marker).one_of_each()
            shared = {"external_id": samples.SHARED_KEY, "email": samples.SHARED_EMAIL}
            Customer.objects.filter(pk=rows[Customer].pk).update(**shared)
            buyer = make.customer(name=f"{marker} buyer", owner=admin)
            for days in (10, 60, 130, 200, 300):
                make.purchase(customer=buyer, purchased_at=timezone.now() - timedelta(days=days))
            make.follow_up(admin, customer=buyer, subject=f"{marker} call")
            make.ticket(customer=buyer, subject=f"{marker} is late")
            if tenant == self.acme:
                Job.objects.update(state=Job.State.DONE, finished_at=timezone.now())
                Delivery.objects.update(done_at=timezone.now())
            Nightly.objects.all().delete()
            stats.refresh()
        WakeUp.objects.filter(tenant_id=tenant.pk).delete()
        WakeUp.objects.create(tenant_id=tenant.pk, at=timezone.now() + timedelta(days=30))
        return rows

    def _note_message(self, headers: dict | None = None, **_more: Any) -> None:
        self.queued.append(str(headers))

    # Everything there is, each with what it tells.

    def tasks(self) -> Iterator[tuple[str, Any]]:
        for name in our_tasks():
            for sample in self.samples("Task", name, "TASKS"):
                caches["queue"].delete_many([tasks._guard(t.pk) for t in (self.acme, self.other)])
                WakeUp.objects.create(tenant_id=self.acme.pk, at=timezone.now())
                self.queued.clear()
                headers = {HEADER: str(self.acme.pk)}
                yield name, lambda: self._run_task(name, sample, headers)  # noqa: B023  run at once

    def _run_task(self, name: str, sample: Sample, headers: dict[str, str]) -> list[str]:
        app.tasks[name].apply(args=sample.given, headers=headers, throw=True)
        return self.queued

    def works(self) -> Iterator[tuple[str, Any]]:
        for each in work.all_work():
            yield each.key, lambda: self._run_work(each)  # noqa: B023

    def _run_work(self, each: work.Work) -> Any:
        with _inside(self.acme):
            return each.run(timezone.now() + LATER)

    def jobs(self) -> Iterator[tuple[str, Any]]:
        for kind in sorted(jobs._runners):
            for sample in self.samples("Job", kind, "JOBS"):
                with tenant_context(self.acme.pk):
                    job = jobs.start(kind=kind, params=sample.given, actor=self.admin)
                self.foreign.watch()
                yield kind, lambda: self._run_job(job, sample)  # noqa: B023

    def _run_job(self, job: Job, sample: Sample) -> Any:
        jobs.run(tenant_id=self.acme.pk, job_id=job.pk)
        with tenant_context(self.acme.pk):
            job.refresh_from_db()
        if not self.is_control:
            self.assertIn(job.state, ENDS if sample.hostile else [Job.State.DONE], job.message)
        return job.result, job.message

    def channels(self) -> Iterator[tuple[str, Any]]:
        for kind in sorted(channels._channels):
            for number, sample in enumerate(self.samples("Channel", kind, "CHANNELS")):
                with tenant_context(self.acme.pk):
                    deliveries.enqueue(kind=kind, dedup_key=f"{kind}:{number}", **sample.given)
                with tenant_context(self.other.pk):  # waits for its own company's round
                    Delivery.objects.update(kind=kind, done_at=None, next_at=timezone.now())
                self.foreign.watch()
                yield kind, lambda: self._deliver(kind, number, sample)  # noqa: B023

    def _deliver(self, kind: str, number: int, sample: Sample) -> None:
        dispatch.deliver(tenant_id=self.acme.pk, at=timezone.now())
        with tenant_context(self.acme.pk):
            mine = Delivery.objects.get(dedup_key=f"{kind}:{number}", tenant=self.acme)
        if not self.is_control:
            self.assertEqual(mine.done_at is None, sample.hostile, mine.last_error)

    def commands(self) -> Iterator[tuple[str, Any]]:
        for name in commands():
            for sample in self.samples("Command", name, "COMMANDS"):
                yield name, lambda: self._run_command(name, sample)  # noqa: B023

    def _run_command(self, name: str, sample: Sample) -> list[str]:
        out, err = StringIO(), StringIO()
        call_command(name, "--tenant", self.acme.slug, *sample.given, stdout=out, stderr=err)
        return [out.getvalue(), err.getvalue()]

    is_control = False

    def found(self, told: Any) -> list[str]:
        return self.foreign.findings(told, self.stage.receiver.received, folder=self.folder)

    def samples(self, kind: str, name: str, table: str) -> list[Sample]:
        known = getattr(samples, table)
        if name not in known:
            raise Unsampled(kind, name, table)
        return known[name](self.stage)


class Kept(Background):
    def keep(self, entrances: Iterator[tuple[str, Any]]) -> None:
        tried = 0
        for name, run in entrances:
            with self.subTest(name):
                told = run()
                self.assertEqual(self.found(told), [])
            tried += 1
        self.assertGreater(tried, 0)

    def test_no_task_leaves_its_company(self) -> None:
        self.keep(self.tasks())

    def test_no_work_leaves_its_company(self) -> None:
        self.keep(self.works())

    def test_no_job_leaves_its_company(self) -> None:
        logging.disable(logging.ERROR)  # the hostile ones fail, as they must
        self.addCleanup(logging.disable, logging.NOTSET)
        self.keep(self.jobs())

    def test_no_delivery_leaves_its_company(self) -> None:
        self.keep(self.channels())

    def test_no_command_leaves_its_company(self) -> None:
        self.keep(self.commands())

    def test_what_is_new_is_asked_for(self) -> None:
        jobs.register("probe", lambda job: None)
        self.addCleanup(jobs._runners.pop, "probe")
        with self.assertRaisesMessage(
            Unsampled, "'probe' is new: add what to try it with to tests/isolation/samp"
        ):
            list(self.jobs())


class WithoutProtection(Background):
    """The control: with the walls taken away the same runs are seen to leave their company."""

    is_control = True

    def test_the_runs_are_found_out_once_the_walls_are_gone(self) -> None:
        logging.disable(logging.CRITICAL)  # much fails now, as it must
        self.addCleanup(logging.disable, logging.NOTSET)
        kinds = ("tasks", "works", "jobs", "channels", "commands")
        with walls_down():
            found = [kind for kind in kinds if any(self._leaves(run) for _name, run in getattr(self, kind)())]
        self.assertEqual(found, [*kinds])

    def _leaves(self, run: Any) -> bool:
        return bool(self.found(self._tried(run)))

    def _tried(self, run: Any) -> Any:
        try:
            return run()
        except Exception as refusal:  # a wall of the database that still stands: its keys
            return refusal
