#!/usr/bin/env python
"""Break the delivery engine on purpose and count what arrives.

Starts servers, workers and beats of its own under a temporary TENURE_HOME and ends only these. Prints
one JSON object per scenario; the exit status is not 0 when a promise was broken:

- every reminder arrives, however often the worker is killed and the broker emptied;
- no more messages arrive twice than workers were killed, each repeat with the same Message-ID;
- two beats double nothing; a beat that was down over the due time only delays.

    python scripts/faults.py [--reminders 2000] [--kills 50] [--home DIRECTORY]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

# A worker that was killed is noticed after seconds instead of minutes.
IMPATIENT = {
    "TENURE_DELIVERY_LEASE": "3",
    "TENURE_DELIVERY_BACKOFF": "1",
    "TENURE_WAKE_GUARD": "2",
    "LOG_LEVEL": "WARNING",
}
SLUG = "faults"


@dataclass
class Sink:
    """A mail server that keeps the Message-ID and the subject of whatever comes."""

    received: list[tuple[str, str]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.received.append((str(message["Message-ID"]), str(message["Subject"])))
        return "250 kept"

    def of(self, scenario: str) -> list[tuple[str, str]]:
        return [(message_id, subject) for message_id, subject in self.received if f"{scenario}-" in subject]


class Family:
    """A Celery process of ours with its children, which share its process group."""

    def __init__(self, *arguments: str, log: Path) -> None:
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "--quiet", "-A", "crm.celery", *arguments],
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def kill(self) -> None:
        """As the kernel would when memory runs out: at once, all of them."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Stack:
    """Servers, one company, a sink for its mail."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.sink = Sink()

    def start_worker(self) -> Family:
        arguments = (
            "worker",
            "--concurrency",
            "2",
            "--loglevel",
            "WARNING",
            "--without-gossip",
            "--without-mingle",
        )
        return Family(*arguments, log=self.home / "worker.log")

    def start_beat(self) -> Family:
        return Family("beat", "--loglevel", "WARNING", "--pidfile", "", log=self.home / "beat.log")

    def empty_broker(self) -> None:
        import redis
        from django.conf import settings

        redis.Redis.from_url(settings.REDIS_URL).flushall()

    def prepare(self) -> None:
        """The database, the company with its owner of follow-ups, and a tick each second."""
        import django

        django.setup()
        from django.core.management import call_command

        from crm.services.tenants import create_tenant

        call_command("migrate", verbosity=0)
        self.tenant, _key = create_tenant(
            name="Faults", slug=SLUG, admin_email="owner@faults.example", password="a password of no use"
        )
        from django_celery_beat.models import IntervalSchedule, PeriodicTask

        second, _made = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.SECONDS)
        PeriodicTask.objects.filter(task="crm.tasks.tick").update(interval=second)

    def promise(self, scenario: str, many: int, *, seconds: float) -> None:
        """``many`` follow-ups of twenty customers, due in a few seconds."""
        from datetime import timedelta

        from django.utils import timezone

        from crm.models import Member
        from crm.tenancy.context import tenant_context
        from customers.models import Customer, FollowUp
        from customers.services.customers import create_customer

        with tenant_context(self.tenant.pk):
            owner = Member.objects.get()
            if not Customer.objects.exists():
                for number in range(20):
                    create_customer(name=f"Customer {number}", actor=owner)
            customers = list(Customer.objects.all())
            due_at = timezone.now() + timedelta(seconds=seconds)
            FollowUp.objects.bulk_create(
                FollowUp(
                    customer=customers[number % 20],
                    owner=owner,
                    subject=f"{scenario}-{number:05}",
                    due_at=due_at,
                    first_due_at=due_at,
                )
                for number in range(many)
            )

    def undone(self) -> int:
        """Deliveries that are neither done nor, as none may be, dead."""
        from crm.models import Delivery
        from crm.tenancy.context import tenant_context

        with tenant_context(self.tenant.pk):
            return Delivery.objects.filter(done_at=None).count()

    def arrived(self, scenario: str) -> int:
        return len({message_id for message_id, _subject in self.sink.of(scenario)})


def killed_worker(stack: Stack, *, many: int, kills: int) -> dict[str, Any]:
    """Kill the worker again and again while reminders go out; meanwhile empty the broker; two beats tick."""
    stack.promise("kill", many, seconds=2)
    done = flushes = 0
    with running(stack.start_beat, stack.start_beat):
        worker = stack.start_worker()
        try:
            for done in range(1, kills + 1):
                goal = done * many // (kills + 1)
                wait(lambda goal=goal: stack.arrived("kill") >= goal, seconds=120)  # type: ignore[misc]
                worker.kill()
                if done % 10 == 5:
                    stack.empty_broker()
                    flushes += 1
                worker = stack.start_worker()
            settle(stack, "kill", many)
        finally:
            worker.kill()
    return verdict(stack, "kill", many=many, kills=done, broker_emptied=flushes, beats=2)


def emptied_broker(stack: Stack, *, many: int) -> dict[str, Any]:
    """Empty the broker once a second for half a minute, with nobody restarting anything."""
    with running(stack.start_beat, stack.start_worker):
        stop = threading.Event()

        def empty_often() -> None:
            while not stop.wait(1):
                stack.empty_broker()

        thread = threading.Thread(target=empty_often)
        thread.start()
        for part in range(10):
            stack.promise(f"empty{part}", many // 10, seconds=3 * part)
        time.sleep(30)
        stop.set()
        thread.join()
        settle(stack, "empty", many, parts=10)
    return verdict(stack, "empty", many=many, parts=10, kills=0)


def absent_beat(stack: Stack, *, many: int) -> dict[str, Any]:
    """Nobody ticks when the reminders fall due; then two beats come back."""
    with running(stack.start_worker):
        stack.promise("beat", many, seconds=3)
        time.sleep(10)
        early = stack.arrived("beat")
        with running(stack.start_beat, stack.start_beat):
            settle(stack, "beat", many)
    return verdict(stack, "beat", many=many, kills=0, arrived_without_beat=early, beats=2)


@contextmanager
def running(*starts: Callable[[], Family]) -> Iterator[None]:
    families = [start() for start in starts]
    try:
        yield
    finally:
        for family in families:
            family.kill()


def settle(stack: Stack, scenario: str, many: int, *, parts: int = 0) -> None:
    """Wait until everything arrived and is written down, then a little for what should not come."""
    wait(lambda: _arrived(stack, scenario, parts) >= many and stack.undone() == 0, seconds=180)
    time.sleep(5)


def verdict(
    stack: Stack, scenario: str, *, many: int, kills: int, parts: int = 0, **facts: Any
) -> dict[str, Any]:
    """What came against what was promised."""
    mails = [mail for name in _names(scenario, parts) for mail in stack.sink.of(name)]
    by_id = Counter(message_id for message_id, _subject in mails)
    by_subject = Counter(subject for _id, subject in mails)
    repeats = len(mails) - len(by_id)
    kept = len(by_id) == len(by_subject) == many and repeats <= kills and stack.undone() == 0
    return {
        "scenario": scenario,
        "promised": many,
        "distinct": len(by_subject),
        "kills": kills,
        "repeats": repeats,
        "repeats_with_same_message_id": len(by_id) == len(by_subject),
        "undone": stack.undone(),
        **facts,
        "kept": kept,
    }


def _names(scenario: str, parts: int) -> list[str]:
    return [f"{scenario}{part}" for part in range(parts)] if parts else [scenario]


def _arrived(stack: Stack, scenario: str, parts: int) -> int:
    return sum(stack.arrived(name) for name in _names(scenario, parts))


def wait(true: Callable[[], bool], *, seconds: float) -> None:
    """Until it is true, or as long as it may take; the verdict tells which."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--reminders", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument(
        "--home", type=Path, help="where servers and logs live; default: a temporary directory"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tenure-faults-") as temporary:
        home = options.home or Path(temporary)
        os.chmod(temporary, 0o755)
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        os.environ.update(IMPATIENT, TENURE_HOME=str(home), DJANGO_SETTINGS_MODULE="crm.settings")
        return break_it(home, options)


def break_it(home: Path, options: argparse.Namespace) -> int:
    from aiosmtpd.controller import Controller

    from crm.stack import lease, processes

    stack, kept = Stack(home), True
    mail = Controller(stack.sink, hostname="127.0.0.1", port=processes.free_port())
    mail.start()
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{mail.port}"
    try:
        with lease(home):
            stack.prepare()
            scenarios = (
                lambda: killed_worker(stack, many=options.reminders, kills=options.kills),
                lambda: emptied_broker(stack, many=300),
                lambda: absent_beat(stack, many=200),
            )
            for scenario in scenarios:
                started = time.monotonic()
                result = scenario()
                print(json.dumps(result | {"seconds": round(time.monotonic() - started, 1)}), flush=True)
                kept &= result["kept"]
    finally:
        mail.stop()
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
