"""``.env`` in the checkout: settings for the commands that are started from it."""

from __future__ import annotations

import os
from pathlib import Path

from crm.stack.home import CHECKOUT


def load(file: Path = CHECKOUT / ".env") -> None:
    """Set what ``file`` names and the environment does not. Lines are ``NAME=value``; quotes are optional."""
    if not file.is_file():
        return
    for name, value in parse(file.read_text()).items():
        os.environ.setdefault(name, value)


def parse(text: str) -> dict[str, str]:
    """Names and values; comments and empty lines are skipped, nothing is expanded."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            found[name.strip()] = _unquoted(value.strip())
    return found


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value.split(" #")[0].rstrip()
