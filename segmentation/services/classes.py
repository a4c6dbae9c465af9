"""Defining classes: tried on everyone before they are saved, applied as soon as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone

from crm.audit import services as audit
from crm.errors import Stale
from crm.models import Job, Member
from crm.services import jobs
from customers.models import Customer
from segmentation import criteria
from segmentation.classes import forget_words
from segmentation.errors import ClassInUse, NameTaken, NoCatchAll, RuleHidden
from segmentation.members import reference_at
from segmentation.models import ClassChange, ClassMembership, CustomerClass
from segmentation.services import applying, classify
from segmentation.services.decisions import candidates, decisions

SAMPLE = 8
# A company of more customers is classified anew in the background.
AT_ONCE = 20_000


@dataclass(frozen=True)
class Flow:
    """How many customers would go from one class (``""``: none yet) to another, by code."""

    from_code: str
    to_code: str
    customers: int


@dataclass(frozen=True)
class Simulation:
    """What a rule would do. ``sample`` holds (customer id, name, from code, to code), the dearest first."""

    flows: list[Flow]
    sample: list[tuple[str, str, str, str]]

    @property
    def moved(self) -> int:
        return sum(flow.customers for flow in self.flows)


_FLOWS = """
    SELECT COALESCE(k.code, ''), r.class_code, count(*) FROM ({rows}) r
    LEFT JOIN segmentation_customerclass k ON k.tenant_id = %s::uuid AND k.id = r.old_class_id
    WHERE r.moved GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""
_SAMPLE = """
    SELECT c.id::text, c.name, COALESCE(k.code, ''), r.class_code FROM ({rows}) r
    JOIN customers_customer c ON c.tenant_id = %s::uuid AND c.id = r.customer_id
    JOIN customers_customerstats s ON s.tenant_id = c.tenant_id AND s.customer_id = c.id
    LEFT JOIN segmentation_customerclass k ON k.tenant_id = c.tenant_id AND k.id = r.old_class_id
    WHERE r.moved ORDER BY s.spend_12m DESC, c.id LIMIT %s
"""


def simulate(*, customer_class: CustomerClass, given: Any, at: datetime | None = None) -> Simulation:
    """Who would move from where to where if the class had these criteria; nothing is written."""
    rule = criteria.asked(given, for_class=True)
    tried = [replace(one, rule=rule) if one.id == customer_class.pk else one for one in candidates()]
    rows = decisions(tried, reference_at(at))
    tenant_id = str(customer_class.tenant_id)
    with connection.cursor() as cursor:
        cursor.execute(_FLOWS.format(rows=rows.text), [*rows.params, tenant_id])
        flows = [Flow(*row) for row in cursor.fetchall()]
        cursor.execute(_SAMPLE.format(rows=rows.text), [*rows.params, tenant_id, SAMPLE])
        return Simulation(flows, cursor.fetchall())


@transaction.atomic
def save_class(
    *, customer_class: CustomerClass, version: int, actor: Member, at: datetime | None = None, **fields: Any
) -> classify.Moves | Job:
    """Change a class (name, description, criteria, rank) and apply it to everyone: at once, or in a job where many are.

    Whoever saves an older version is refused; so is a rule that leaves somebody without a class,
    and one put in the place of what is masked for the actor.
    """
    if "criteria" in fields:
        if customer_class.rule.hidden:
            raise RuleHidden
        rule = criteria.to_keep(fields["criteria"], for_class=True, before=customer_class.rule)
        fields["criteria"] = rule.to_json()
    if (
        "name" in fields
        and CustomerClass.objects.filter(name=fields["name"]).exclude(pk=customer_class.pk).exists()
    ):
        raise NameTaken(errors={"name": [str(NameTaken.message)]})
    same = CustomerClass.objects.filter(pk=customer_class.pk, version=version)
    if not same.update(**fields, version=F("version") + 1):
        raise Stale
    forget_words()
    _require_catch_all()
    customer_class.refresh_from_db()
    audit.record("class.changed", customer_class, actor=actor)
    return _applied(at, actor)


@transaction.atomic
def create_class(
    *,
    code: str,
    name: str,
    given: Any,
    actor: Member,
    rank: int = 3,
    description: str = "",
    at: datetime | None = None,
) -> CustomerClass:
    """A new class, tried just before the one that takes whoever is left; the first one takes everyone."""
    rule = criteria.to_keep(given, for_class=True)
    if CustomerClass.objects.filter(code=code).exists() or CustomerClass.objects.filter(name=name).exists():
        raise NameTaken(errors={"name": [str(NameTaken.message)]})
    last = CustomerClass.objects.aggregate(last=Max("priority"))["last"] or 0
    priority = last + 1
    if rule.alternatives and last:
        CustomerClass.objects.filter(priority=last).update(priority=last + 1)
        priority = last
    new = CustomerClass.objects.create(
        code=code, name=name, description=description, criteria=rule.to_json(), rank=rank, priority=priority
    )
    forget_words()
    audit.record("class.created", new, actor=actor)
    return new


@transaction.atomic
def delete_class(
    *, customer_class: CustomerClass, version: int, actor: Member, at: datetime | None = None
) -> classify.Moves | Job:
    """Take a class away; its customers go where the other rules put them, at once or in a job where many are.

    A class with history is kept out of use instead of being erased. Refused while plans serve it, and for
    the class that takes whoever is left.
    """
    if _plans_of(customer_class):
        raise ClassInUse
    same = CustomerClass.objects.filter(pk=customer_class.pk, version=version)
    if not same.update(active=False, version=F("version") + 1):
        raise Stale
    forget_words()
    _require_catch_all()
    applied = _applied(at, actor)
    audit.record("class.deleted", customer_class, actor=actor)
    if not _has_history(customer_class):
        customer_class.delete()
    return applied


def _applied(at: datetime | None, actor: Member) -> classify.Moves | Job:
    customers = Customer.objects.living()
    if customers.at_most(AT_ONCE + 1) > AT_ONCE:
        return jobs.start(kind=applying.APPLY, params={}, actor=actor, total=customers.order_by().count())
    at = at or timezone.now()
    return classify.apply(at=at, reference=reference_at(at), actor=actor)


def _require_catch_all() -> None:
    rules = [one.alternatives for one in (c.rule for c in candidates())]
    if not rules or rules[-1] or not all(rules[:-1]):
        raise NoCatchAll(errors={"criteria": [str(NoCatchAll.message)]})


def _plans_of(customer_class: CustomerClass) -> bool:
    """Whatever in an upper app serves the class, found through the relations it declares on us."""
    own = (ClassMembership, ClassChange)
    relations = [one for one in CustomerClass._meta.related_objects if one.related_model not in own]
    return any(
        one.related_model._base_manager.filter(**{one.field.name: customer_class}).exists()
        for one in relations
    )


def _has_history(customer_class: CustomerClass) -> bool:
    changes = ClassChange.objects.filter(to_class=customer_class) | ClassChange.objects.filter(
        from_class=customer_class
    )
    return changes.exists() or ClassMembership.objects.filter(customer_class=customer_class).exists()
