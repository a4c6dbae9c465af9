"""Bringing files in: ``import_file`` for a file at hand; the wizard's steps for one that was uploaded."""

from customers.services.imports.files import import_file

__all__ = ["import_file"]
