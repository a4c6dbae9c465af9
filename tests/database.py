"""The test databases: made by the owner, used through the application's role.

Migrations run once into a template that is kept until a migration changes; each worker gets a clone.
"""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connections

APPS = ("crm", "customers", "segmentation", "maintenance", "feedback", "retention", "planning")


def create(worker: str) -> str:
    """A fresh database for ``worker``; both connections now point to it."""
    template = f"tenure_template_{_fingerprint()}"
    name = f"tenure_test_{_fingerprint()}_{worker}"
    with open(Path(tempfile.gettempdir()) / "tenure-test-databases.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _query("SELECT 1 FROM pg_database WHERE datname = %s", template):
            _build(template)
        _statement(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        _statement(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    _point_to(name)
    return name


def drop(name: str) -> None:
    for connection in connections.all():
        connection.close()
    _point_to(settings.DATABASES["owner"]["HOME_NAME"])
    # A thread that still holds a connection keeps the database; the next run replaces it.
    with suppress(DatabaseError):
        _statement(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _build(template: str) -> None:
    unfinished = f"{template}_new"
    _statement(f'DROP DATABASE IF EXISTS "{unfinished}" WITH (FORCE)')
    _statement(f'CREATE DATABASE "{unfinished}"')
    home = settings.DATABASES["owner"]["NAME"]
    _point_to(unfinished)
    call_command("migrate", verbosity=0)
    connections["owner"].close()
    _point_to(home)
    _statement(f'ALTER DATABASE "{unfinished}" RENAME TO "{template}"')


def _fingerprint() -> str:
    files = [file for app in APPS for file in sorted(Path(settings.BASE_DIR, app, "migrations").glob("*.py"))]
    files += [Path(settings.BASE_DIR, "crm/tenancy", name) for name in ("rls.py", "functions.py")]
    digest = hashlib.sha256(str(settings.BASE_DIR).encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _point_to(name: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        settings.DATABASES[alias].setdefault("HOME_NAME", settings.DATABASES[alias]["NAME"])
        settings.DATABASES[alias]["NAME"] = connections[alias].settings_dict["NAME"] = name


def _statement(sql: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql)


def _query(sql: str, *parameters: Any) -> Any:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()
