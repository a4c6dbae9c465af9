"""Addresses to which WeChat and mail servers deliver."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from crm.errors import NotFound
from crm.models import Tenant
from crm.public import by_token
from crm.tenancy import tokens
from customers.errors import NotSigned
from customers.inbound import mail as mails
from customers.inbound import wechat as messages
from customers.models import Inlet
from customers.services.capture import inlets


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
    """A mail server hands over one raw message (RFC 5322) as the body."""
    inlet = inlets.inlet_of(token, Inlet.Kind.MAIL)
    if request.method == "GET":
        return _plain(inlet.name)
    try:
        message = mails.read(request.body)
    except mails.NotMail as error:
        raise NotFound from error
    inlets.take_mail(inlet=inlet, mail=message)
    return _plain("ok")
