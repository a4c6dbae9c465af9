"""Which company, person and request the current transaction works for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from crm.ids import uuid7


class NoTenant(RuntimeError):
    """Tenant data was asked for outside any ``tenant_context``."""


class TenantSwitch(RuntimeError):
    """A second tenant was opened inside the first."""


@dataclass(frozen=True)
class Context:
    """What a transaction knows of itself. ``source`` is web, api, admin, worker or command.

    ``sees_personal`` is false where it works for somebody who may not see personal data. ``key_id`` is the key of the
    API that called.

    ``memory`` is for what selectors look up once in a transaction; who writes it, forgets it.
    """

    tenant_id: UUID
    member_id: UUID | None
    request_id: UUID
    source: str
    sees_personal: bool = True
    key_id: UUID | None = None
    memory: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


_current: ContextVar[Context | None] = ContextVar("tenure_context", default=None)


def current() -> Context:
    """The open context, or ``NoTenant``."""
    context = _current.get()
    if context is None:
        raise NoTenant("This needs a tenant: open tenant_context(…) around it.")
    return context


def current_or_none() -> Context | None:
    return _current.get()


def current_tenant_id() -> UUID:
    return current().tenant_id


@contextmanager
def tenant_context(
    tenant_id: UUID | str,
    *,
    member_id: UUID | None = None,
    request_id: UUID | None = None,
    source: str = "command",
) -> Iterator[Context]:
    """Run one transaction as ``tenant_id``; row-level security hides all others.

    The settings are local to the transaction, so a pooled connection can never carry one tenant into
    the next request. The same tenant inside itself is a savepoint; a second one is refused.
    """
    tenant_id = tenant_id if isinstance(tenant_id, UUID) else UUID(str(tenant_id))
    outer = _current.get()
    if outer is not None:
        if outer.tenant_id != tenant_id:
            raise TenantSwitch(f"{tenant_id} inside {outer.tenant_id}")
        with transaction.atomic():
            yield outer
        return
    context = Context(tenant_id, member_id, request_id or uuid7(), source)
    token = _current.set(context)
    try:
        with transaction.atomic():
            _tell_database(context)
            yield context
    finally:
        _current.reset(token)
        if connection.in_atomic_block and not connection.needs_rollback:
            _forget_in_database()


def act_as(member_id: UUID | None, *, sees_personal: bool = True, key_id: UUID | None = None) -> None:
    """Name the person behind the rest of this transaction, once it is known, and whether they see personal data."""
    _current.set(replace(current(), member_id=member_id, sees_personal=sees_personal, key_id=key_id))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL app.member_id = %s", [str(member_id) if member_id else ""])


@contextmanager
def seeing_as(*, personal: bool) -> Iterator[None]:
    """Read what stands inside for somebody who sees personal data or does not."""
    token = _current.set(replace(current(), sees_personal=personal))
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def within_request(request_id: UUID) -> Iterator[None]:
    """Let the history know what is changed inside by a request id of its own."""
    outer = current()
    inner = replace(outer, request_id=request_id)
    token = _current.set(inner)
    try:
        _tell_database(inner)
        yield
        _tell_database(outer)  # after an error the rollback takes the settings back
    finally:
        _current.reset(token)


_SETTINGS = "; ".join(
    f"SET LOCAL app.{name} = %s" for name in ("tenant_id", "member_id", "request_id", "source")
)


def _tell_database(context: Context) -> None:
    # The statement, not set_config(): a distributed PostgreSQL forwards only the statement.
    member = str(context.member_id) if context.member_id else ""
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS, [str(context.tenant_id), member, str(context.request_id), context.source])


def _forget_in_database() -> None:
    # Only where an outer transaction goes on (tests): SET LOCAL outlives a released savepoint.
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS, ["", "", "", ""])
