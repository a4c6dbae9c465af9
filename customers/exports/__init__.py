"""Customers and what hangs on them, as files."""

from customers.exports import contacts, customers, records  # noqa: F401  register themselves
