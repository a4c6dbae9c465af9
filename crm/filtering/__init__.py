"""Filters in words of an address: ``and``, ``or`` and ``not`` over questions about fields, and what they mean."""
