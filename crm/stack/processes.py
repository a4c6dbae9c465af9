"""Processes of ours: recognised before they are touched, ended in order."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import psutil


def find(entry: dict | None, *, word: str) -> psutil.Process | None:
    """The live process that ``describe`` once described, or None.

    A number alone proves nothing after a crash: it may belong to somebody else by now.
    """
    if not entry:
        return None
    try:
        process = psutil.Process(entry["pid"])
        same = abs(process.create_time() - entry["started"]) < 2 and word in " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return process if same else None


def describe(pid: int) -> dict:
    """What to write down about a process so that ``find`` can tell it from a later namesake."""
    return {"pid": pid, "started": psutil.Process(pid).create_time()}


def family(entry: dict, *, word: str) -> list[psutil.Process]:
    """A process started in a session of its own and all it left in that session, also when it died first."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = os.getsid(process.pid) == entry["pid"] and process.create_time() > entry["started"] - 2
            if ours and word in " ".join(process.cmdline()):
                found.append(process)
        except (OSError, psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def working_in(directory: Path, *, name: str) -> list[psutil.Process]:
    """Processes called ``name`` whose working directory is ``directory``."""
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"] == name and Path(process.cwd()) == directory:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def end(processes: Iterable[psutil.Process], *, patience: float = 5) -> None:
    """Ask all to end, wait, then kill who is left."""
    left = list(processes)
    for signal_ in (signal.SIGTERM, signal.SIGKILL):
        left = send(left, signal_, patience=patience)


def send(processes: Iterable[psutil.Process], signal_: int, *, patience: float) -> list[psutil.Process]:
    """Signal all and give those that have not ended ``patience`` seconds later."""
    for process in (processes := list(processes)):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal_)
    wait_until(lambda: not any(map(is_alive, processes)), seconds=patience)
    return list(filter(is_alive, processes))


def is_alive(process: psutil.Process) -> bool:
    """Whether it still runs; one that ended and was not collected by its parent does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(true: Callable[[], bool], *, seconds: float) -> bool:
    """Ask twenty times a second; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
