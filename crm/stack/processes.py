"""Processes of ours: recognised before they are touched, ended in order."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil


def find(entry: dict | None, *, words: Iterable[str]) -> psutil.Process | None:
    """The live process that ``describe`` once described, or None.

    A number alone proves nothing after a crash: it may belong to somebody else by now.
    """
    if not entry:
        return None
    try:
        process = psutil.Process(entry["pid"])
        same = abs(process.create_time() - entry["started"]) < 2
        command = " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return process if same and all(word in command for word in words) else None


def describe(pid: int) -> dict:
    """What to write down about a process so that ``find`` can tell it from a later namesake."""
    return {"pid": pid, "started": psutil.Process(pid).create_time()}


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
    processes = list(processes)
    _each(processes, "terminate")
    _, left = psutil.wait_procs(processes, timeout=patience)
    _each(left, "kill")
    psutil.wait_procs(left, timeout=patience)


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


def _each(processes: Iterable[psutil.Process], verb: str) -> None:
    for process in processes:
        try:
            getattr(process, verb)()
        except psutil.NoSuchProcess:
            continue
