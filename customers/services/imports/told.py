"""Telling programs outside what a file brought, set-based however many rows."""

from __future__ import annotations

from crm.webhooks import events
from customers.models import Import

_NEW = "SELECT new_id FROM import_row WHERE fate IS NULL AND target_id IS NULL"
_PROMISED = """
    SELECT next_id AS new_id FROM import_row WHERE fate IS NULL AND target_id IS NULL AND next_step IS NOT NULL
"""
# ``updated_at`` is this transaction's moment for what it changed, and an earlier one for what it left.
_CHANGED = """
    SELECT c.id FROM import_row r JOIN customers_customer c ON c.tenant_id = %(tenant)s::uuid AND c.id = r.target_id
    WHERE r.fate IS NULL AND c.updated_at = now()
"""

_EVENTS = {
    Import.Kind.CUSTOMERS: {"customer.created": _NEW, "customer.updated": _CHANGED},
    Import.Kind.CONTACTS: {"contact.created": _NEW},
    Import.Kind.INTERACTIONS: {"interaction.logged": _NEW},
    Import.Kind.VISITS: {
        "interaction.logged": _NEW,
        "follow_up.scheduled": _PROMISED,
    },
    Import.Kind.CONTRACTS: {"contract.created": _NEW},
    Import.Kind.PURCHASES: {
        "purchase.recorded": "SELECT purchase_id FROM import_order WHERE fate = 'create'"
    },
}


def of(kind: str) -> None:
    """Emit what an import of ``kind`` made and changed, while its rows are staged."""
    for event_type, subjects in _EVENTS.get(Import.Kind(kind), {}).items():
        events.emit_from(event_type, subjects)
