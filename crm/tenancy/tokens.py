"""Secrets that carry their company in themselves, looked up by hash under its policy.

``<prefix>_<tenant as 32 hex digits>_<secret>``: the first part opens the company's context, the second
is only ever stored as its SHA-256.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from crm.errors import NotFound


@dataclass(frozen=True)
class Token:
    tenant_id: UUID
    secret: str

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def text(self, prefix: str) -> str:
        return (
            f"{prefix}_{self.tenant_id.hex}_{self.secret}"
            if prefix
            else f"{self.tenant_id.hex}_{self.secret}"
        )


def make(tenant_id: UUID) -> Token:
    """A fresh secret of 256 bits."""
    return Token(tenant_id, secrets.token_urlsafe(32))


def derive(tenant_id: UUID, purpose: str) -> Token:
    """The same secret for the same purpose each time, for links that people must be shown again."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"{tenant_id}:{purpose}".encode(), hashlib.sha256)
    return Token(tenant_id, digest.hexdigest())


def parse(text: str, prefix: str = "") -> Token:
    """Take a token apart, or ``NotFound``: a malformed one looks like an unknown one."""
    if prefix:
        head, _, text = text.partition("_")
        if head != prefix:
            raise NotFound
    tenant, _, secret = text.partition("_")
    try:
        if len(tenant) == 32 and 20 <= len(secret) <= 100:
            return Token(UUID(hex=tenant), secret)
    except ValueError:
        pass
    raise NotFound
