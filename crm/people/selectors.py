"""Which companies a person belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from crm.models import Member, Tenant, User
from crm.tenancy.context import current, current_tenant_id
from crm.tenancy.prepared import Prepared

_CURRENCY = "currency"


@dataclass(frozen=True)
class Company:
    tenant_id: UUID
    name: str
    slug: str


def companies_of(user: Any) -> list[Company]:
    """A signed-in person's companies: the one question that is asked before the tenant is known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id, name, slug FROM companies_of(%s)", [str(user.pk)])
        return [Company(*row) for row in cursor.fetchall()]


_MEMBER = Prepared(
    lambda user: (
        Member.objects.active().filter(user=user, tenant__closed_at=None).select_related("tenant").order_by()
    )
)


def member_of(user: Any) -> Member | None:
    """The person in the open company, with the company; ``None`` who has left it, or where it is closed."""
    member = _MEMBER.first(user.pk)
    if member is not None:
        remember(member.tenant)
    return member


def remember(tenant: Tenant) -> None:
    """The open company was read: what is asked of it later is known."""
    current().memory[_CURRENCY] = tenant.currency


def company_currency() -> str:
    """The open company's currency; asked once in a transaction."""
    memory = current().memory
    if _CURRENCY not in memory:
        memory[_CURRENCY] = Tenant.objects.values_list("currency", flat=True).get(pk=current_tenant_id())
    return memory[_CURRENCY]


def language_of(member: Member, tenant: Tenant) -> str:
    """The language a member reads: their own choice, else the company's."""
    return member.user.language or tenant.locale


def has_sign_in(email: str) -> bool:
    """Whether somebody, in whichever company, signs in by this address."""
    return User.objects.filter(email__iexact=email).exists()
