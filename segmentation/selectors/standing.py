"""Where customers stand and why, shaped for the pages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from crm.personal import is_masked, mask_json
from crm.tenancy.context import current_tenant_id
from customers.models import Customer
from segmentation import stages
from segmentation.criteria import Reference, Sql, explained, holds
from segmentation.members import reference_at
from segmentation.models import ClassMembership, CustomerClass, StageMembership


@dataclass(frozen=True)
class Tried:
    """A class's rule as it reads for one customer now: whether it holds, and each criterion with its value."""

    name: str
    code: str
    rank: int
    holds: bool
    why: list[dict[str, Any]]


@dataclass(frozen=True)
class Standing:
    """One customer's class and stage with the reasons that hold today."""

    membership: ClassMembership | None
    stage: StageMembership | None
    rules: list[Tried]
    stage_facts: dict[str, Any]
    reference: Reference


_ROW = """
    FROM customers_customer c
    JOIN customers_customerstats s ON s.tenant_id = c.tenant_id AND s.customer_id = c.id
    JOIN customers_customerstats t ON t.tenant_id = s.tenant_id AND t.customer_id = s.customer_id
    WHERE c.tenant_id = %s::uuid AND c.id = %s::uuid
"""


def standing(customer: Customer, *, at: datetime | None = None) -> Standing:
    """The customer's class and stage, every rule read again as of ``at``. Five queries."""
    reference = reference_at(at)
    classes = list(CustomerClass.objects.active())
    values, facts = _read(customer, classes, reference)
    rules = [
        Tried(one.name, one.code, one.rank, held, why)
        for one, (held, why) in zip(classes, values, strict=True)
    ]
    membership = (
        ClassMembership.objects.filter(customer=customer).select_related("customer_class", "set_by").first()
    )
    stage = StageMembership.objects.filter(customer=customer).first()
    return Standing(membership, stage, rules, facts, reference)


def _read(
    customer: Customer, classes: list[CustomerClass], reference: Reference
) -> tuple[list[tuple[bool, list[dict[str, Any]]]], dict[str, Any]]:
    """For each class whether its rule holds, with its explanation; and the facts behind the stage."""
    pairs = [(holds(one.rule, reference), explained(one.rule, reference)) for one in classes]
    rows = ["jsonb_build_array(COALESCE(" + held + ", FALSE), " + why + ")" for held, why in pairs]
    select = "SELECT jsonb_build_array(" + Sql.join(", ", rows) + "), " + stages.facts(reference) + Sql(_ROW)
    with connection.cursor() as cursor:
        cursor.execute(select.text, [*select.params, str(current_tenant_id()), str(customer.pk)])
        row = cursor.fetchone()
    if row is None:
        return [(False, []) for _one in classes], {}
    told = json.loads(row[0])
    return mask_json(told) if is_masked() else told, json.loads(row[1])
