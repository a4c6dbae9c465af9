"""Saved views: a list's filters, order and columns under a name, as tabs over it."""
