"""The ``webhook`` channel: one lane for each endpoint, the same id for every try of an event."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.channels import Channel, Refused, Sender, Unreachable, Untaken, register
from crm.models import Delivery, WebhookAttempt, WebhookEndpoint, WebhookEvent
from crm.services import webhooks as services
from crm.webhooks import events, outbound, signing, types

MOST_BYTES = 256_000
GONE = 410
# Too much, or somebody on the way says that nobody is there: the others can wait as well.
BUSY = frozenset({429, 502, 503, 504})


@dataclass
class Message:
    """What is sent, and after the try what came of it."""

    endpoint: WebhookEndpoint
    event: WebhookEvent
    body: bytes
    headers: dict[str, str]
    status: int | None = None
    milliseconds: int = 0
    answer: str = field(default="", repr=False)


def compose(delivery: Delivery) -> Message:
    """The message of one try, signed for its moment."""
    endpoints = WebhookEndpoint.objects.select_related("tenant")
    endpoint = endpoints.filter(pk=delivery.payload.get("endpoint")).first()
    event = WebhookEvent.objects.filter(pk=delivery.payload.get("event")).first()
    if endpoint is None or event is None:
        raise Refused(_("The endpoint or the event is no longer there."))
    if not endpoint.active and event.type != services.PING:
        with translation.override(endpoint.tenant.locale):
            raise Refused(_("The endpoint is switched off."))
    body = content(event, endpoint)
    signed = signing.headers(endpoint, message_id=str(event.pk), body=body, at=timezone.now())
    headers = {"Content-Type": "application/json", "User-Agent": "Tenure-Webhooks/1"}
    return Message(endpoint, event, body, headers | signed)


def content(event: WebhookEvent, endpoint: WebhookEndpoint) -> bytes:
    """The same bytes at every try; what would be too large is sent by its id alone."""
    if event.body is None:
        event.body = _described(event)
        WebhookEvent.objects.filter(pk=event.pk).update(body=event.body)
    whole = _encode(event, endpoint, event.body)
    if endpoint.payload == WebhookEndpoint.Payload.FULL and len(whole) <= MOST_BYTES:
        return whole
    return _encode(event, endpoint, {"data": {"id": str(event.subject_id)}})


def _described(event: WebhookEvent) -> dict[str, Any]:
    """A record of a bulk event as it stands now; of one that is gone only the id."""
    event_type = types.get(event.type)
    subject = event_type.model._base_manager.filter(pk=event.subject_id).first() if event_type else None
    if event_type is None or subject is None:
        return {"data": {"id": str(event.subject_id)}}
    return {"data": events.represent(event_type, subject)}


def _encode(event: WebhookEvent, endpoint: WebhookEndpoint, body: dict[str, Any]) -> bytes:
    envelope = {
        "id": str(event.pk),
        "type": event.type,
        "timestamp": event.at.isoformat().replace("+00:00", "Z"),
        "api_version": endpoint.api_version,
    }
    return json.dumps(envelope | body, ensure_ascii=False, separators=(",", ":")).encode()


def send(message: Message) -> None:
    """Send it; what went wrong is told in the company's language, for the log."""
    with translation.override(message.endpoint.tenant.locale):
        answer = _post(message)
        message.status, message.answer = answer.status, answer.text
        _judge(answer)


def _post(message: Message) -> outbound.Answer:
    started = time.monotonic()
    try:
        return outbound.post(
            message.endpoint.url,
            body=message.body,
            headers=message.headers,
            seconds=settings.WEBHOOK_TIMEOUT,
        )
    except outbound.Unanswered as error:
        raise Unreachable(str(error)) from error
    except outbound.Forbidden as error:
        raise Untaken(str(error)) from error
    finally:
        message.milliseconds = round((time.monotonic() - started) * 1_000)


def _judge(answer: outbound.Answer) -> None:
    if 200 <= answer.status < 300:
        return
    if answer.status == GONE:
        raise Refused(_("The receiver is gone (410)."))
    if answer.location:
        told = _("The address answers with a redirect (%(status)s) to %(location)s. Give the final address.")
        raise Untaken(told % {"status": answer.status, "location": answer.location})
    told = _("The receiver answered %(status)s.") % {"status": answer.status}
    raise Unreachable(told) if answer.status in BUSY else Untaken(told)


@contextmanager
def _line() -> Iterator[Sender]:
    yield send


def note(delivery: Delivery, message: Message, error: str) -> None:
    """Log a try, and judge the endpoint by it."""
    WebhookAttempt.objects.create(
        endpoint=message.endpoint,
        event=message.event,
        status=message.status,
        milliseconds=message.milliseconds,
        answer=message.answer,
        error=error[:500],
    )
    if message.event.type == services.PING:
        return
    if not error:
        services.recovered(message.endpoint)
    elif message.status == GONE:
        services.disable(endpoint=message.endpoint, because=WebhookEndpoint.Disabled.GONE)
    else:
        services.failed(message.endpoint)


register(Channel("webhook", compose, _line, note, tries=settings.WEBHOOK_TRIES))
