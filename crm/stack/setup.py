"""What must be done before the first page: tables, files, and the first time a demo."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from crm.stack.errors import StackError
from crm.stack.home import CHECKOUT, Home
from crm.stack.journal import Journal

_NOTHING: dict[str, Any] = {"sign_ins": [], "api_key": None}


class Interrupted(Exception):
    """Somebody asked to stop meanwhile."""


def prepare(home: Home, journal: Journal, stopping: threading.Event) -> None:
    """Bring everything up to date and make the demo once."""
    bring_up_to_date(home, journal, stopping)
    if wants_demo(home, journal):
        journal.say("tenure: making the demo companies (once)")
        run_command(("create_demo",), journal, stopping)


def bring_up_to_date(home: Home, journal: Journal, stopping: threading.Event) -> None:
    """Migrate, and collect static files where one is new; quick when there is nothing to do."""
    journal.say("tenure: migrating the database")
    run_command(("migrate", "--noinput", "--verbosity", "0"), journal, stopping)
    fingerprint = static_fingerprint(CHECKOUT)
    if home.state().get("static") != fingerprint or not any((home.path / "static").iterdir()):
        journal.say("tenure: collecting static files")
        run_command(("collectstatic", "--noinput", "--clear", "--verbosity", "0"), journal, stopping)
        home.remember(static=fingerprint)


def wants_demo(home: Home, journal: Journal) -> bool:
    """Whether this is the first time, and ``TENURE_DEMO`` is not 0."""
    if home.demo.exists() or os.environ.get("TENURE_DEMO") == "0":
        return False
    if any(CHECKOUT.glob("*/management/commands/create_demo.py")):
        return True
    journal.say("tenure: there is no demo in this version; make a company with `manage.py create_tenant`")
    return False


def sign_ins(home: Home) -> dict[str, Any]:
    """The demo's people and key, as ``create_demo`` left them; none without a demo."""
    return _NOTHING | json.loads(home.demo.read_text()) if home.demo.exists() else dict(_NOTHING)


def run_command(command: tuple[str, ...], journal: Journal, stopping: threading.Event) -> None:
    """Run one of Django's commands to its end; its words go to the log."""
    running = subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=CHECKOUT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C reaches the supervisor alone, and it ends the command
    )
    assert running.stdout
    reading = journal.follow("setup", running.stdout)
    while running.poll() is None:
        if stopping.wait(0.1):
            running.terminate()
            running.wait()
            raise Interrupted
    reading.join()
    if running.returncode:
        raise StackError(f"`manage.py {' '.join(command)}` failed with status {running.returncode}.")


def static_fingerprint(checkout: Path) -> str:
    """Changes with every static file of the project and every installed package."""
    digest = hashlib.sha256()
    sources = [
        checkout / "requirements.txt",
        checkout / "package-lock.json",
        checkout / "crm" / "settings.py",
    ]
    for directory in (checkout / "static", *sorted(checkout.glob("*/static"))):
        if "node_modules" not in directory.parts and not directory.is_symlink():
            sources += sorted(path for path in directory.rglob("*") if path.is_file())
    for path in sources:
        if path.exists():
            stat = path.stat()
            digest.update(f"{path.relative_to(checkout)} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
