"""Addresses to which WeChat and mail servers deliver."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from crm.errors import DomainError, NotFound
from crm.models import Tenant
from crm.public import by_token
from crm.tenancy import tokens
from customers.errors import NotSigned
from customers.inbound import bounces as reports
from customers.inbound import mail as mails
from customers.inbound import wechat as messages
from customers.models import Inlet
from customers.services import bounces
from customers.services.capture import inlets
from customers.services.capture import templates as forms

MOST_MAIL = 40_000_000


def _plain(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@csrf_exempt
@by_token()
def wechat(request: HttpRequest, token: tokens.Token, tenant: Tenant) -> HttpResponse:
    """WeChat asks whether the address is ours (GET), and delivers messages and events (POST)."""
    inlet = inlets.inlet_of(token, Inlet.Kind.WECHAT)
    secret, asked = inlets.wechat_token(inlet), request.GET
    stamp = (asked.get("timestamp", ""), asked.get("nonce", ""))
    try:
        messages.check(asked.get("signature", ""), secret, *stamp)
        if request.method == "GET":
            return _plain(asked.get("echostr", "")[:200])
        message = messages.read(request.body)
        if sealed := message.get("Encrypt"):
            messages.check(asked.get("msg_signature", ""), secret, *stamp, sealed)
            inner = messages.decrypt(sealed, key=inlets.wechat_key(inlet), app_id=inlet.app_id)
            message = messages.read(inner)
    except messages.NotWeChat as error:
        raise NotSigned from error
    inlets.take_wechat(inlet=inlet, message=message)
    return _plain("success")


@csrf_exempt
@by_token()
def mail(request: HttpRequest, token: tokens.Token, tenant: Tenant) -> HttpResponse:
    """A mail server hands over one raw message (RFC 5322) as the body; one that says what bounced marks the address."""
    inlet = inlets.inlet_of(token, Inlet.Kind.MAIL)
    if request.method == "GET":
        return _plain(inlet.name)
    raw = request.read(MOST_MAIL + 1)  # more than any other call may bring: attachments come with it
    if len(raw) > MOST_MAIL:
        raise RequestDataTooBig("The message is too large.")
    if (report := reports.read(raw)) is not None:
        bounces.take_report(report)
        return _plain("ok")
    try:
        message = mails.read(raw)
    except mails.NotMail as error:
        raise NotFound from error
    inlets.take_mail(inlet=inlet, mail=message)
    return _plain("ok")


@csrf_exempt
@by_token()
def form(request: HttpRequest, token: tokens.Token, tenant: Tenant) -> HttpResponse:
    """A program hands over what was filled in elsewhere, as JSON or as a form; names it does not ask for are left out.

    ``external_id`` in it says what was sent before.
    """
    template = forms.hooked(token)
    if request.method == "GET":
        return _plain(template.name)
    given = _body(request)
    names = {one["name"] for one in template.fields}
    context = {name: str(value)[:200] for name, value in given.items() if name.startswith("utm_")}
    try:
        capture = forms.submit(
            template=template,
            given={name: value for name, value in given.items() if name in names},
            context=context,
            once=str(given.get("external_id", ""))[:200],
        )
    except DomainError as error:
        return JsonResponse({"code": error.code, "detail": str(error), "errors": error.errors}, status=422)
    return JsonResponse({"id": str(capture.pk)}, status=201)


def _body(request: HttpRequest) -> dict[str, Any]:
    if request.content_type != "application/json":
        return dict(request.POST.items())
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
