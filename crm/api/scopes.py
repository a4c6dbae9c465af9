"""What a key may be made for: ``<resource>:<read|write>``, derived from the resources themselves."""

from __future__ import annotations

from crm.api import router


def all_scopes() -> list[str]:
    """Every scope, ordered; ``write`` only where something can be written."""
    return sorted(
        {f"{op.viewset.resource}:{'read' if op.method == 'GET' else 'write'}" for op in router.operations()}
    )
