"""Where mail goes, from one address: ``smtp://user:password@host:25``, ``smtp+tls://``, ``smtps://``, ``console:``.

Any django-anymail provider is named by its backend: ``anymail+mailgun://``.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

_BACKEND = "django.core.mail.backends.{}.EmailBackend"


def settings_from(url: str) -> dict[str, Any]:
    """Django's ``EMAIL_…`` settings for ``url``; empty for an empty one (mail is then kept as files)."""
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": _BACKEND.format("console")}
    if parts.scheme.startswith("anymail+"):
        return {"EMAIL_BACKEND": f"anymail.backends.{parts.scheme.removeprefix('anymail+')}.EmailBackend"}
    if parts.scheme not in ("smtp", "smtp+tls", "smtps"):
        raise ValueError(
            f"EMAIL_URL: {parts.scheme}:// is unknown; use smtp://, smtp+tls://, smtps:// or console:"
        )
    return {
        "EMAIL_BACKEND": _BACKEND.format("smtp"),
        "EMAIL_HOST": parts.hostname or "127.0.0.1",
        "EMAIL_PORT": parts.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }
