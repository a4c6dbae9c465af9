"""What every request gets: an id, a language and clock, and refusals in plain words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from crm.errors import DomainError
from crm.ids import uuid7

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
    """The person's language, else the company's, else the browser's; the company's time zone."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        tenant = request.tenant
        own = getattr(request.user, "language", "") or (tenant.locale if tenant else "")
        language = own or translation.get_language_from_request(request)
        zone = tenant.zone if tenant else UTC
        with translation.override(language), timezone.override(zone):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class DomainErrorMiddleware:
    """Show a refusal where messages stand, with its status; the page stays as it was.

    Whoever opens an address that only takes forms, as after signing in anew, is told so.
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
