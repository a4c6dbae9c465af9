"""``EMAIL_URL``: where mail goes, as Django's settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from crm.stack.errors import StackError

_BACKENDS = "django.core.mail.backends"
_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def email_settings(url: str) -> dict[str, Any]:
    """Settings for ``smtp://``, ``smtp+tls://`` (STARTTLS), ``smtps://`` or ``console:``; none for an empty address."""
    if not url:
        return {}
    address = urlsplit(url)
    if address.scheme == "console":
        return {"EMAIL_BACKEND": f"{_BACKENDS}.console.EmailBackend"}
    if address.scheme not in _PORTS or not address.hostname:
        raise StackError(
            "EMAIL_URL must look like smtp+tls://user:password@host:587 (smtp, smtp+tls, smtps, console:)."
        )
    return {
        "EMAIL_BACKEND": f"{_BACKENDS}.smtp.EmailBackend",
        "EMAIL_HOST": address.hostname,
        "EMAIL_PORT": address.port or _PORTS[address.scheme],
        "EMAIL_HOST_USER": unquote(address.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(address.password or ""),
        "EMAIL_USE_TLS": address.scheme == "smtp+tls",
        "EMAIL_USE_SSL": address.scheme == "smtps",
    }
