"""The ``email`` channel: Django's mail, in the reader's language, always with the same Message-ID.

The payload holds ``subject``, and what the template ``mail/<template>.txt`` and ``.html`` shows:
``title``, ``text``, ``url`` and ``label`` for the usual ``notice``; ``stop_url`` lets a reader outside refuse
more. ``language`` is for addresses outside; a member's own is known.

An app that knows of addresses says by ``ask_first`` what may not be sent, and hears by ``tell_refusals`` of recipients
that a mail server would never take.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from crm.channels import Channel, Refused, Sender, Unreachable, register
from crm.models import Delivery, Tenant
from crm.people.selectors import language_of
from crm.services.deliveries import message_id

Check = Callable[[Delivery], str]
Listener = Callable[[Delivery, int, str], None]
_checks: list[Check] = []
_listeners: list[Listener] = []


def ask_first(check: Check) -> None:
    """``check`` says why a delivery must not be sent, or nothing."""
    _checks.append(check)


def tell_refusals(listener: Listener) -> None:
    """``listener`` hears of a delivery whose recipient was refused for good, with the server's code and words."""
    _listeners.append(listener)


def letter(delivery: Delivery) -> EmailMultiAlternatives:
    """The message as text and as HTML; every link is complete."""
    if why_not := next((why for check in _checks if (why := check(delivery))), ""):
        raise Refused(why_not)
    tenant = Tenant.objects.get(pk=delivery.tenant_id)
    payload = delivery.payload
    language = (
        language_of(delivery.member, tenant) if delivery.member else payload.get("language") or tenant.locale
    )
    template = payload.get("template", "notice")
    context = payload | {
        "company": tenant.name,
        "link": complete(payload.get("url", "")),
        "stop": complete(payload.get("stop_url", "")),
        "language": language,
        "choices": complete(reverse("notification-choices")) if delivery.member else "",
    }
    with translation.override(language), timezone.override(tenant.zone):
        text = render_to_string(f"mail/{template}.txt", context)
        html = render_to_string(f"mail/{template}.html", context)
    if delivery.member and not delivery.member.active:
        raise Refused("The member has left.")
    address = delivery.address or (delivery.member.email if delivery.member else "")
    if not address:
        raise Refused("There is no address to send to.")
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    headers = {
        "Message-ID": message_id(delivery.pk, host),
        "Auto-Submitted": "auto-generated",
        "From": settings.DEFAULT_FROM_EMAIL,
    }
    subject = " ".join(payload.get("subject", payload.get("title", "")).split())
    if context["stop"]:  # one click in the reader's mail program, by RFC 8058
        headers |= {
            "List-Unsubscribe": f"<{context['stop']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    message = EmailMultiAlternatives(
        subject, text, from_email=envelope_sender(tenant), to=[address], headers=headers
    )
    message.attach_alternative(html, "text/html")
    return message


def envelope_sender(tenant: Tenant) -> str:
    """Where mail servers send what they cannot deliver: one address for each company, made of ``BOUNCE_ADDRESS``."""
    name, at, host = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{name}+{tenant.slug}@{host}" if at else settings.DEFAULT_FROM_EMAIL


def complete(url: str) -> str:
    """A path of ours with the address people reach it under."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{url}" if url.startswith("/") else url


@contextmanager
def post_office() -> Iterator[Sender]:
    """One connection for as many messages as follow."""
    connection: Any = get_connection()

    def send(message: EmailMultiAlternatives) -> None:
        message.connection = connection
        try:
            connection.open()
        except OSError as error:
            raise Unreachable(str(error)) from error
        try:
            message.send()
        except smtplib.SMTPRecipientsRefused as error:
            _close(connection)
            if all(code >= 500 for code, _why in error.recipients.values()):
                message.refused = list(error.recipients.values())  # type: ignore[attr-defined]
                raise Refused(str(error)) from error
            raise
        except Exception:
            _close(connection)
            raise

    try:
        yield send
    finally:
        _close(connection)


def _close(connection: Any) -> None:
    """Leave; the other side may already have gone."""
    try:
        connection.close()
    except Exception:
        connection.connection = None


def _tell(delivery: Delivery, message: EmailMultiAlternatives, error: str) -> None:
    """Tell who listens what a server said when it was given the recipient."""
    for code, words in getattr(message, "refused", ()):
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
        for listener in _listeners:
            listener(delivery, code, text)


register(Channel("email", letter, post_office, note=_tell))
