"""A POST with an ``Idempotency-Key`` happens once; whoever asks again is given the first answer.

The row is put down and committed before the request's own transaction, so that a second call finds it
in flight. The answer of a call that succeeded is stored in the call's transaction, with its effects; that
of a refusal after its roll-back. A fault frees the key. A call that died is taken over after ``LEASE``.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.api.problems import Problem
from crm.models import ApiKey, IdempotentAnswer

KEPT = timedelta(days=1)
LEASE = timedelta(minutes=5)
HEADER = "Idempotency-Key"
STORED_HEADERS = ("Content-Type", "Content-Language", "ETag", "Location")


def fingerprint(request: HttpRequest) -> str:
    """What makes two calls the same. Of an upload only the address counts: its boundaries differ each time."""
    upload = (request.content_type or "").startswith("multipart/")
    parts = [
        request.method or "",
        request.get_full_path(),
        request.content_type or "" if not upload else "multipart",
    ]
    digest = hashlib.sha256("\n".join(parts).encode())
    if not upload:
        digest.update(request.body)
    return digest.hexdigest()


def begin(request: HttpRequest, key: ApiKey) -> IdempotentAnswer | HttpResponse:
    """Claim the key for this call, or the answer to give instead. Commit before going on."""
    name = request.headers[HEADER]
    if not (1 <= len(name) <= 255 and name.isprintable()):
        return Problem(400, "bad_idempotency_key", _("The key must have 1 to 255 characters.")).answer(
            request
        )
    mark = fingerprint(request)
    try:
        with transaction.atomic():
            return IdempotentAnswer.objects.create(api_key=key, key=name, fingerprint=mark)
    except IntegrityError:
        earlier = IdempotentAnswer.objects.get(api_key=key, key=name)
    if earlier.created_at < timezone.now() - (LEASE if earlier.status is None else KEPT):
        return _take_over(request, earlier, mark)
    if earlier.fingerprint != mark:
        detail = _("This Idempotency-Key was used for another request.")
        return Problem(422, "idempotency_mismatch", detail).answer(request)
    return _replay(earlier) if earlier.status is not None else _in_flight(request)


def _take_over(request: HttpRequest, earlier: IdempotentAnswer, mark: str) -> IdempotentAnswer | HttpResponse:
    now = timezone.now()
    same = IdempotentAnswer.objects.filter(pk=earlier.pk, created_at=earlier.created_at)
    if not same.update(created_at=now, fingerprint=mark, status=None, headers={}, body=""):
        return _in_flight(request)
    earlier.created_at, earlier.fingerprint, earlier.status = now, mark, None
    return earlier


def _in_flight(request: HttpRequest) -> HttpResponse:
    detail = _("The first call with this Idempotency-Key is still running.")
    return Problem(409, "idempotency_in_flight", detail, headers={"Retry-After": "1"}).answer(request)


def _replay(earlier: IdempotentAnswer) -> HttpResponse:
    response = HttpResponse(earlier.body, status=earlier.status)
    for name, value in earlier.headers.items():
        response[name] = value
    response["Idempotent-Replayed"] = "true"
    return response


def settle(attempt: IdempotentAnswer, response: HttpResponse) -> None:
    """Keep the answer, or free the key after a fault. The claim must still be this call's own."""
    own = IdempotentAnswer.objects.filter(pk=attempt.pk, created_at=attempt.created_at)
    if response.status_code >= 500:
        own.delete()
        return
    headers = {name: response[name] for name in STORED_HEADERS if name in response}
    own.update(status=response.status_code, headers=headers, body=response.content.decode())


def free(attempt: IdempotentAnswer) -> None:
    """Let the key be used again: the call left nothing behind."""
    IdempotentAnswer.objects.filter(pk=attempt.pk, created_at=attempt.created_at, status=None).delete()


def forget(at: datetime) -> int:
    """Remove the answers nobody may ask for any more."""
    return IdempotentAnswer.objects.filter(created_at__lte=at - KEPT).delete()[0]
