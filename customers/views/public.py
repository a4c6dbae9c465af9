"""The page on which somebody outside tells us who they are; also within other sites."""

from __future__ import annotations

import json
import time
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from crm.api import rates
from crm.errors import DomainError
from crm.models import Tenant
from crm.public import by_token
from crm.tenancy import tokens
from customers.capture import guard
from customers.capture.templates import asked_by
from customers.capture_forms import PublicCaptureForm
from customers.models import CaptureTemplate
from customers.services.capture import templates as services

HOUR = 3_600
MARKS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")


# Within another site's frame there is no cookie to compare a token with; nothing here acts for who is signed in, and
# the form carries a signed ticket of its own.
@csrf_exempt
@by_token(services.PREFIX)
def capture_form(request: HttpRequest, token: tokens.Token, tenant: Tenant) -> HttpResponse:
    """The page of a template; what is sent waits in the inbox."""
    template = services.template_of(token)
    with translation.override(_language(request, template)):
        response = _answer(request, template, tenant)
        response.headers["Content-Language"] = translation.get_language() or ""
        return _framed(response, template)


@by_token(services.PREFIX)
def embed_script(request: HttpRequest, token: tokens.Token, tenant: Tenant) -> HttpResponse:
    """What another site loads to show the form where the script stands."""
    template = services.template_of(token)
    address = json.dumps(settings.PUBLIC_URL + services.path_of(template))
    title = json.dumps(template.title)
    page = {"address": address, "title": title}
    return render(request, "customers/public/embed.js", page, content_type="text/javascript; charset=utf-8")


def _language(request: HttpRequest, template: CaptureTemplate) -> str:
    """The template's, else the one asked for in the address, else the visitor's own."""
    asked = request.GET.get("lang", "")
    known = dict(settings.LANGUAGES)
    return template.language or (asked if asked in known else translation.get_language_from_request(request))


def _answer(request: HttpRequest, template: CaptureTemplate, tenant: Tenant) -> HttpResponse:
    page: dict[str, Any] = {"tenant": tenant, "shown": template, "framed": "embed" in request.GET}
    posted = request.POST if request.method == "POST" else None
    form = PublicCaptureForm(posted, asked=asked_by(template), template=template)
    if form.is_bound and _sent(request, template, form):
        page["title"] = template.thanks or _("Thank you. We will be in touch.")
        return render(request, "customers/public/thanks.html", page)
    ticket = guard.ticket(template.pk, at=time.time())
    page |= {"form": form, "ticket": ticket, "referrer": _referrer(request)}
    return render(request, "customers/public/form.html", page, status=422 if form.is_bound else 200)


def _sent(request: HttpRequest, template: CaptureTemplate, form: PublicCaptureForm) -> bool:
    """Whether it was taken; where it was not, the form says why."""
    if request.POST.get("fax"):  # a program filled the trap: thanked, not kept
        return True
    if not form.is_valid():
        return False
    if not _may_send(request, template):
        form.add_error(None, _("Too much was sent from here. Try again later."))
        return False
    solution = request.POST.get("solution", "") if template.puzzle else None
    try:
        number = guard.check(request.POST.get("ticket", ""), template.pk, at=time.time(), solution=solution)
        services.submit(template=template, given=form.given, context=_context(request, form), once=number)
    except guard.NotTaken:
        form.add_error(None, _("Send it once more, so that we know you are not a program."))
    except DomainError as error:
        form.add_error(None, str(error))
    else:
        return True
    return False


def _may_send(request: HttpRequest, template: CaptureTemplate) -> bool:
    address = get_adapter().get_client_ip(request)
    bucket = f"{template.tenant_id}:form:{address}"
    rate = rates.take_from(bucket, limit=settings.FORMS_PER_HOUR, window=HOUR)
    return rate is None or rate.allowed


def _referrer(request: HttpRequest) -> str:
    return (
        request.POST.get("referrer", "")
        or request.GET.get("referrer", "")
        or request.headers.get("Referer", "")
    )


def _context(request: HttpRequest, form: PublicCaptureForm) -> dict[str, str]:
    """Where the visitor came from, and what was agreed to, word by word."""
    asked = {name: request.GET.get(name, "")[:200] for name in MARKS}
    page = request.GET.get("page", "")[:500]
    return {
        **asked,
        "page": page,
        "referrer": _referrer(request)[:500],
        "language": translation.get_language() or "",
        **form.consent,
    }


def _framed(response: HttpResponse, template: CaptureTemplate) -> HttpResponse:
    """Let other sites show it: those named, or any."""
    response.xframe_options_exempt = True  # type: ignore[attr-defined]
    response._csp_replace = {"frame-ancestors": template.sites or ["*"]}  # type: ignore[attr-defined]
    return response
