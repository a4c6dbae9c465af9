"""Taking an import back from what the history wrote down of it."""

from customers.services.imports.undoing.running import AlreadyUndone, undo

__all__ = ["AlreadyUndone", "undo"]
