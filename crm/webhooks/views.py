"""Settings: webhooks, their secrets and their log."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm import answers
from crm.access import needs
from crm.errors import DomainError, NotFound
from crm.models import WebhookEndpoint
from crm.services import webhooks as services
from crm.webhooks import selectors, signing
from crm.webhooks.forms import WebhookForm

SETTINGS = "settings.manage"
SHOWN = 50
form_view = require_http_methods(["GET", "POST"])


@require_GET
@needs(SETTINGS)
def webhooks(request: HttpRequest) -> HttpResponse:
    endpoints = list(WebhookEndpoint.objects.all())
    last = selectors.last_attempts(endpoints)
    page = {"rows": [(endpoint, last.get(endpoint.pk)) for endpoint in endpoints]}
    return render(request, "crm/webhooks/list.html", page)


@require_GET
@needs(SETTINGS)
def webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One endpoint with its log, newest first."""
    endpoint = _endpoint(pk)
    last = _id(request.GET.get("after", ""))
    found = list(selectors.older(services.deliveries_of(endpoint), last)[: SHOWN + 1])
    entries = selectors.entries(endpoint, found[:SHOWN])
    page = {
        "endpoint": endpoint,
        "menu": _menu(endpoint),
        "crumbs": [{"label": _("Webhooks"), "url": reverse("webhooks")}],
        "entries": entries,
        "older": found[SHOWN - 1].pk if len(found) > SHOWN else "",
        "waiting": any(entry.state == "open" and not entry.attempts for entry in entries),
    }
    return render(request, "crm/webhooks/webhook.html", page)


@form_view
@needs(SETTINGS)
def new_webhook(request: HttpRequest) -> HttpResponse:
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            endpoint = services.create_webhook(actor=request.member, **form.cleaned_data)
        except DomainError as error:
            answers.refuse(form, error)
        else:
            return _secret(request, endpoint, _("New webhook"))
    return answers.sheet(request, form, _("New webhook"), submit=_("Make the webhook"))


@form_view
@needs(SETTINGS)
def edit_webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    form = WebhookForm(request.POST or None, instance=_endpoint(pk))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_webhook(endpoint=_endpoint(pk), actor=request.member, **form.cleaned_data)
        except DomainError as error:
            answers.refuse(form, error)
        else:
            return answers.done(_("Saved"))
    return answers.sheet(request, form, _("Webhook"))


@form_view
@needs(SETTINGS)
def rotate(request: HttpRequest, pk: UUID) -> HttpResponse:
    endpoint = _endpoint(pk)
    if request.method == "POST":
        services.rotate_secret(endpoint=endpoint, actor=request.member)
        return _secret(request, endpoint, _("New secret"))
    lead = _("For a day both secrets sign, so that your program can change over without losing anything.")
    return answers.sheet(request, Form(), _("New secret"), lead=lead, submit=_("Make a new secret"))


@require_POST
@needs(SETTINGS)
def test(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.ping(endpoint=_endpoint(pk), actor=request.member)
    return answers.done(_("A test is on its way; the log shows how it went"))


@require_POST
@needs(SETTINGS)
def replay(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send one event again, or all of the last day."""
    chosen = request.POST.get("event", "")
    if chosen:
        event = _id(chosen)
        if event is None:
            raise NotFound
        count = services.replay(endpoint=_endpoint(pk), actor=request.member, events_chosen=[event])
    else:
        since = timezone.now() - timedelta(days=1)
        count = services.replay(endpoint=_endpoint(pk), actor=request.member, since=since)
    text = ngettext("%(count)s event is sent again", "%(count)s events are sent again", count)
    return answers.done(text % {"count": count})


@require_POST
@needs(SETTINGS)
def delete_webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.delete_webhook(endpoint=_endpoint(pk), actor=request.member)
    return answers.go(reverse("webhooks"))


def _menu(endpoint: WebhookEndpoint) -> list[dict[str, object]]:
    """What else can be done with an endpoint."""
    warning = _("Your program hears nothing any more. Its log goes too.")
    here = {"kwargs": {"pk": endpoint.pk}}
    return [
        {
            "label": _("Send a test"),
            "url": reverse("test-webhook", **here),
            "icon": "send",
            "post": True,
        },
        {
            "label": _("Send the last day again"),
            "url": reverse("replay-webhook", **here),
            "icon": "repeat",
            "post": True,
        },
        {
            "label": _("New secret"),
            "url": reverse("rotate-webhook", **here),
            "icon": "key",
            "sheet": True,
        },
        {
            "label": _("Delete"),
            "url": reverse("delete-webhook", **here),
            "icon": "trash",
            "post": True,
            "danger": True,
            "confirm": warning,
            "confirm_title": str(endpoint),
            "confirm_action": _("Delete"),
        },
    ]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _endpoint(pk: UUID) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.filter(pk=pk).first()
    if endpoint is None:
        raise NotFound
    return endpoint


def _secret(request: HttpRequest, endpoint: WebhookEndpoint, title: str) -> HttpResponse:
    page = {"title": title, "secret": signing.secret_of(endpoint)}
    response = render(request, "crm/settings/_secret.html", page)
    response["HX-Trigger-After-Swap"] = "records-changed"
    return response
