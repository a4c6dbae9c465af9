"""What every request gets: an id, a language and clock, and refusals in plain words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from crm.errors import DomainError
from crm.ids import uuid7
from crm.people import viewing
from crm.tenancy.middleware import API_PREFIX

Handler = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Keep the caller's ``X-Request-Id`` when it is a UUID, else make one; answer with it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            request.id = UUID(request.headers.get("X-Request-Id", ""))
        except ValueError:
            request.id = uuid7()
        response = self.get_response(request)
        response["X-Request-Id"] = str(request.id)
        return response


class PreferencesMiddleware:
    """The person's language, else the company's, else the browser's; the company's time zone.

    A program speaks for itself: the language its call asks for comes first.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        tenant = request.tenant
        asked = _asked(request) if getattr(request, "api_key", None) else ""
        own = asked or getattr(request.user, "language", "") or (tenant.locale if tenant else "")
        language = own or translation.get_language_from_request(request)
        zone = tenant.zone if tenant else UTC
        with translation.override(language), timezone.override(zone):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def _asked(request: HttpRequest) -> str:
    """The first language of ``Accept-Language`` that there is; "" where none is named."""
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        try:
            return get_supported_language_variant(code) if code != "*" else ""
        except LookupError:
            continue
    return ""


class DomainErrorMiddleware:
    """Show a refusal where messages stand, with its status; the page stays as it was.

    Whoever opens an address that only takes forms, as after signing in anew, is told so. An address that asks for
    the sign NUL is refused: no text can hold it. The API tells by its fields which value that is.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not response.content:
            page = render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        if "%00" in request.META["QUERY_STRING"] and not request.path.startswith(API_PREFIX):
            raise BadRequest("NUL in the query")
        try:
            viewing.check_account(request)
        except DomainError as error:
            return self.process_exception(request, error)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        fragment = bool(getattr(request, "htmx", False))
        template = "_refusal.html" if fragment else "refusal.html"
        response = render(request, template, {"error": error}, status=error.status)
        if fragment:
            response["HX-Retarget"] = "#messages"
            response["HX-Reswap"] = "beforeend"
        return response
