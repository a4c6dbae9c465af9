"""The processes that are Tenure: web, worker and beat; kept alive, ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field

from crm.stack import processes
from crm.stack.address import Address
from crm.stack.home import CHECKOUT, Home
from crm.stack.journal import Journal

_LONGEST_PAUSE = 30
_STEADY = 60  # seconds after which an earlier failure is forgotten
_MANNERS = ((signal.SIGTERM, 6), (signal.SIGQUIT, 2), (signal.SIGKILL, 5))


@dataclass(frozen=True)
class Program:
    """What to run, and the word of its command line that tells it from others."""

    name: str
    word: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


def programs(address: Address) -> list[Program]:
    """Web, worker and beat."""
    # An address holds a list's whole filter; gunicorn alone would take half of it.
    patience = "--graceful-timeout 5 --timeout 60 --limit-request-line 8190"
    web = f"gunicorn crm.wsgi:application --bind {address.bind} --worker-class gthread --threads 4"
    celery = "celery --quiet -A crm.celery"
    worker = f"{celery} worker --loglevel INFO --concurrency 2 --prefetch-multiplier 1"
    beat = f"{celery} beat --loglevel INFO --scheduler django_celery_beat.schedulers:DatabaseScheduler"
    return [
        _program("web", f"{web} {patience} --no-control-socket", WEB_CONCURRENCY="2"),
        # One thread for each task: two tasks at once already fill two cores.
        _program("worker", f"{worker} --without-gossip --without-mingle", OMP_NUM_THREADS="1"),
        _program("beat", f"{beat} --pidfile="),
    ]


def _program(name: str, arguments: str, **environment: str) -> Program:
    module, *rest = arguments.split()
    return Program(name, module, (sys.executable, "-m", module, *rest), environment)


class Child:
    """One program, started again when it ends by itself, each time a little later."""

    def __init__(self, program: Program, journal: Journal, lease: int) -> None:
        self.program = program
        self.failures = 0
        self._journal = journal
        self._lease = lease
        self._running: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._next_start = 0.0

    def keep_alive(self) -> bool:
        """Start the program if it does not run and its pause is over; True when it was started."""
        if self._running and self._running.poll() is None:
            return False
        if self._running:
            self._note_end(self._running.returncode)
        if time.monotonic() < self._next_start:
            return False
        self._start()
        return True

    def description(self) -> dict:
        """For the state file."""
        if not self._running:
            return {}
        return {"pid": self._running.pid, "started": self._started, "word": self.program.word}

    def _start(self) -> None:
        # The child holds the lease too: were its supervisor killed, the servers would stay for it.
        self._running = subprocess.Popen(
            self.program.command,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[self._lease],
            env=self.program.environment | dict(os.environ) | {"PYTHONUNBUFFERED": "1"},
        )
        assert self._running.stdout
        self._journal.follow(self.program.name, self._running.stdout)
        self._started_at = time.monotonic()
        self._started = processes.describe(self._running.pid)["started"]

    def _note_end(self, status: int) -> None:
        steady = time.monotonic() - self._started_at > _STEADY
        self.failures = 1 if steady else self.failures + 1
        pause = min(2 ** (self.failures - 1), _LONGEST_PAUSE)
        self._running = None
        self._next_start = time.monotonic() + pause
        self._journal.write(self.program.name, f"ended with status {status}; starts again in {pause} s")

    def ask_to_restart(self) -> None:
        """End it gently; ``keep_alive`` starts it anew."""
        if self._running:
            self._running.terminate()


def end_all(entries: dict[str, dict]) -> None:
    """End the families of processes the state file describes, those of a supervisor that was killed too."""
    for signal_, patience in _MANNERS:
        left = [
            process for entry in entries.values() for process in processes.family(entry, word=entry["word"])
        ]
        if signal_ == signal.SIGTERM:  # the parents tell their children
            pids = {entry["pid"] for entry in entries.values()}
            left = [process for process in left if process.pid in pids] or left
        with suppress(ProcessLookupError):
            processes.send(left, signal_, patience=patience)


def write_down(home: Home, children: list[Child]) -> dict[str, dict]:
    """Keep in the state file what runs now."""
    entries = {child.program.name: entry for child in children if (entry := child.description())}
    home.remember(processes=entries)
    return entries
