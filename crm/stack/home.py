"""``TENURE_HOME``: where everything embedded lives, and the state file that finds it again."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]

State = dict[str, Any]


def home_directory(home: str | os.PathLike[str] | None = None) -> Path:
    """``home``, else ``TENURE_HOME``, else ``.tenure``; relative paths start at the checkout."""
    return Path(CHECKOUT, Path(home or os.environ.get("TENURE_HOME") or ".tenure").expanduser()).resolve()


class Home:
    """One stack's directory. Every change of its state happens under :meth:`locked`."""

    def __init__(self, home: str | os.PathLike[str] | None = None) -> None:
        self.path = home_directory(home)
        self.log = self.path / "log"
        self.demo = self.path / "demo.json"
        self._state = self.path / "stack.json"

    def create(self) -> Home:
        """Make the directories, for nobody else to read. As root the database's user passes through the first."""
        if not self.path.exists():
            self.path.mkdir(parents=True)
            self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for name in ("log", "mail", "media", "static"):
            (self.path / name).mkdir(mode=0o700, exist_ok=True)
        return self

    def state(self) -> State:
        """What the stack last wrote down; empty before the first start."""
        try:
            return json.loads(self._state.read_text())
        except FileNotFoundError:
            return {}

    def remember(self, **entries: Any) -> State:
        """Set (or with None forget) top-level entries of the state file, all or nothing."""
        with self._exclusive("state.lock"):
            state = self.state() | entries
            state = {key: value for key, value in state.items() if value is not None}
            write_private(self._state, json.dumps(state, indent=2) + "\n")
        return state

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from starting or stopping servers meanwhile."""
        with self._exclusive("stack.lock"):
            yield

    def open_lock(self, name: str) -> int:
        """A descriptor of a lock file; the kernel frees the lock when its last holder is gone."""
        self.create()
        return os.open(self.path / name, os.O_RDWR | os.O_CREAT, 0o600)

    @contextmanager
    def _exclusive(self, name: str) -> Iterator[None]:
        descriptor = self.open_lock(name)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; nobody but its owner can read it at any moment."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
