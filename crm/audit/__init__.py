"""The history of every record. ``record`` names a deed; triggers write down what changed."""

from crm.audit.services import record

__all__ = ["record"]
