"""The company of the API key around the whole call: key, rate, repeats, one transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.api import idempotency, rates
from crm.api.problems import Problem
from crm.errors import NotFound
from crm.models import ApiKey
from crm.people.selectors import remember
from crm.tenancy import tokens
from crm.tenancy.context import act_as, tenant_context
from crm.tenancy.prepared import Prepared

PREFIX = "/api/v1/"
DESCRIPTION = "/api/schema/"
USED_EVERY = timedelta(minutes=1)


class ApiMiddleware:
    """Opens the company a key carries in itself; an answer that refuses leaves nothing behind.

    Without a known key the call goes on outside any company, where nothing can be read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == DESCRIPTION and request.tenant is None:
            return self._described(request)
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        request.path_info = request.path_info.rstrip("/")
        if _length(request) > settings.API_MAX_BYTES:
            return Problem(413, "too_large", _("The body is too large.")).answer(request)
        token = _bearer(request)
        if token is None:
            return self.get_response(request)
        if request.method == "POST" and idempotency.HEADER in request.headers:
            return self._once(request, token)
        with _inside(request, token):
            if _identify(request, token):
                return self._limited(request) or self._answer(request)
        return self.get_response(request)

    def _described(self, request: HttpRequest) -> HttpResponse:
        """The description for a key's own company; for everybody where there is no known key."""
        token = _bearer(request)
        if token is not None:
            with _inside(request, token):
                if _identify(request, token):
                    return self._limited(request) or self._answer(request)
        return self.get_response(request)

    def _limited(self, request: HttpRequest) -> HttpResponse | None:
        request.rate = rates.take(request.api_key)
        if request.rate is None or request.rate.allowed:
            return None
        return _finish(request, request.rate.refusal(request))

    def _answer(self, request: HttpRequest, attempt: Any = None) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code >= 400:
            transaction.set_rollback(True)
        elif attempt is not None:
            idempotency.settle(attempt, response)
        return _finish(request, response)

    def _once(self, request: HttpRequest, token: tokens.Token) -> HttpResponse:
        with _inside(request, token):
            known = _identify(request, token)
            if known:
                attempt = self._limited(request) or idempotency.begin(request, request.api_key)
        if not known:
            return self.get_response(request)
        if isinstance(attempt, HttpResponse):
            return _finish(request, attempt)
        return self._claimed(request, token, attempt)

    def _claimed(self, request: HttpRequest, token: tokens.Token, attempt: Any) -> HttpResponse:
        try:
            with _inside(request, token):
                _act_as(request.api_key)
                response = self._answer(request, attempt)
        except BaseException:
            with _inside(request, token):
                idempotency.free(attempt)
            raise
        if response.status_code >= 400:
            with _inside(request, token):
                idempotency.settle(attempt, response)
        return response


def _inside(request: HttpRequest, token: tokens.Token) -> AbstractContextManager[Any]:
    return tenant_context(token.tenant_id, request_id=request.id, source="api")


def _bearer(request: HttpRequest) -> tokens.Token | None:
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        return tokens.parse(text.strip(), prefix="tnr")
    except NotFound:
        return None


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdecimal() else 0


_KEY = Prepared(
    lambda secret: (
        ApiKey.objects.filter(secret_hash=secret, revoked_at=None)
        .filter(member__active=True, member__user__is_active=True, tenant__closed_at=None)
        .select_related("member", "tenant")
        .order_by()
    )
)


def _identify(request: HttpRequest, token: tokens.Token) -> bool:
    """Look the key up under its own company's policy and act as its member."""
    key = _KEY.first(token.hash)
    if key is None:
        return False
    request.api_key, request.member, request.tenant = key, key.member, key.tenant
    remember(key.tenant)
    _act_as(key)
    return True


def _act_as(key: ApiKey) -> None:
    act_as(key.member.pk, sees_personal=key.member.can("customers.personal"), key_id=key.pk)


def _finish(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    rate = getattr(request, "rate", None)
    for name, value in (rate.headers if rate else {}).items():
        response[name] = value
    _note_use(request, response)
    return response


def _note_use(request: HttpRequest, response: HttpResponse) -> None:
    """Write down that the key was used, at most once a minute, after the answer has gone out."""
    key, now = request.api_key, timezone.now()
    if key.last_used_at and key.last_used_at > now - USED_EVERY:
        return

    def write() -> None:
        with tenant_context(key.tenant_id, source="api"):
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)

    response._resource_closers.append(write)
