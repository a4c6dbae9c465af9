"""Segments with their live counts, and which of them one customer is in."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from crm.models import Member
from crm.tenancy.context import current_tenant_id
from customers.models import Customer
from segmentation.criteria import Rule, Sql, holds, told
from segmentation.members import customers_matching, reference_at
from segmentation.models import Segment

COUNTED = 10_000


@dataclass(frozen=True)
class Counted:
    """A segment, its rule in words, and how many of its customers the member may see, counted to a bound."""

    segment: Segment
    words: str
    customers: int


def counted_segments(member: Member) -> list[Counted]:
    """Every segment with its live count: one query for all counts, each stopping at ``COUNTED``."""
    reference, segments = reference_at(), list(Segment.objects.all())
    if not segments:
        return []
    parts = []
    for segment in segments:
        rows = customers_matching(segment.rule, reference=reference).visible_to(member).order_by()
        sql, params = rows.values("pk")[: COUNTED + 1].query.sql_with_params()
        counting = "(SELECT count(*) FROM ("
        parts.append(counting + Sql(sql, tuple(params)) + ") counted)")
    select = "SELECT " + Sql.join(", ", parts)
    with connection.cursor() as cursor:
        cursor.execute(select.text, select.params)
        counts = cursor.fetchone()
    words = [told(segment.rule, reference) for segment in segments]
    return [Counted(*each) for each in zip(segments, words, counts, strict=True)]


def sample_of(rule: Rule, member: Member, *, most: int = 8) -> tuple[int, list[Customer]]:
    """How many of the rule's customers a member may see, bounded, and the first few by name."""
    rows = customers_matching(rule).visible_to(member)
    return rows.at_most(COUNTED + 1), list(rows.order_by("name_norm", "id")[:most])


_IN = """
    FROM customers_customer c
    JOIN customers_customerstats s ON s.tenant_id = c.tenant_id AND s.customer_id = c.id
    WHERE c.tenant_id = %s::uuid AND c.id = %s::uuid
"""


def segments_of(customer: Customer) -> list[Segment]:
    """The segments one customer is in now. Three queries, however many segments there are."""
    reference, segments = reference_at(), [one for one in Segment.objects.all() if one.criteria]
    if not segments:
        return []
    conditions = ["COALESCE(" + holds(one.rule, reference) + ", FALSE)" for one in segments]
    select = "SELECT " + Sql.join(", ", conditions) + Sql(_IN, (str(current_tenant_id()), str(customer.pk)))
    with connection.cursor() as cursor:
        cursor.execute(select.text, select.params)
        row = cursor.fetchone() or [False] * len(segments)
    return [one for one, held in zip(segments, row, strict=True) if held]
