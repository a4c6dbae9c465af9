"""Telling people from programs on a public form, with nobody's help: time, a trap, and a puzzle where it is wanted.

A page carries a signed ticket that says when it was given out; it is good from ``LEAST`` seconds on and for a day.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from django.core import signing

SALT = "capture-form"
LEAST, MOST = 3, 86_400
BITS = 16


class NotTaken(ValueError):
    """The ticket is too young, too old, of another form, or none at all; or its puzzle is not solved."""


def ticket(page: Any, *, at: float) -> str:
    """A ticket for the form ``page``, given out at ``at`` (seconds since 1970)."""
    return signing.dumps([str(page), int(at), secrets.token_hex(8)], salt=SALT)


def check(text: str, page: Any, *, at: float, solution: str | None = None) -> str:
    """The ticket's own number, if it is good at ``at``; ``solution`` is asked for where it is not ``None``."""
    try:
        of, given, number = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NotTaken("unknown") from error
    if of != str(page):
        raise NotTaken("unknown")
    if at - given < LEAST:
        raise NotTaken("early")
    if at - given > MOST:
        raise NotTaken("late")
    if solution is not None and not solves(text, solution):
        raise NotTaken("unsolved")
    return str(number)


def solves(text: str, solution: str) -> bool:
    """Whether SHA-256 of the ticket, a colon and the solution begins with ``BITS`` zero bits."""
    digest = hashlib.sha256(f"{text}:{solution[:32]}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> (32 - BITS) == 0
