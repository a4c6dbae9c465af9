"""What was said to customers, and what was promised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np

from crm.demo import Scene
from crm.tenancy.bulk import pour
from customers.demo.people import Client, identity, pick
from customers.demo.words import Words
from customers.models import FollowUp, Interaction

KINDS = ("call", "call", "call", "email", "email", "message", "visit", "note")
CHANNELS = {"call": "phone", "email": "email", "message": "message", "visit": "visit", "note": "other"}
OPEN_SHARE = 0.22


def pour_talks(scene: Scene, words: Words) -> dict[str, int]:
    """Interactions through each customer's time with us; follow-ups kept, skipped and still open."""
    rng = scene.generator("talks")
    talks = list(_talks(rng, scene, words))
    columns = (
        "id", "customer_id", "contact_id", "author_id", "kind", "channel", "direction", "happened_at", "text",
        "created_at",
    )  # fmt: skip
    promises = [*_kept(rng, scene, talks, words), *_open(rng, scene, words)]
    made = pour(Interaction, columns, talks)
    follow_up_columns = (
        "id", "customer_id", "owner_id", "subject", "reason", "channel", "due_at", "first_due_at", "closed_at",
        "closed_by_id", "outcome", "result", "interaction_id", "created_at", "created_by_id",
    )  # fmt: skip
    return {"interactions": made, "follow_ups": pour(FollowUp, follow_up_columns, promises)}


def _talks(rng: np.random.Generator, scene: Scene, words: Words) -> Iterator[tuple[Any, ...]]:
    for client in scene.customers:
        end = min(client.gone_at + timedelta(days=60), scene.at) if client.gone_at else scene.at
        span = max((end - client.created_at).total_seconds() / 86_400, 1.0)
        for _nth in range(int(rng.poisson(0.8 + 4 * span / 730))):
            moment = client.created_at + timedelta(days=float(rng.random() * span))
            at = min(_by_day(scene, moment, rng), scene.at)
            kind = pick(rng, KINDS)
            text = pick(rng, words.talks[kind]).format(name=client.contact)
            direction = "none" if kind == "note" else "in" if rng.random() < 0.3 else "out"
            yield (
                identity(rng, at), client.id, client.contact_id, client.owner.pk, kind, CHANNELS[kind], direction, at,
                text, at,
            )  # fmt: skip


def _kept(
    rng: np.random.Generator, scene: Scene, talks: list[tuple[Any, ...]], words: Words
) -> Iterator[tuple[Any, ...]]:
    """Some calls and visits had been promised; a few promises were let go."""
    for pk, customer, _contact, owner, kind, channel, direction, at, _text, _made in talks:
        if kind not in ("call", "visit") or direction != "out" or rng.random() > 0.35:
            continue
        subject, reason = pick(rng, words.follow_ups)
        due_at = at + timedelta(hours=float(rng.normal(6, 20)))
        skipped = rng.random() < 0.06
        yield (
            identity(rng, at), customer, owner, subject, reason, channel, due_at, due_at, at, owner,
            "skipped" if skipped else "done", "", None if skipped else pk, at - timedelta(days=7), owner,
        )  # fmt: skip


def _open(rng: np.random.Generator, scene: Scene, words: Words) -> Iterator[tuple[Any, ...]]:
    """Promises from a few days overdue to two weeks ahead, for customers who are still with us."""
    for client in scene.customers:
        if client.waiting or client.gone_at or rng.random() > OPEN_SHARE:
            continue
        days = int(rng.choice([-4, -2, -1, 0, 0, 0, 1, 2, 3, 5, 8, 13]))
        due_at = _by_day(scene, scene.at + timedelta(days=days), rng)
        subject, reason = pick(rng, words.follow_ups)
        owner, made_at = client.owner.pk, _made_at(client, due_at)
        yield (
            identity(rng, made_at), client.id, owner, subject, reason, pick(rng, ("phone", "phone", "visit", "email")),
            due_at, due_at, None, None, None, None, None, made_at, owner,
        )  # fmt: skip


def _made_at(client: Client, due_at: datetime) -> datetime:
    return max(client.created_at, due_at - timedelta(days=21))


def _by_day(scene: Scene, moment: datetime, rng: np.random.Generator) -> datetime:
    """The same day of the company, in its office hours."""
    day = moment.astimezone(scene.tenant.zone).date()
    return datetime.combine(day, time(9 + int(rng.integers(8)), 5 * int(rng.integers(12))), scene.tenant.zone)
