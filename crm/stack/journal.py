"""One log for everything that runs: each line says who wrote it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, TextIO

_WIDTH = 6


class Journal:
    """Writes whole lines of many writers to one stream. A reader who went away is reported, not raised."""

    def __init__(self, stream: TextIO = sys.stdout, on_closed: Callable[[], None] = lambda: None) -> None:
        self._stream = stream
        self._on_closed = on_closed
        self._lock = threading.Lock()

    def write(self, name: str, line: str) -> None:
        """Write one line under a name."""
        self.say(f"{name:<{_WIDTH}} | {line.rstrip()}")

    def say(self, text: str) -> None:
        """Write a text of the stack itself."""
        with self._lock:
            try:
                print(text, file=self._stream, flush=True)
            except OSError:  # the terminal or the pipe is gone
                self._on_closed()

    def follow(self, name: str, pipe: IO[bytes]) -> threading.Thread:
        """Copy what a process writes until it closes its end."""

        def copy() -> None:
            with pipe:
                for line in pipe:
                    self.write(name, line.decode(errors="replace"))

        thread = threading.Thread(target=copy, name=f"log of {name}", daemon=True)
        thread.start()
        return thread


class Tail:
    """New lines of a file that another process writes; under no name they are copied as they are."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path
        self._position = path.stat().st_size if path.exists() else 0

    def copy_to(self, journal: Journal) -> None:
        """Write the lines that were completed since the last time."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._position)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._position += len(whole) + len(newline)
        for line in whole.decode(errors="replace").splitlines():
            if self.name:
                journal.write(self.name, line)
            else:
                journal.say(line)
