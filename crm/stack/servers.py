"""Starting and stopping the embedded servers, shared by every process that needs them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from crm.stack.home import Home
from crm.stack.postgres import Postgres
from crm.stack.valkey import Valkey

Server = Postgres | Valkey


def embedded(home: Home) -> list[Server]:
    """The servers that are not replaced by an address in the environment."""
    servers: list[Server] = []
    if not os.environ.get("DATABASE_URL"):
        servers.append(Postgres(home))
    if not os.environ.get("REDIS_URL"):
        servers.append(Valkey(home))
    return servers


def ensure_running(home: str | os.PathLike[str] | None = None, *, keep: bool = True) -> None:
    """Start what is not running. With ``keep`` the servers stay until :func:`stop`, whoever leaves."""
    place = Home(home).create()
    with place.locked():
        servers = embedded(place)
        if servers and not any(server.process() for server in servers):
            place.remember(kept=None)  # what was to be kept ended with the machine
        for server in servers:
            server.start()
        if keep:
            place.remember(kept=True)


def stop(home: str | os.PathLike[str] | None = None) -> None:
    """End the embedded servers, whoever uses them."""
    place = Home(home).create()
    with place.locked():
        _stop([Postgres(place), Valkey(place)])
        place.remember(kept=None)


@contextmanager
def lease(home: str | os.PathLike[str] | None = None) -> Iterator[int]:
    """Servers for as long as the block lasts; the last of several users stops them.

    Gives the descriptor that stands for the use. A child process that inherits it counts as a user
    too, and the kernel gives it back when the last of them is gone, however it went.
    """
    place = Home(home).create()
    descriptor = place.open_lock("users.lock")
    try:
        with place.locked():
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        ensure_running(home, keep=False)
        yield descriptor
    finally:
        with place.locked():
            if _is_last_user(place, descriptor) and not place.state().get("kept"):
                _stop(embedded(place))


def _is_last_user(place: Home, descriptor: int) -> bool:
    os.close(descriptor)
    probe = place.open_lock("users.lock")
    try:
        fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(probe)
    return True


def _stop(servers: list[Server]) -> None:
    for server in reversed(servers):
        server.stop()
