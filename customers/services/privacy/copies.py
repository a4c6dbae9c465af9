"""Copies of what a person's records said: messages, notes, jobs, imports, answers that programs were given."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.models import Delivery
from crm.tenancy.fields import OfPeople
from customers.models import Merge, MergeStep
from customers.selectors.person import Model, copies, speaking, texts_of
from customers.services.privacy.blanking import blank, remove


def clear_copies(identifiers: list[str], ids: set[UUID], journal: set[UUID]) -> dict[Model, int]:
    """Empty every copy that speaks of the person by an identifier or an id; gives how many, by table.

    ``journal`` are the ids whose merges can no longer be taken back.
    """
    done: dict[Model, int] = {}
    known = set(ids)
    for model in copies():
        if model.of_people == OfPeople.COPY:
            found = speaking(model, identifiers, known)
            known |= found
            done[model] = _empty(model, found)
        else:
            done[model] = _empty_parts(model, speaking(model, identifiers, set()), identifiers)
    done[Merge] = _forget_merges(identifiers, journal)
    return {model: count for model, count in done.items() if count}


def _empty(model: Model, found: set[UUID]) -> int:
    unsent = 0
    if model is Delivery:
        unsent = remove(model, Delivery.objects.open().filter(pk__in=found).values_list("pk", flat=True))
    return unsent + blank(model, found)


def _empty_parts(model: Model, found: set[UUID], identifiers: list[str]) -> int:
    for row in model._base_manager.filter(pk__in=found):
        changed = {}
        for column in texts_of(model):
            value = getattr(row, column.attname)
            if (left := without(value, identifiers)) != value:
                changed[column.attname] = left
        model._base_manager.filter(pk=row.pk).update(**changed)
    return len(found)


def without(value: Any, identifiers: list[str]) -> Any:
    """A text or JSON without the person: of a list or object that names it, all texts are gone."""
    if isinstance(value, str):
        return "" if speaks(value, identifiers) else value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    if any(isinstance(child, str) and speaks(child, identifiers) for child in children):
        return _hollow(value)
    if isinstance(value, dict):
        return {
            name: without(child, identifiers)
            for name, child in value.items()
            if not speaks(name, identifiers)
        }
    return [without(child, identifiers) for child in value] if isinstance(value, list) else value


def _hollow(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _hollow(child) for name, child in value.items()}
    if isinstance(value, list):
        return [_hollow(child) for child in value]
    return "" if isinstance(value, str) else value


def speaks(text: str, identifiers: list[str]) -> bool:
    folded = text.casefold()
    return any(one.casefold() in folded for one in identifiers)


def _forget_merges(identifiers: list[str], ids: set[UUID]) -> int:
    """A journal that holds the person can no longer be used, so it goes."""
    steps = speaking(MergeStep, identifiers, ids)
    merges = set(MergeStep.objects.filter(pk__in=steps).values_list("merge", flat=True))
    return remove(Merge, merges)
