"""A few orders that came back, all of them or in part."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from crm.demo import Scene
from crm.tenancy.bulk import pour
from customers.demo.arriving import words_of
from customers.demo.people import identity, pick
from customers.models import Purchase

SHARE = 0.02
COLUMNS = (
    "id", "customer_id", "order_no", "purchased_at", "amount", "currency", "amount_home", "return_of_id",
    "return_reason", "created_at",
)  # fmt: skip


def take_back(scene: Scene, purchases: list[tuple[Any, ...]]) -> int:
    """Returns of some of these rows of purchases, some weeks later; gives how many."""
    return pour(Purchase, COLUMNS, _returns(scene, purchases))


def _returns(scene: Scene, purchases: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    rng, reasons = scene.generator("returns"), words_of(scene).returns
    for pk, customer, number, moment, amount, currency, _home, _made in purchases:
        if rng.random() > SHARE:
            continue
        at = moment + timedelta(days=float(rng.uniform(2, 24)))
        back = -amount if rng.random() < 0.6 else -max(1, round(amount / 2))
        reason = pick(rng, reasons)
        if at < scene.at:
            yield identity(rng, at), customer, f"R-{number}", at, back, currency, back, pk, reason, at
