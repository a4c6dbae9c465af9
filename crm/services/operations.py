"""What operators do to companies; each company can read it in its own history."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from crm import audit
from crm.models import AuditEntry, Tenant, User
from crm.tenancy.context import tenant_context
from crm.tenancy.middleware import OPERATOR_KEY


def record(deed: str, operator: User, subject: Any = None, **facts: Any) -> AuditEntry:
    """Name an operator's deed in the open company's history. An operator is no member there."""
    return audit.record(deed, subject, operator=operator.email, operator_id=str(operator.pk), **facts)


def enter_company(*, session: Any, tenant: Tenant, operator: User, request_id: UUID) -> None:
    """From now on the operator's admin shows this company."""
    with tenant_context(tenant.pk, request_id=request_id, source="admin"):
        record("admin.entered", operator, tenant)
    session[OPERATOR_KEY] = str(tenant.pk)


def leave_company(*, session: Any, operator: User, request_id: UUID) -> None:
    """The admin shows no company's data any more."""
    tenant_id = session.pop(OPERATOR_KEY, None)
    if tenant_id:
        with tenant_context(tenant_id, request_id=request_id, source="admin"):
            record("admin.left", operator)


@transaction.atomic
def close_company(*, tenant: Tenant, operator: User) -> Tenant:
    """Nobody gets in any more and nothing is sent; the data stays until it is erased."""
    return _set_closed(tenant, operator, timezone.now(), "company.closed")


@transaction.atomic
def reopen_company(*, tenant: Tenant, operator: User) -> Tenant:
    """The company goes on where it was."""
    return _set_closed(tenant, operator, None, "company.reopened")


def _set_closed(tenant: Tenant, operator: User, at: Any, deed: str) -> Tenant:
    with tenant_context(tenant.pk, source="admin"):
        if Tenant.objects.filter(pk=tenant.pk, closed_at__isnull=at is not None).update(closed_at=at):
            record(deed, operator, tenant)
    tenant.closed_at = at
    return tenant
