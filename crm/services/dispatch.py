"""Sending what is due for one company: claim in a transaction, talk to the world outside any, settle in the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from crm import channels
from crm.channels import Channel, Connect, Refused, Sender, Unreachable
from crm.models import Delivery
from crm.services import deliveries
from crm.services.deliveries import Outcome, describe
from crm.tenancy.context import tenant_context

BATCH = 25
AT_ONCE = 100


def deliver(*, tenant_id: UUID | str, at: datetime, limit: int | None = None) -> tuple[Counter[str], bool]:
    """Send what is due at ``at``, at most about ``limit``; how many of each kind were done, and whether more waits.

    Called with no transaction open. Safe to run twice, anywhere, at any time.
    """
    done: Counter[str] = Counter()
    tried = 0
    while limit is None or tried < limit:
        with tenant_context(tenant_id, source="worker"):
            inside = deliveries.perform_inside(limit=AT_ONCE, at=at)
            lanes = deliveries.lanes_due(at)
        done.update(delivery.kind for delivery in inside)
        claimed = sum(_send_some(tenant_id, at, kind, lane, done) for kind, lane in lanes)
        if not inside and not claimed:
            return done, False
        tried += len(inside) + claimed
    return done, True


def _send_some(tenant_id: UUID | str, at: datetime, kind: str, lane: str, done: Counter[str]) -> int:
    """Claim a few of a lane and send them; how many were claimed."""
    with tenant_context(tenant_id, source="worker"):
        claimed = deliveries.claim(kind=kind, lane=lane, limit=BATCH, at=at)
    if claimed:
        done[kind] += _Batch(tenant_id, at).send(channels.get(kind), claimed)
    return len(claimed)


class _Batch:
    """One claim's way out: a single short transaction between two sendings settles one and begins the next."""

    def __init__(self, tenant_id: UUID | str, at: datetime) -> None:
        self.tenant_id = tenant_id
        self.at = at
        self.done = 0
        self._ended: tuple[Delivery, Outcome] | None = None
        self._note: Callable[[str], None] | None = None

    def send(self, channel: Channel | None, claimed: list[Delivery]) -> int:
        """Try them one after the other; how many were done."""
        if channel is None or channel.connect is None:
            self._give_up(claimed)
        else:
            self._send_through(channel, channel.connect, claimed)
        with self._transaction():
            pass
        return self.done

    def _give_up(self, claimed: list[Delivery]) -> None:
        for delivery in claimed:
            with self._transaction():
                deliveries.begin(delivery=delivery)
            self._ended = delivery, Outcome(f"No channel sends {delivery.kind!r}.", final=True)

    def _send_through(self, channel: Channel, connect: Connect, claimed: list[Delivery]) -> None:
        with connect() as send:
            for place, delivery in enumerate(claimed):
                waiting = claimed[place + 1 :]
                if not self._send_one(channel, send, delivery, waiting):
                    with self._transaction():
                        deliveries.postpone(claimed=waiting, at=self.at)
                    return

    def _send_one(self, channel: Channel, send: Sender, delivery: Delivery, waiting: list[Delivery]) -> bool:
        """Try one; False when nobody answers there."""
        message = self._begin(channel, delivery, waiting)
        if message is None:
            return True
        reached = True
        try:
            send(message)
            outcome = Outcome()
            self.done += 1
        except Refused as error:
            outcome = Outcome(describe(error), final=True)
        except Unreachable as error:
            outcome, reached = Outcome(describe(error)), False
        except Exception as error:  # one delivery's trouble is not the others'
            outcome = Outcome(describe(error))
        self._ended = delivery, outcome
        if channel.note is not None:
            self._note = partial(channel.note, delivery, message)
        return reached

    def _begin(self, channel: Channel, delivery: Delivery, waiting: list[Delivery]) -> Any:
        """What to send, or ``None`` when there is nothing to do for us."""
        with self._transaction():
            if not deliveries.begin(delivery=delivery, waiting=waiting):
                return None
            try:
                return channel.prepare(delivery)
            except Exception as error:
                outcome = Outcome(describe(error), final=isinstance(error, Refused))
                deliveries.settle(delivery=delivery, outcome=outcome, at=self.at)
                return None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with tenant_context(self.tenant_id, source="worker"):
            if self._ended:
                delivery, outcome = self._ended
                deliveries.settle(delivery=delivery, outcome=outcome, at=self.at)
                if self._note is not None:
                    self._note(outcome.error)
            yield
        self._ended = self._note = None
