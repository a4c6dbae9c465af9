"""Refusals and faults as ``application/problem+json`` (RFC 9457), from one translator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework import exceptions

from crm.errors import DomainError, NotAllowed, NotFound

MEDIA_TYPE = "application/problem+json"
API = "/api/"

Errors = Mapping[str, list[str]]


class UnknownName(DomainError):
    """A parameter or field that this address does not know."""

    code = "unknown_name"


@dataclass(frozen=True)
class Problem:
    """What went wrong: ``code`` is stable and for programs, ``detail`` is for people."""

    status: int
    code: str
    detail: str
    errors: Errors = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self, request_id: object = None) -> dict[str, Any]:
        content: dict[str, Any] = {
            "type": f"/api/docs/#problem-{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        if self.errors:
            content["errors"] = dict(self.errors)
        content |= self.more
        if request_id:
            content["request_id"] = str(request_id)
        return content

    def answer(self, request: Any) -> HttpResponse:
        body = json.dumps(self.as_dict(getattr(request, "id", None)), ensure_ascii=False)
        response = HttpResponse(body, status=self.status, content_type=MEDIA_TYPE)
        for name, value in self.headers.items():
            response[name] = value
        return response


def problem_response(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """The REST framework's exception handler; what ``describe`` does not know stays a fault."""
    problem = describe(error)
    return problem.answer(context["request"]) if problem else None


def describe(error: Exception) -> Problem | None:
    """The problem behind an exception, or ``None`` for a bug."""
    if isinstance(error, Http404):
        error = NotFound()
    elif isinstance(error, PermissionDenied):
        error = NotAllowed()
    if isinstance(error, DomainError):
        return Problem(error.status, error.code, str(error), error.errors, more=error.more)
    if isinstance(error, DjangoValidationError):
        return _invalid(exceptions.ValidationError(detail=exceptions.ValidationError(error.messages).detail))
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error)
    if isinstance(error, exceptions.APIException):
        return _framework(error)
    return None


def _invalid(error: exceptions.ValidationError) -> Problem:
    errors = dict(_flat(error.detail))
    return Problem(400, "invalid", _("Some fields are not valid."), errors)


def _flat(detail: Any, path: str = "") -> Any:
    """``lines.0.amount`` → messages, from the framework's nested detail."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        for index, inner in enumerate(detail):
            if inner:
                yield from _flat(inner, f"{path}.{index}" if path else str(index))
    else:
        messages = detail if isinstance(detail, list) else [detail]
        yield path or "non_field_errors", [str(message) for message in messages]


_CODES = {
    exceptions.ParseError: "malformed",
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "not_authenticated",
    exceptions.PermissionDenied: "not_allowed",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "rate_limited",
}


def _framework(error: exceptions.APIException) -> Problem:
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), "error")
    challenge = getattr(error, "auth_header", None)
    headers = {"WWW-Authenticate": challenge} if challenge else {}
    return Problem(error.status_code, code, str(error.detail), headers=headers)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django refused the request before any view saw it."""
    if request.path.startswith(API):
        return Problem(400, "malformed", _("The request could not be read.")).answer(request)
    with _language_of(request):
        return defaults.bad_request(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such address."""
    if request.path.startswith(API):
        return Problem(404, "not_found", str(NotFound.message)).answer(request)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours; the request id finds it in the log."""
    if request.path.startswith(API):
        detail = _("Something went wrong on our side. Nothing was changed.")
        return Problem(500, "server_error", detail).answer(request)
    with _language_of(request):
        return defaults.server_error(request)


def _language_of(request: HttpRequest) -> AbstractContextManager[None]:
    """The language the request was given, else, where it failed before that, the browser's."""
    language = getattr(request, "LANGUAGE_CODE", None)
    return translation.override(language or translation.get_language_from_request(request))
