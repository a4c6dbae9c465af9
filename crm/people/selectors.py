"""Which companies a person belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from crm.models import Member, Tenant


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


def language_of(member: Member, tenant: Tenant) -> str:
    """The language a member reads: their own choice, else the company's."""
    return member.user.language or tenant.locale
