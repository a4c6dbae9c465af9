"""PostgreSQL refuses to run as root: then it runs as another user, in places that user can reach."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.stack.errors import StackError

SYSTEM_DIRECTORY = Path("/var/lib/tenure")


@dataclass(frozen=True)
class Account:
    """The user a server runs as. ``uid`` None: whoever runs Tenure."""

    uid: int | None = None
    gid: int | None = None

    def popen(self) -> dict[str, Any]:
        """Keyword arguments for ``subprocess``: this user, and out of reach of the terminal's Ctrl-C."""
        if self.uid is None:
            return {"start_new_session": True}
        return {"start_new_session": True, "user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Hand ``path`` to this user, for no one else to read."""
        path.chmod(0o700 if path.is_dir() else 0o600)
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, directory: Path) -> bool:
        """Whether this user passes through ``directory`` and all above it; tried, not computed."""
        command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(directory)]
        return self._succeeds(command)

    def can_execute(self, program: Path) -> bool:
        """Whether this user can run ``program`` where it lies."""
        return self._succeeds([str(program), "--version"])

    def _succeeds(self, command: list[str]) -> bool:
        quiet = subprocess.DEVNULL
        try:
            done = subprocess.run(command, cwd="/", stdout=quiet, stderr=quiet, check=False, **self.popen())
        except (PermissionError, FileNotFoundError):
            return False
        return done.returncode == 0


def database_account() -> Account:
    """The current user; for root the user ``tenure`` where there is one, else ``nobody``."""
    if os.geteuid() != 0:
        return Account()
    for name in ("tenure", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return _checked(Account(entry.pw_uid, entry.pw_gid))
    raise StackError(
        "PostgreSQL cannot run as root and there is no user to run it as: `useradd --system tenure`."
    )


def _checked(account: Account) -> Account:
    """Refuse where root may not change to another user, as in some containers."""
    if account.can_enter(Path("/")):
        return account
    raise StackError(
        "PostgreSQL cannot run as root, and this container does not let root become another user. "
        "Run Tenure as an ordinary user, or set DATABASE_URL and DATABASE_OWNER_URL."
    )


def reachable_programs(account: Account, bin_directory: Path, version: str) -> Path:
    """``bin_directory`` of PostgreSQL, or of a copy of it where ``account`` cannot reach the original."""
    if account.can_execute(bin_directory / "postgres"):
        return bin_directory
    package = bin_directory.parents[1]
    copy = SYSTEM_DIRECTORY / f"postgresql-{version}"
    copied = copy / package.name / bin_directory.relative_to(package)
    if not account.can_execute(copied / "postgres"):
        _copy_package(package, copy)
    if not account.can_execute(copied / "postgres"):
        raise StackError(f"PostgreSQL in {copied} cannot be executed. Is {SYSTEM_DIRECTORY} mounted noexec?")
    return copied


def _copy_package(package: Path, copy: Path) -> None:
    """Copy the wheel's programs with the libraries beside them, readable for all."""
    draft = copy.with_name(f"{copy.name}.{os.getpid()}")
    for name in (package.name, f"{package.name}.libs"):
        if (package.parent / name).is_dir():
            shutil.copytree(package.parent / name, draft / name, symlinks=True)
    SYSTEM_DIRECTORY.chmod(0o755)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() or "bin" in path.parts else 0o444))
    if copy.exists():
        shutil.rmtree(copy)
    draft.replace(copy)
