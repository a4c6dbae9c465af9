"""Making several customers one, field by field, and taking that back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from crm import audit
from crm.models import Member
from customers import figures
from customers.errors import (
    CustomerGone,
    MergedAgain,
    MergeUndone,
    NothingToMerge,
    TooManyToMerge,
    WrongChoice,
)
from customers.models import Customer, CustomerStats, Duplicate, Merge
from customers.selectors.merging import CHOSEN, OWN, defaults, own_choices
from customers.services import stats
from customers.services.bulk.tagging import united
from customers.services.customers import update_customer
from customers.services.duplicates.journal import Journal, relations, take_back
from customers.services.duplicates.pointing import point_at

MOST = 10
_DERIVED = CustomerStats._meta.label_lower


@transaction.atomic
def merge_customers(
    *,
    survivor: Customer,
    others: Sequence[Customer],
    actor: Member | None,
    choices: Mapping[str, UUID] | None = None,
) -> Merge:
    """Make ``others`` part of ``survivor``: its values as chosen, all that hangs on them moved to it.

    ``choices`` says of a field from which customer its value comes; else the survivor's stands, and where it
    has none the first other's. The others stay as records without life that lead to the survivor.
    """
    everybody = _locked([survivor, *others])
    survivor, others = everybody[0], everybody[1:]
    values = _chosen(everybody, choices or {})
    merge = Merge.objects.create(
        survivor=survivor, merged=[str(one.pk) for one in others], merged_by=actor, merged_at=timezone.now()
    )
    journal = Journal(merge)
    _settle_pairs(journal, everybody, actor)
    with journal.watch(CustomerStats.objects.filter(customer__in=everybody)):
        for one in others:
            for reference in relations():
                journal.move(reference, one.pk, survivor.pk)
        _write_fields(journal, survivor, others, values, actor)
        point_at(journal, survivor, others)
        _recount(everybody)
    journal.write()
    audit.record("customer.merged", survivor, actor=actor, merge=str(merge.pk), merged=merge.merged)
    return merge


@transaction.atomic
def unmerge(*, merge: Merge, actor: Member | None) -> Merge:
    """Take a merge back: every row as it was, but for what was changed since; that is kept and listed."""
    found = Merge.objects.select_for_update(of=("self",)).select_related("survivor").get(pk=merge.pk)
    if found.undone_at is not None:
        raise MergeUndone
    if found.survivor.merged_into_id is not None:
        raise MergedAgain
    everybody = [found.survivor, *Customer.objects.select_for_update().filter(pk__in=found.merged)]
    kept = []
    for step in found.steps.select_related("merge").order_by("-position"):
        kept += take_back(step)
    if any(one["model"] == _DERIVED for one in kept):
        _recount(everybody)
    found.undone_at, found.undone_by = timezone.now(), actor
    found.kept = [one for one in kept if one["model"] != _DERIVED]
    found.save(update_fields=["undone_at", "undone_by", "kept"])
    audit.record("customer.unmerged", found.survivor, actor=actor, merge=str(found.pk), merged=found.merged)
    for pk in found.merged:
        audit.record("customer.separated", Customer(pk=UUID(pk)), actor=actor, merge=str(found.pk))
    return found


def _locked(customers: Sequence[Customer]) -> list[Customer]:
    """The customers anew, in the order given, held until the transaction ends."""
    ids = list(dict.fromkeys(one.pk for one in customers))
    if len(ids) < 2:
        raise NothingToMerge
    if len(ids) > MOST:
        raise TooManyToMerge
    rows = Customer.objects.living().filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
    found = {one.pk: one for one in rows}
    if len(found) < len(ids):
        raise CustomerGone
    return [found[pk] for pk in ids]


def _chosen(everybody: Sequence[Customer], choices: Mapping[str, UUID]) -> dict[str, Any]:
    known = {one.pk: one for one in everybody}
    own = own_choices()
    if not set(choices) <= {*CHOSEN, *own} or not set(choices.values()) <= set(known):
        raise WrongChoice
    picked = {name: getattr(known[pk], name) for name, pk in choices.items() if name not in own}
    custom = _united_values(everybody)
    for name in own.keys() & choices.keys():
        key = name.removeprefix(OWN)
        custom[key] = known[choices[name]].custom.get(key)
    kept = {key: value for key, value in custom.items() if value is not None}
    return defaults(everybody) | picked | {"custom": kept}


def _united_values(everybody: Sequence[Customer]) -> dict[str, Any]:
    """The first customer's own fields, where it has none the next one's; of several choices those of all."""
    custom: dict[str, Any] = {}
    for one in reversed(everybody):
        custom |= one.custom
    return custom | united([one.custom for one in everybody])


def _settle_pairs(journal: Journal, everybody: Sequence[Customer], actor: Member | None) -> None:
    """The pairs among them are decided."""
    pairs = list(Duplicate.objects.filter(left__in=everybody, right__in=everybody))
    with journal.watch(pairs):
        Duplicate.objects.filter(pk__in=[pair.pk for pair in pairs]).update(
            status=Duplicate.Status.MERGED, decided_at=timezone.now(), decided_by=actor
        )


def _write_fields(
    journal: Journal,
    survivor: Customer,
    others: Sequence[Customer],
    values: dict[str, Any],
    actor: Member | None,
) -> None:
    """The others end; their external ids still lead to the survivor, whichever it bears."""
    external_id, old = values.pop("external_id"), survivor.external_id
    giver = next((one for one in others if one.external_id == external_id and external_id != old), None)
    if giver is not None:
        _change(journal, giver, external_id="")
        _change(journal, survivor, external_id=external_id)
        if old:
            _change(journal, giver, external_id=old)
        survivor.external_id = external_id
    custom = values.pop("custom")
    with journal.watch([survivor]):
        update_customer(customer=survivor, actor=actor, confirms=False, **values)
        if custom != survivor.custom:
            Customer.objects.filter(pk=survivor.pk).update(custom=custom)
    at = timezone.now()
    for one in others:
        _change(journal, one, merged_into=survivor, deleted_at=at, updated_at=at, version=F("version") + 1)
        audit.record("customer.merged_away", one, actor=actor, into=str(survivor.pk))


def _change(journal: Journal, customer: Customer, **columns: Any) -> None:
    with journal.watch([customer]):
        Customer.objects.filter(pk=customer.pk).update(**columns)


def _recount(customers: Sequence[Customer]) -> None:
    """The figures anew: our own, and those that upper apps hand down."""
    ids = [one.pk for one in customers]
    stats.refresh(ids)
    figures.recount(ids)
