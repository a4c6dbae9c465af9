"""A record as the history writes it."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection, models

from crm.personal import is_masked, mask_json
from crm.tenancy.context import current_tenant_id


def image_of(record: models.Model) -> dict[str, Any]:
    """Every column but the hidden ones, custom fields as ``custom.<key>``; what is empty is left out."""
    hidden = [*getattr(record, "audit_hidden", ()), "id", "tenant_id"]
    table = connection.ops.quote_name(record._meta.db_table)
    image = "SELECT jsonb_strip_nulls(audit_flat(to_jsonb(t)) - %s::text[])::text"
    sql = f"{image} FROM {table} t WHERE t.tenant_id = %s::uuid AND t.id = %s::uuid"
    with connection.cursor() as cursor:
        cursor.execute(sql, [hidden, str(current_tenant_id()), str(record.pk)])
        row = cursor.fetchone()
    found = dict(json.loads(row[0])) if row else {}
    return mask_json(found) if is_masked() else found
