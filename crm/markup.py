"""Escaping for markup that is put together in Python."""

from __future__ import annotations

import html


def escape(text: object) -> str:
    """As Django's, for what is drawn now: to ask of each text whether it is lazy takes longer than to escape it."""
    return html.escape(str(text))
