"""Writing down what happened, in the transaction of the change; nothing where nobody listens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.utils import timezone
from rest_framework.utils.encoders import JSONEncoder

from crm.audit.services import listen
from crm.models import WebhookEndpoint, WebhookEvent
from crm.services.deliveries import Parcel, enqueue_many
from crm.tenancy.context import current, current_or_none, current_tenant_id
from crm.webhooks import types
from crm.webhooks.types import EventType

KIND = "webhook"
_KNOWN = "webhooks"

_EMIT = """
    WITH happened AS (
        INSERT INTO crm_webhookevent (tenant_id, id, type, subject_id, at, body)
        SELECT %(tenant)s::uuid, uuid7(), %(type)s, s.id, %(at)s, NULL FROM ({subjects}) s (id)
        RETURNING id
    )
    INSERT INTO crm_delivery (tenant_id, id, kind, lane, dedup_key, address, payload, created_at, next_at,
        attempts, last_error)
    SELECT %(tenant)s::uuid, uuid7(), %(kind)s, e.id::text, %(kind)s || ':' || h.id || ':' || e.id, '',
        jsonb_build_object('event', h.id, 'endpoint', e.id), %(at)s, %(at)s, 0, ''
    FROM happened h CROSS JOIN unnest(%(endpoints)s::uuid[]) e (id)
"""


def emit(name: str, subject: models.Model, **facts: Any) -> WebhookEvent | None:
    """Tell of one record as it stands now; ``None`` when nobody wants to know."""
    event_type = types.get(name)
    if event_type is None:
        raise LookupError(f"No such event type: {name}")
    endpoints = wanting(name)
    if not endpoints:
        return None
    body = {"data": represent(event_type, subject)}
    told = {fact: facts[fact] for fact in event_type.facts if fact in facts}
    if told:
        body["facts"] = _plain(told)
    event = WebhookEvent.objects.create(type=name, subject_id=subject.pk, body=body)
    send(event, endpoints)
    return event


def emit_many(name: str, ids: Iterable[UUID]) -> None:
    """Tell of many records, in one statement however many; each is described when it is first sent."""
    if wanting(name) and (chosen := [str(pk) for pk in ids]):
        emit_from(name, "SELECT unnest(%(ids)s::uuid[])", ids=chosen)


def emit_from(name: str, subjects: str, **parameters: Any) -> None:
    """As ``emit_many``, of those whose ids the SQL ``subjects`` gives; ``%(tenant)s`` is known to it."""
    endpoints = wanting(name)
    if not endpoints:
        return
    given: dict[str, Any] = {
        "tenant": str(current_tenant_id()),
        "type": name,
        "kind": KIND,
        "at": timezone.now(),
        "endpoints": [str(pk) for pk in endpoints],
    }
    with connection.cursor() as cursor:
        cursor.execute(_EMIT.format(subjects=subjects), given | parameters)


def send(event: WebhookEvent, endpoints: Iterable[UUID]) -> None:
    """Hand an event to the delivery engine, once for each endpoint."""
    enqueue_many(
        Parcel(
            kind=KIND,
            lane=str(endpoint),
            dedup_key=f"{KIND}:{event.pk}:{endpoint}",
            payload={"event": str(event.pk), "endpoint": str(endpoint)},
        )
        for endpoint in endpoints
    )


def wanting(name: str) -> list[UUID]:
    """The endpoints that want a type. Asked once in a transaction; without any, that is all it costs."""
    memory = current().memory
    if _KNOWN not in memory:
        memory[_KNOWN] = list(WebhookEndpoint.objects.listening().order_by())
    return [endpoint.pk for endpoint in memory[_KNOWN] if endpoint.wants(name)]


def forget_endpoints() -> None:
    """What this transaction knew of the endpoints no longer holds."""
    current().memory.pop(_KNOWN, None)


def represent(event_type: EventType, subject: models.Model) -> dict[str, Any]:
    """The API's representation of a record, as an administrator sees it; of one that is gone, as it was."""
    fresh = type(subject)._base_manager.filter(pk=subject.pk).first() or subject
    with timezone.override(None):
        return _plain(event_type.serializer_class(fresh).data)


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(value, cls=JSONEncoder))
    return plain


@listen
def hear(deed: str, subject: models.Model | None, facts: Mapping[str, Any]) -> None:
    """A deed that has a type is told of."""
    event_type = types.of_deed(deed)
    if event_type is None or subject is None or current_or_none() is None:
        return
    emit(event_type.name, subject, **facts)
