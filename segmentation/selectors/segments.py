"""Segments with their live counts, and which of them one customer is in."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from crm.models import Member
from crm.tenancy.context import current_tenant_id
from customers.models import Customer
from segmentation.criteria import Reference, Rule, Sql, holds, learn_names, told
from segmentation.members import customers_matching, reference_at
from segmentation.models import Segment

COUNTED = 10_000


@dataclass(frozen=True)
class Counted:
    """A segment, its rule in words, and how many of its customers the member may see, counted to a bound.

    ``None`` where the rule asks about what is hidden from the member.
    """

    segment: Segment
    words: str
    customers: int | None


def counted_segments(member: Member) -> list[Counted]:
    """Every segment with its live count: one query for all counts, each stopping at ``COUNTED``."""
    reference, segments = reference_at(), list(Segment.objects.all())
    if not segments:
        return []
    select = "SELECT " + Sql.join(", ", [_counting(one.rule, reference, member) for one in segments])
    with connection.cursor() as cursor:
        cursor.execute(select.text, select.params)
        counts = cursor.fetchone()
    learn_names(segment.rule for segment in segments)
    words = [told(segment.rule, reference) for segment in segments]
    return [Counted(*each) for each in zip(segments, words, counts, strict=True)]


def _counting(rule: Rule, reference: Reference, member: Member) -> Sql:
    if rule.hidden:
        return Sql("NULL::bigint")
    rows = customers_matching(rule, reference=reference).visible_to(member).order_by()
    sql, params = rows.values("pk")[: COUNTED + 1].query.sql_with_params()
    counting = "(SELECT count(*) FROM ("
    return counting + Sql(sql, tuple(params)) + ") counted)"


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
    """The segments one customer is in now. Three queries, however many segments there are.

    Those whose rule asks about what is hidden from whoever reads are left out.
    """
    ruled = [(one, one.rule) for one in Segment.objects.all() if one.criteria]
    segments = [(one, rule) for one, rule in ruled if not rule.hidden]
    if not segments:
        return []
    reference = reference_at()
    conditions = ["COALESCE(" + holds(rule, reference) + ", FALSE)" for _one, rule in segments]
    select = "SELECT " + Sql.join(", ", conditions) + Sql(_IN, (str(current_tenant_id()), str(customer.pk)))
    with connection.cursor() as cursor:
        cursor.execute(select.text, select.params)
        row = cursor.fetchone() or [False] * len(segments)
    return [one for (one, _rule), held in zip(segments, row, strict=True) if held]
