"""How fast a key may call, or an address send forms: a bucket of tokens in Redis, one round trip, and only a brake.

When Redis cannot be reached, calls pass.
"""

from __future__ import annotations

import functools
import math
import time
from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings
from django.utils.translation import gettext as _

from crm.api.problems import Problem
from crm.models import ApiKey

WINDOW = 60
PATIENCE = 0.25
PAUSE = 5

_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local held = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(limit, (tonumber(held[1]) or limit) + (now - (tonumber(held[2]) or now)) * limit / window)
local allowed = 0
if tokens >= 1 then tokens = tokens - 1 allowed = 1 end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], window * 2)
return {allowed, string.format('%.6f', tokens)}
"""


@dataclass(frozen=True)
class Rate:
    """What is left of a key's allowance after this call."""

    limit: int
    tokens: float
    allowed: bool
    window: int = WINDOW

    @property
    def retry_after(self) -> int:
        return max(1, math.ceil((1 - self.tokens) * self.window / self.limit))

    @property
    def headers(self) -> dict[str, str]:
        """As the IETF's RateLimit header fields have them: allowance left, seconds until it is whole."""
        full = math.ceil((self.limit - self.tokens) * self.window / self.limit)
        return {
            "RateLimit-Policy": f'"key";q={self.limit};w={self.window}',
            "RateLimit": f'"key";r={int(self.tokens)};t={full}',
        }

    def refusal(self, request: Any) -> Any:
        detail = _("Too many calls. Try again in %(seconds)s s.") % {"seconds": self.retry_after}
        return Problem(429, "rate_limited", detail, headers={"Retry-After": str(self.retry_after)}).answer(
            request
        )


@functools.cache
def _script() -> Any:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=None
    )
    return client.register_script(_TAKE)


_resting_until = 0.0


def take(key: ApiKey) -> Rate | None:
    """Take one call from the key's allowance; ``None`` when nobody can tell."""
    return take_from(f"{key.tenant_id}:rate:{key.pk}", limit=settings.API_CALLS_PER_MINUTE)


def take_from(bucket: str, *, limit: int, window: int = WINDOW) -> Rate | None:
    """Take one from a bucket that holds ``limit`` and fills within ``window`` seconds; its name carries the company."""
    global _resting_until
    if time.monotonic() < _resting_until:
        return None
    try:
        allowed, tokens = _script()(keys=[bucket], args=[limit, window])
    except redis.RedisError:
        _resting_until = time.monotonic() + PAUSE  # a brake that is broken must not slow every call
        return None
    return Rate(limit, float(tokens), bool(allowed), window)
