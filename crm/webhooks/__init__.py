"""Webhooks: programs outside are told what happened, signed, at least once, in the record's own words.

A change writes a ``WebhookEvent`` and its deliveries in its own transaction, if an endpoint wants the type.
Each app names its types in its ``webhooks.py``.
"""

from crm.webhooks.types import EventType, register

__all__ = ["EventType", "register"]
