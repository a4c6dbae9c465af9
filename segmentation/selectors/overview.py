"""The classes as cards, RFM as a map: counted live for small companies, by the day's tally for large ones."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import connection

from crm.models import Tenant
from crm.tenancy.context import current_tenant_id
from segmentation import rfm
from segmentation.criteria import Reference, learn_names, told
from segmentation.criteria.builtin import RFM_SEGMENTS
from segmentation.members import reference_at
from segmentation.models import CustomerClass, Tally

LIVE = 20_000
MOST_MOVES = 10_000
SPARK_DAYS = 30


@dataclass(frozen=True)
class Figures:
    """Customers by class or cell, what they spent in 12 months, and the day of the count (``None``: now)."""

    customers: dict[str, int]
    spend: dict[str, int]
    counted_on: date | None = None

    @property
    def total(self) -> int:
        return sum(self.customers.values())


@dataclass(frozen=True)
class Card:
    """One class: its rule in words, how many and how much, and who came and went this month."""

    customer_class: CustomerClass
    words: str
    customers: int
    spend: int
    share: float
    came: int
    went: int
    history: list[int] = field(default_factory=list)


_LIVE = """
    SELECT key, count(*), COALESCE(sum(spend_12m), 0)::bigint FROM (
        SELECT {key} AS key, s.spend_12m
        FROM customers_customerstats s
        JOIN customers_customer c ON c.tenant_id = s.tenant_id AND c.id = s.customer_id
        WHERE s.tenant_id = %s::uuid AND c.tenant_id = %s::uuid AND c.deleted_at IS NULL AND c.review = 'accepted'
        LIMIT %s
    ) few GROUP BY key
"""
_KEYS = {
    Tally.Kind.CLASS: "s.class_code",
    Tally.Kind.RFM: "concat(s.rfm_recency, (s.rfm_frequency + s.rfm_monetary + 1) / 2)",
}


def figures(kind: Tally.Kind) -> Figures:
    """Customers by key, now; where there are more than ``LIVE``, as last counted."""
    tenant_id = str(current_tenant_id())
    with connection.cursor() as cursor:
        cursor.execute(_LIVE.format(key=_KEYS[kind]), [tenant_id, tenant_id, LIVE + 1])
        rows = cursor.fetchall()
    if sum(row[1] for row in rows) <= LIVE:
        return Figures({row[0]: row[1] for row in rows if row[0]}, {row[0]: row[2] for row in rows if row[0]})
    last = Tally.objects.filter(kind=kind).order_by("-on").values_list("on", flat=True).first()
    tallies = list(Tally.objects.filter(kind=kind, on=last)) if last else []
    return Figures({t.key: t.customers for t in tallies}, {t.key: t.spend_12m for t in tallies}, last)


def class_cards(at: datetime | None = None) -> tuple[list[Card], Figures, Reference]:
    """Every class in use, dearest first, in a fixed number of queries."""
    reference = reference_at(at)
    counted = figures(Tally.Kind.CLASS)
    came, went = moves_since(reference.today.replace(day=1))
    history = _history()
    found = sorted(CustomerClass.objects.active(), key=lambda one: (one.rank, one.priority))
    learn_names(one.rule for one in found)
    cards = [
        Card(
            one,
            told(one.rule, reference, empty=""),
            counted.customers.get(one.code, 0),
            counted.spend.get(one.code, 0),
            counted.customers.get(one.code, 0) / counted.total if counted.total else 0.0,
            came.get(str(one.pk), 0),
            went.get(str(one.pk), 0),
            history.get(one.code, []),
        )
        for one in found
    ]
    return cards, counted, reference


_MOVES = """
    SELECT from_class_id::text, to_class_id::text, count(*) FROM (
        SELECT from_class_id, to_class_id FROM segmentation_classchange
        WHERE tenant_id = %s::uuid AND at >= %s AND from_class_id IS NOT NULL LIMIT %s
    ) recent GROUP BY 1, 2
"""


def moves_since(day: date) -> tuple[dict[str, int], dict[str, int]]:
    """How many came into and went out of each class since a day, by class id; bounded."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    since = datetime.combine(day, time.min, tenant.zone)
    came: dict[str, int] = defaultdict(int)
    went: dict[str, int] = defaultdict(int)
    with connection.cursor() as cursor:
        cursor.execute(_MOVES, [str(tenant.pk), since, MOST_MOVES])
        for from_id, to_id, count in cursor.fetchall():
            came[to_id] += count
            went[from_id] += count
    return came, went


def _history() -> dict[str, list[int]]:
    days = Tally.objects.filter(kind=Tally.Kind.CLASS).order_by("-on").values_list("on", flat=True).distinct()
    found: dict[str, list[int]] = defaultdict(list)
    for tally in Tally.objects.filter(kind=Tally.Kind.CLASS, on__in=list(days[:SPARK_DAYS])).order_by("on"):
        found[tally.key].append(tally.customers)
    return found


@dataclass(frozen=True)
class Cell:
    """One square of the RFM map."""

    recency: int
    fm: int
    customers: int
    spend: int
    segment: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.recency}{self.fm}"


def rfm_map() -> tuple[list[list[Cell]], Figures]:
    """Five rows from the most to the least recent, five columns from the lowest frequency and value up."""
    counted = figures(Tally.Kind.RFM)
    rows = [[_cell(recency, fm, counted) for fm in range(1, 6)] for recency in range(5, 0, -1)]
    return rows, counted


def _cell(recency: int, fm: int, counted: Figures) -> Cell:
    key, segment = f"{recency}{fm}", str(rfm.CELLS[recency - 1][fm - 1])
    customers, spend = counted.customers.get(key, 0), counted.spend.get(key, 0)
    return Cell(recency, fm, customers, spend, segment, str(RFM_SEGMENTS[segment]))


def rfm_groups(rows: list[list[Cell]]) -> list[dict[str, Any]]:
    """The named groups with what their cells hold, the dearest first."""
    groups: dict[str, dict[str, Any]] = {}
    for cell in (cell for row in rows for cell in row):
        group = groups.setdefault(
            cell.segment, {"code": cell.segment, "name": cell.name, "customers": 0, "spend": 0}
        )
        group["customers"] += cell.customers
        group["spend"] += cell.spend
    return sorted(groups.values(), key=lambda group: (-group["spend"], -group["customers"]))
