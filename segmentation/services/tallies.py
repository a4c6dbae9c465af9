"""Counting once, when everything has been looked at, so that no page has to."""

from __future__ import annotations

from typing import Any

from django.db import connection

from crm.tenancy.context import current_tenant_id
from segmentation.criteria import Reference

_KEEP = """
    INSERT INTO segmentation_tally (tenant_id, id, "on", kind, key, customers, spend_12m)
    SELECT %(tenant)s::uuid, uuid7(), %(on)s::date, f.kind, f.key, f.customers, f.spend FROM (
        SELECT CASE WHEN grouping(s.class_code) = 0 THEN 'class' WHEN grouping(s.stage) = 0 THEN 'stage' ELSE 'rfm' END
                   AS kind,
               CASE WHEN grouping(s.class_code) = 0 THEN s.class_code WHEN grouping(s.stage) = 0 THEN s.stage
                   ELSE concat(s.rfm_recency, s.fm) END AS key,
               count(*)::int AS customers, sum(s.spend_12m)::bigint AS spend
        FROM (SELECT class_code, stage, rfm_recency, (rfm_frequency + rfm_monetary + 1) / 2 AS fm, spend_12m
              FROM customers_customerstats t
              JOIN customers_customer c ON c.tenant_id = t.tenant_id AND c.id = t.customer_id
              WHERE t.tenant_id = %(tenant)s::uuid AND c.tenant_id = %(tenant)s::uuid
                AND c.deleted_at IS NULL AND c.review = 'accepted') s
        GROUP BY GROUPING SETS ((s.class_code), (s.stage), (s.rfm_recency, s.fm))
    ) f WHERE f.key <> ''
    ON CONFLICT (tenant_id, kind, "on", key) DO UPDATE SET
        customers = excluded.customers, spend_12m = excluded.spend_12m
"""
_FORGET = 'DELETE FROM segmentation_tally WHERE tenant_id = %(tenant)s::uuid AND "on" = %(on)s::date'


def keep(reference: Reference) -> None:
    """Count classes, stages and RFM cells of the company's day; a later count of the day takes its place."""
    params: dict[str, Any] = {"tenant": str(current_tenant_id()), "on": reference.today}
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, params)
        cursor.execute(_KEEP, params)
