"""Sending what is due for one company: claim in a transaction, talk to the world outside any, settle in the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from crm import channels
from crm.channels import Channel, Refused, Sender, Unreachable
from crm.models import Delivery
from crm.services import deliveries
from crm.services.deliveries import Outcome, describe
from crm.tenancy.context import tenant_context

BATCH = 25


def deliver(*, tenant_id: UUID | str, at: datetime, limit: int | None = None) -> tuple[Counter[str], bool]:
    """Send what is due at ``at``, at most about ``limit``; how many of each kind were done, and whether more waits.

    Called with no transaction open. Safe to run twice, anywhere, at any time.
    """
    done: Counter[str] = Counter()
    tried = 0
    while limit is None or tried < limit:
        with tenant_context(tenant_id, source="worker"):
            inside = deliveries.perform_inside(limit=BATCH * 4, at=at)
            claimed = deliveries.claim(limit=BATCH, at=at)
        if not inside and not claimed:
            return done, False
        done.update(delivery.kind for delivery in inside)
        done.update(_Batch(tenant_id, at).send(claimed))
        tried += len(inside) + len(claimed)
    return done, True


class _Batch:
    """One claim's way out: a single short transaction between two sendings settles one and begins the next."""

    def __init__(self, tenant_id: UUID | str, at: datetime) -> None:
        self.tenant_id = tenant_id
        self.at = at
        self.done: Counter[str] = Counter()
        self._ended: tuple[Delivery, Outcome] | None = None

    def send(self, claimed: list[Delivery]) -> Counter[str]:
        for kind, group in groupby(sorted(claimed, key=attrgetter("kind")), key=attrgetter("kind")):
            self._send_kind(channels.get(kind), list(group))
        with self._transaction():
            pass
        return self.done

    def _send_kind(self, channel: Channel | None, group: list[Delivery]) -> None:
        if channel is None or channel.connect is None:
            for delivery in group:
                self._begin(delivery, None)
                self._ended = delivery, Outcome(f"No channel sends {delivery.kind!r}.", final=True)
            return
        with channel.connect() as send:
            for place, delivery in enumerate(group):
                reached = self._send_one(channel, send, delivery)
                if not reached:
                    with self._transaction():
                        deliveries.postpone(claimed=group[place + 1 :], at=self.at)
                    return

    def _send_one(self, channel: Channel, send: Sender, delivery: Delivery) -> bool:
        """Try one; False when nobody answers there."""
        message = self._begin(delivery, channel)
        if message is None:
            return True
        reached = True
        try:
            send(message)
            outcome = Outcome()
            self.done[delivery.kind] += 1
        except Refused as error:
            outcome = Outcome(describe(error), final=True)
        except Unreachable as error:
            outcome, reached = Outcome(describe(error)), False
        except Exception as error:  # one delivery's trouble is not the others'
            outcome = Outcome(describe(error))
        self._ended = delivery, outcome
        return reached

    def _begin(self, delivery: Delivery, channel: Channel | None) -> Any:
        """What to send, or ``None`` when there is nothing to do for us."""
        with self._transaction():
            if not deliveries.begin(delivery=delivery) or channel is None:
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
            yield
        self._ended = None
