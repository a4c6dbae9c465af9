"""Signatures by the Standard Webhooks: HMAC-SHA256 over id, moment and body.

A secret is derived from the installation's key, the endpoint and the number of its rotation, so that none
is kept: who reads the database cannot sign.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from django.conf import settings

from crm.models import WebhookEndpoint

PREFIX = "whsec_"


def secret_of(endpoint: WebhookEndpoint) -> str:
    """The secret as the receiver keeps it."""
    return PREFIX + base64.b64encode(_key(endpoint, endpoint.secret_no)).decode()


def headers(endpoint: WebhookEndpoint, *, message_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers that sign ``body``; after a rotation by the secret before as well, until its time is over."""
    moment = str(int(at.timestamp()))
    numbers = [endpoint.secret_no]
    if endpoint.previous_until and endpoint.previous_until > at:
        numbers.append(endpoint.secret_no - 1)
    content = f"{message_id}.{moment}.".encode() + body
    signatures = [_sign(_key(endpoint, number), content) for number in numbers]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _key(endpoint: WebhookEndpoint, number: int) -> bytes:
    purpose = f"webhook:{endpoint.tenant_id}:{endpoint.pk}:{number}"
    return hmac.new(settings.SECRET_KEY.encode(), purpose.encode(), hashlib.sha256).digest()


def _sign(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
