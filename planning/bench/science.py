"""How long plans, classes and churn scores take for a whole company, against one aggregate of its purchases.

Each run is rolled back once it is measured, so that the next one finds the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property, partial
from typing import Any

from django.db import connection
from django.utils import timezone

from maintenance.services.follow_ups import make_follow_ups
from planning.bench.company import Company
from planning.bench.figures import Figure, Measure, seconds
from planning.bench.walls import taken_back
from retention.services.scoring import score
from segmentation.services.classify import classify

LATER = timedelta(days=120)

_AGGREGATE = """
SELECT count(*), sum(orders), sum(spend) FROM (
    SELECT customer_id, count(*) AS orders, sum(amount_home) AS spend, max(purchased_at) AS last
    FROM customers_purchase WHERE tenant_id = %s::uuid GROUP BY customer_id
) bought
"""


class Science:
    def __init__(self, company: Company) -> None:
        self.company = company

    def measures(self) -> dict[str, Measure]:
        return {
            "classify.unchanged": partial(self._figure, "classify.unchanged", classify),
            "classify.moves": partial(
                self._figure, "classify.moves", lambda: classify(at=timezone.now() + LATER)
            ),
            "score_churn": partial(self._figure, "score_churn", self._score),
            "follow_ups.make": partial(
                self._figure, "follow_ups.make", lambda: make_follow_ups(timezone.now())
            ),
        }

    @cached_property
    def floor(self) -> float:
        """Seconds; the quicker of two, since the first may have to read from disk."""
        return min(self._rolled_back(self._aggregate) for _time in range(2))

    def _figure(self, name: str, work: Callable[[], Any]) -> Figure:
        return Figure(name, self._rolled_back(work), "s", self.floor, self.company.customers)

    def _rolled_back(self, work: Callable[[], Any]) -> float:
        with taken_back(self.company):
            return seconds(work)

    def _aggregate(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_AGGREGATE, [str(self.company.tenant.pk)])
            cursor.fetchall()

    def _score(self) -> None:
        tenant = self.company.tenant
        score(as_of=tenant.today() - timedelta(days=1), horizon=tenant.churn_horizon_days)
