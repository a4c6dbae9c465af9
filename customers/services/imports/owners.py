"""Whose customers a file makes: each of them is told once, with how many."""

from __future__ import annotations

from collections.abc import Mapping

from crm.models import Member
from customers.models import Import
from customers.services.handed import tell_owner
from customers.services.imports.work import Work

_SOMEBODY_ELSES = (
    "SELECT FROM customers_customer c WHERE c.tenant_id = %(tenant)s::uuid AND c.id = r.target_id "
    "AND c.owner_id IS DISTINCT FROM r.owner"
)


def handed_to(work: Work) -> dict[str, int]:
    """By member how many customers the staged rows are about to give them: new ones, or those of somebody else."""
    if work.import_.kind != Import.Kind.CUSTOMERS or "owner" not in work.fields:
        return {}
    known = "" if work.import_.mode == Import.Mode.CREATE else "OR EXISTS (" + _SOMEBODY_ELSES + ")"
    rows = work.ask(f"""
        SELECT r.owner::text, count(*) FROM import_row r
        WHERE r.fate IS NULL AND r.owner IS NOT NULL AND (r.target_id IS NULL {known}) GROUP BY 1""")
    return {str(pk): count for pk, count in rows}


def tell(handed: Mapping[str, int], actor: Member | None) -> None:
    for owner in Member.objects.filter(pk__in=handed):
        tell_owner(owner=owner, actor=actor, count=handed[str(owner.pk)])
