"""What a demo company's customers agreed to, and what some of them took back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from crm.demo import Scene
from crm.tenancy.bulk import pour
from customers.demo.arriving import words_of
from customers.demo.people import Client, identity
from customers.models import Consent

TAKEN_BACK = 0.12
EVERYWHERE = (
    ("email", "marketing", "form", 0.35),
    ("email", "surveys", "member", 0.3),
    ("phone", "care", "member", 0.2),
)
CHINESE_TOO = (("wechat", "marketing", "form", 0.4),)
COLUMNS = (
    "id", "customer_id", "contact_id", "channel", "purpose", "given", "at", "source", "proof", "author_id",
    "created_at",
)  # fmt: skip


def agree(scene: Scene) -> list[Client]:
    """Words of many customers; gives those who may be written to about offers."""
    rows = list(_words(scene))
    pour(Consent, COLUMNS, rows)
    standing = {row[1]: row[5] for row in rows if row[4] == "marketing"}
    return [client for client in scene.customers if standing.get(client.id)]


def _words(scene: Scene) -> Iterator[tuple[Any, ...]]:
    rng, proofs = scene.generator("consents"), words_of(scene).proofs
    asked = EVERYWHERE + (CHINESE_TOO if scene.chinese else ())
    for client in scene.customers:
        for channel, purpose, source, share in asked:
            if client.waiting or rng.random() > share:
                continue
            span = (scene.at - client.created_at).total_seconds()
            at = client.created_at + timedelta(seconds=float(rng.uniform(0.05, 0.6)) * span)
            author = client.owner.pk if source == "member" else None
            who = (client.id, client.contact_id, channel, purpose)
            yield identity(rng, at), *who, True, at, source, proofs[source], author, at
            if purpose == "marketing" and rng.random() < TAKEN_BACK:
                later = at + (scene.at - at) * float(rng.uniform(0.2, 0.9))
                yield identity(rng, later), *who, False, later, "person", proofs["person"], None, later
