"""The application does not work through a role that could look past the policies."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.signals import connection_created

UNSAFE = """
    SELECT rolsuper OR rolbypassrls OR EXISTS (
        SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relkind = 'r' AND c.relowner = r.oid
    ) FROM pg_roles r WHERE rolname = current_user
"""


def role_is_unsafe(connection: Any) -> bool:
    """Whether the connected role is a superuser, may bypass the policies, or owns tables."""
    with connection.cursor() as cursor:
        cursor.execute(UNSAFE)
        return bool(cursor.fetchone()[0])


def refuse_unsafe_role_on_connect() -> None:
    """Check every new connection of the application, so that no process can start on another role."""
    connection_created.connect(_check, dispatch_uid="tenure_role")


def _check(sender: Any, connection: Any, **kwargs: Any) -> None:
    if connection.alias == "default" and role_is_unsafe(connection):
        connection.close()
        raise ImproperlyConfigured(
            "DATABASE_URL connects as a role that can look past the companies' walls (superuser, BYPASSRLS "
            "or owner of the tables). Use crm_app there, and the owner in DATABASE_OWNER_URL."
        )
