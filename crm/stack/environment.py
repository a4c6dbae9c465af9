"""The addresses of the servers, for the settings and for every process that is started."""

from __future__ import annotations

import os
import secrets
from urllib.parse import quote

from crm.stack.errors import StackError
from crm.stack.home import Home, State, write_private

_NOT_STARTED = (
    "{name} is not set and no embedded server is known in {home}. Start it with `make servers` or `make run`, "
    "or set {name} to a server of your own (docs/ops.md)."
)


def environment(home: str | os.PathLike[str] | None = None) -> dict[str, str]:
    """``DATABASE_URL``, ``DATABASE_OWNER_URL`` and ``REDIS_URL``: as set, else of the embedded servers.

    With a ``DATABASE_URL`` of one's own and no owner's address, migrations use the former too.
    """
    place = Home(home)
    state = place.state()
    database = os.environ.get("DATABASE_URL") or _database_url(state, "app")
    owner = (
        os.environ.get("DATABASE_OWNER_URL")
        or os.environ.get("DATABASE_URL")
        or _database_url(state, "owner")
    )
    found = {"DATABASE_URL": database, "DATABASE_OWNER_URL": owner, "REDIS_URL": _redis_url(state)}
    for name, address in found.items():
        if not address:
            raise StackError(_NOT_STARTED.format(name=name, home=place.path))
    return {name: str(address) for name, address in found.items()}


def secret_key(home: str | os.PathLike[str] | None = None) -> str:
    """``SECRET_KEY`` as set, else one made once and kept in ``TENURE_HOME/secret``."""
    if os.environ.get("SECRET_KEY"):
        return os.environ["SECRET_KEY"]
    place = Home(home).create()
    file = place.path / "secret"
    with place.locked():
        if not file.exists():
            write_private(file, secrets.token_urlsafe(48) + "\n")
    return file.read_text().strip()


def _database_url(state: State, role: str) -> str | None:
    server = state.get("postgres")
    if not server:
        return None
    password = quote(server[f"{role}_password"], safe="")
    return f"postgresql://crm_{role}:{password}@127.0.0.1:{server['port']}/tenure"


def _redis_url(state: State) -> str | None:
    if os.environ.get("REDIS_URL"):
        return os.environ["REDIS_URL"]
    server = state.get("valkey")
    return f"redis://:{quote(server['password'], safe='')}@127.0.0.1:{server['port']}/0" if server else None
