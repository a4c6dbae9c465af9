"""Mail of a demo company that came back: a few addresses that nobody has mended yet, and some that somebody has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from crm.demo import Scene
from crm.tenancy.bulk import pour
from customers.demo.people import Client, identity
from customers.models import CustomerStats, MailBounce
from customers.normalize import email_norm

ONE_IN, AT_LEAST, AT_MOST = 80, 2, 60
DEAR = 20  # one of the first so many by what they spent is among them
MENDED = 0.25
DAYS = 75
# How often each is heard, the status and what the other server says.
WORDS = (
    (0.6, "5.1.1", "550 5.1.1 <{address}>: Recipient address rejected: User unknown"),
    (0.15, "5.2.1", "550 5.2.1 <{address}>: The account that you tried to reach is disabled"),
    (0.15, "5.1.2", "550 5.1.2 <{address}>: Host or domain name not found"),
    (0.1, "5.1.10", "556 5.1.10 <{address}>: Recipient domain has a null MX"),
)
COLUMNS = (
    "id", "email_norm", "kind", "status", "diagnostic", "at", "external_id", "marks", "cleared_at", "cleared_by_id",
)  # fmt: skip


def bounce(scene: Scene) -> int:
    """How many addresses mail came back from. The figures of the customers stand already."""
    return pour(MailBounce, COLUMNS, list(_bounces(scene)))


def _bounces(scene: Scene) -> Iterator[tuple[Any, ...]]:
    rng = scene.generator("bounces")
    for number, client in enumerate(_chosen(scene, rng)):
        address = email_norm(client.email)
        _share, status, words = WORDS[int(rng.choice(len(WORDS), p=[share for share, *_rest in WORDS]))]
        since = max(client.created_at, scene.at - timedelta(days=DAYS))
        at = since + (scene.at - since) * float(rng.uniform(0.1, 0.95))
        mended = bool(rng.random() < MENDED) and number > 0
        cleared_at = at + (scene.at - at) * float(rng.uniform(0.2, 0.8)) if mended else None
        said = (address, "hard", status, words.format(address=address), at, f"demo:{address}", True)
        yield identity(rng, at), *said, cleared_at, client.owner.pk if mended else None


def _chosen(scene: Scene, rng: Any) -> list[Client]:
    """Some by chance, and one of the dearest, each once."""
    reached = [client for client in scene.customers if client.email and not client.waiting]
    if not reached:
        return []
    count = min(max(AT_LEAST, len(reached) // ONE_IN), AT_MOST, len(reached))
    places = rng.choice(len(reached), size=count, replace=False)
    dearest = CustomerStats.objects.order_by("-spend", "customer_id").values_list("customer_id", flat=True)[
        :DEAR
    ]
    by_id = {client.id: client for client in reached}
    dear = [by_id[pk] for pk in dearest if pk in by_id]
    some = [reached[int(place)] for place in places]
    first = [dear[int(rng.integers(len(dear)))]] if dear else []
    found = {client.email: client for client in [*first, *some]}
    return list(found.values())[:count]
