"""The log of an endpoint: what was sent or waits, each with its event and tries."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from django.db.models import Q

from crm.models import Delivery, WebhookAttempt, WebhookEndpoint, WebhookEvent

State = Literal["done", "open", "dead"]


@dataclass
class Entry:
    """One event on its way to one endpoint; ``attempts`` are its tries, newest first."""

    delivery: Delivery
    event: WebhookEvent | None
    attempts: list[WebhookAttempt] = field(default_factory=list)

    @property
    def state(self) -> State:
        if self.delivery.done_at:
            return "done"
        return "dead" if self.delivery.dead_at else "open"

    @property
    def body(self) -> str:
        """What was sent, to read."""
        if self.event is None or self.event.body is None:
            return ""
        return json.dumps(self.event.body, ensure_ascii=False, indent=2)

    @property
    def last(self) -> WebhookAttempt | None:
        return self.attempts[0] if self.attempts else None


def entries(endpoint: WebhookEndpoint, deliveries: Iterable[Delivery]) -> list[Entry]:
    """These deliveries with their events and tries, in two more queries."""
    deliveries = list(deliveries)
    events = WebhookEvent.objects.in_bulk([pk for d in deliveries if (pk := _event_of(d))])
    found = {pk: Entry(d, events.get(_event_of(d))) for d in deliveries if (pk := d.pk)}
    by_event = {entry.event.pk: entry for entry in found.values() if entry.event}
    for attempt in WebhookAttempt.objects.filter(endpoint=endpoint, event__in=list(by_event)):
        by_event[attempt.event_id].attempts.append(attempt)
    return list(found.values())


def last_attempts(endpoints: Iterable[WebhookEndpoint]) -> dict[UUID, WebhookAttempt]:
    """The newest try of each endpoint."""
    newest = WebhookAttempt.objects.filter(endpoint__in=[e.pk for e in endpoints])
    newest = newest.order_by("endpoint_id", "-at").distinct("endpoint_id")
    return {attempt.endpoint_id: attempt for attempt in newest}


def older(deliveries: Any, than: UUID | None) -> Any:
    """Those before one of them, newest first; all where there is no such one. What happened to many at once was handed
    over at one moment, so that the moment alone would pass over some."""
    last = deliveries.filter(pk=than).values_list("created_at", "pk").first() if than else None
    if last is None:
        return deliveries
    at, pk = last
    return deliveries.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))


def _event_of(delivery: Delivery) -> UUID | None:
    try:
        return UUID(str(delivery.payload["event"]))
    except (KeyError, TypeError, ValueError):
        return None
