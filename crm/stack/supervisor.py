"""``make run``: one process that starts everything, watches it, and leaves nothing behind."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from crm.stack import children, processes, setup
from crm.stack.address import Address
from crm.stack.environment import environment
from crm.stack.errors import StackError
from crm.stack.home import Home
from crm.stack.journal import Journal, Tail
from crm.stack.servers import embedded, ensure_running, lease

WORD = "crm.stack"
_LOCK = "supervisor.lock"
_STARTS_BEFORE_GIVING_UP = 5
_SERVER_NAMES = {"postgres": "db", "valkey": "queue"}


class AlreadyRunning(StackError):
    """Another process supervises this home."""


class Supervisor:
    """Runs until it is told to stop by Ctrl-C, a signal, or the end of its terminal."""

    def __init__(self, home: Home, address: Address) -> None:
        self.home = home
        self.address = address
        self.stopping = threading.Event()
        self.journal = Journal(on_closed=self.stopping.set)
        self.ready = False
        self._tails: list[Tail] = []
        self._next_look = 0.0

    def run(self) -> None:
        """Start everything, stay, and end everything."""
        for signal_ in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_, lambda *_: self.stopping.set())
        with sole(self.home):
            end_orphans(self.home)
            self.address.check_free()
            self.home.remember(supervisor=processes.describe(os.getpid()) | {"url": self.address.url})
            try:
                self._run_with_servers()
            except setup.Interrupted:
                self.journal.say("tenure: stopping")
            finally:
                self.home.remember(supervisor=None)
                self.journal.say("tenure: stopped")

    def _run_with_servers(self) -> None:
        self.journal.say("tenure: starting the servers")
        with lease(self.home.path) as descriptor:
            setup.prepare(self.home, self.journal, self.stopping)
            programs = children.programs(self.address)
            family = [children.Child(program, self.journal, descriptor) for program in programs]
            self._tails = [Tail(_SERVER_NAMES[s.name], s.log) for s in embedded(self.home)]
            try:
                self._watch(family)
            finally:
                self.journal.say("tenure: stopping")
                children.end_all(children.write_down(self.home, family))
                self.home.remember(processes=None)

    def _watch(self, family: list[children.Child]) -> None:
        while not self.stopping.is_set():
            started = [child.keep_alive() for child in family]
            if any(started):
                children.write_down(self.home, family)
            for tail in self._tails:
                tail.copy_to(self.journal)
            self._look_after_servers(family)
            self._announce(family)
            self.stopping.wait(0.3)

    def _look_after_servers(self, family: list[children.Child]) -> None:
        """Start a server that died; should its port have changed, everything that knows the old one restarts."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + 2
        if all(server.process() for server in embedded(self.home)):
            return
        before = environment(self.home.path)
        self.journal.say("tenure: a server ended; starting it again")
        try:
            ensure_running(self.home.path, keep=False)
        except StackError as error:
            self.journal.say(f"tenure: {error}")
            self._next_look = time.monotonic() + 15
        if environment(self.home.path) != before:
            for child in family:
                child.ask_to_restart()

    def _announce(self, family: list[children.Child]) -> None:
        """Say once where it is and who can sign in; give up on a web process that never gets that far."""
        if self.ready:
            return
        if family[0].failures >= _STARTS_BEFORE_GIVING_UP:
            raise StackError("The web process does not start; the reason stands above.")
        if self.address.answers():
            self.ready = True
            self.journal.say(banner(self.home, self.address))


@contextmanager
def sole(home: Home) -> Iterator[None]:
    """Be the only supervisor of this home, or be told that there is one."""
    descriptor = home.open_lock(_LOCK)
    try:
        # A moment's patience: somebody may just be looking whether the lock is taken.
        if not processes.wait_until(lambda: _takes(descriptor, fcntl.LOCK_EX), seconds=1):
            raise AlreadyRunning(f"Tenure already runs in {home.path}; `make down` ends it.")
        yield
    finally:
        os.close(descriptor)


def is_supervised(home: Home) -> bool:
    """Whether a supervisor of this home is alive."""
    descriptor = home.open_lock(_LOCK)
    try:
        return not _takes(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _takes(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def end_orphans(home: Home) -> None:
    """End what a killed supervisor left."""
    children.end_all(home.state().get("processes", {}))
    home.remember(processes=None)


def banner(home: Home, address: Address) -> str:
    """What a person needs to begin."""
    demo = setup.sign_ins(home)
    lines = ["", f"  Tenure is ready: {address.url}", ""]
    lines += [f"  {s['email']}  {s['password']}  ({s['role']}, {s['tenant']})" for s in demo["sign_ins"]]
    if demo["api_key"]:
        lines.append(f"  API key: {demo['api_key']}")
    return "\n".join([*lines, "", "  Ctrl-C ends it.", ""])
