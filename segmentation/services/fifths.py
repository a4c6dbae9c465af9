"""RFM scores for a whole company: fifths found by NumPy, applied by SQL.

A score depends only on the customer's own figure (equal figures share one), so a ladder of at most
five steps says it all: no score has to travel row by row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from crm.tenancy.context import current_tenant_id
from segmentation import rfm
from segmentation.criteria import Reference, Sql

CELLS = [str(name) for row in rfm.CELLS for name in row]

_BUYERS = """
    SELECT %s::date - s.last_purchase_on, s.orders, s.spend
    FROM customers_customerstats s
    JOIN customers_customer c ON c.tenant_id = s.tenant_id AND c.id = s.customer_id
    WHERE s.tenant_id = %s::uuid AND c.tenant_id = %s::uuid AND s.last_purchase_on IS NOT NULL
      AND c.deleted_at IS NULL AND c.review = 'accepted'
"""


@dataclass(frozen=True)
class Ladder:
    """From each bound on, the score beside it holds; bounds ascend and the first is the least figure."""

    bounds: list[int]
    scores: list[int]

    def score(self, figure: Sql) -> Sql:
        """The figure's score as SQL."""
        step = "GREATEST(1, width_bucket((" + figure + Sql(")::bigint, %s::bigint[]))", (self.bounds,))
        return Sql("(%s::smallint[])[", (self.scores,)) + step + "]"


@dataclass(frozen=True)
class Ladders:
    """The company's fifths on one day."""

    recency: Ladder
    frequency: Ladder
    monetary: Ladder


def ladders(reference: Reference) -> Ladders | None:
    """Today's fifths over everyone who ever bought; ``None`` where nobody has."""
    tenant_id = str(current_tenant_id())
    with connection.cursor() as cursor:
        cursor.execute(_BUYERS, [reference.today, tenant_id, tenant_id])
        rows = np.array(cursor.fetchall(), dtype=np.int64)
    if not len(rows):
        return None
    scores = rfm.rfm(rows[:, 0], rows[:, 1], rows[:, 2])
    return Ladders(
        _ladder(-rows[:, 0], scores.recency),
        _ladder(rows[:, 1], scores.frequency),
        _ladder(rows[:, 2], scores.monetary),
    )


def _ladder(figures: NDArray[np.int64], scores: NDArray[np.int64]) -> Ladder:
    present = [int(score) for score in np.unique(scores)]
    return Ladder([int(figures[scores == score].min()) for score in present], present)


def columns(found: Ladders, reference: Reference) -> dict[str, Sql]:
    """The four RFM columns over ``customers_customerstats t``; nothing for who never bought."""
    recency = found.recency.score(Sql("t.last_purchase_on - %s::date", (reference.today,)))
    frequency = found.frequency.score(Sql("t.orders"))
    monetary = found.monetary.score(Sql("t.spend"))
    cell = "((" + recency + ") - 1) * 5 + ((" + frequency + ") + (" + monetary + ") + 1) / 2"
    segment = Sql("(%s::text[])[", (CELLS,)) + cell + "]"
    return {
        "rfm_recency": _bought(recency, "NULL"),
        "rfm_frequency": _bought(frequency, "NULL"),
        "rfm_monetary": _bought(monetary, "NULL"),
        "rfm_segment": _bought(segment, "''"),
    }


def _bought(figure: Sql, otherwise: str) -> Sql:
    return "CASE WHEN t.last_purchase_on IS NULL THEN " + Sql(otherwise) + " ELSE " + figure + " END"
