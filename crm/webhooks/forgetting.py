"""Forgetting what was told long ago."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from crm.tenancy.context import current_tenant_id
from crm.webhooks.events import KIND
from crm.work import Outcome, Work, register

KEPT = timedelta(days=30)

_FORGET = """
    DELETE FROM crm_delivery WHERE tenant_id = %(tenant)s::uuid AND kind = %(kind)s AND created_at < %(before)s;
    DELETE FROM crm_webhookevent WHERE tenant_id = %(tenant)s::uuid AND at < %(before)s;
"""


def forget(at: datetime) -> Outcome:
    """Remove events, their tries (by the database's own cascade) and deliveries after thirty days."""
    given: dict[str, Any] = {"tenant": str(current_tenant_id()), "kind": KIND, "before": at - KEPT}
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, given)
        return Outcome(max(0, cursor.rowcount))


register(Work("webhook_events", 96, forget, nightly=True))
