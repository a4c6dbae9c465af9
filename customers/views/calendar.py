"""A member's calendar of follow-ups: its secret address, and what other programs read there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from crm import answers
from crm.access import needs
from crm.models import Tenant
from crm.public import by_token
from crm.tenancy import tokens
from customers.services import calendar as services


@require_GET
@needs("profile.change")
def calendar(request: HttpRequest) -> HttpResponse:
    """Whether one's follow-ups can be read elsewhere, and since when."""
    return render(request, "customers/calendar.html", {"feed": services.feed_of(request.member)})


@require_POST
@needs("profile.change")
def make(request: HttpRequest) -> HttpResponse:
    page = {"title": _("Address of your calendar"), "secret": services.make_feed(member=request.member)}
    response = render(request, "crm/settings/_secret.html", page)
    response["HX-Trigger-After-Swap"] = "records-changed"
    return response


@require_POST
@needs("profile.change")
def revoke(request: HttpRequest) -> HttpResponse:
    services.revoke_feed(member=request.member)
    return answers.done(_("The address no longer works"))


@by_token(services.PREFIX)
@require_safe
def file(request: HttpRequest, token: tokens.Token, tenant: Tenant) -> HttpResponse:
    """The follow-ups of the member whose address this is; 304 to who has read them as they are."""
    reading = services.read_feed(token=token, tenant=tenant, at=timezone.now())
    response = HttpResponse(reading.content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="follow-ups.ics"'
    response["ETag"], response["Last-Modified"] = reading.etag, http_date(reading.changed_at.timestamp())
    last_modified = int(reading.changed_at.timestamp())
    return get_conditional_response(request, reading.etag, last_modified, response)
