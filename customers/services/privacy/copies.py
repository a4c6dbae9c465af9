"""Copies of what a person's records said: messages, notes, jobs, imports, answers that programs were given."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm.models import Delivery, Job
from crm.services import jobs
from crm.tenancy.fields import OfPeople
from customers.models import Merge, MergeStep
from customers.selectors.person import Model, copies, speaking, texts_of
from customers.services.privacy.blanking import blank, remove


@dataclass(frozen=True)
class Traces:
    """What texts hold of a person: identifiers as they are, and a pattern of addresses and numbers in any writing."""

    identifiers: list[str]
    exact: str = ""

    def are_in(self, text: str) -> bool:
        folded = text.casefold()
        if any(one.casefold() in folded for one in self.identifiers):
            return True
        return bool(self.exact) and re.search(self.exact, text, re.IGNORECASE) is not None


def clear_copies(traces: Traces, ids: set[UUID], journal: set[UUID]) -> dict[Model, int]:
    """Empty every copy that speaks of the person by a trace or an id; gives how many, by table.

    ``journal`` are the ids whose merges can no longer be taken back.
    """
    done: dict[Model, int] = {}
    known = set(ids)
    for model in copies():
        if model.of_people == OfPeople.COPY:
            found = speaking(model, traces.identifiers, known, traces.exact)
            known |= found
            done[model] = _empty(model, found)
        else:
            found = speaking(model, traces.identifiers, set(), traces.exact)
            if model is Job:
                _stop(found, traces)
            done[model] = _empty_parts(model, found, traces)
    done[Merge] = _forget_merges(traces, journal)
    return {model: count for model, count in done.items() if count}


def _empty(model: Model, found: set[UUID]) -> int:
    unsent = 0
    if model is Delivery:
        unsent = remove(model, Delivery.objects.open().filter(pk__in=found).values_list("pk", flat=True))
    return unsent + blank(model, found)


def _stop(found: set[UUID], traces: Traces) -> None:
    """A job that is to reach all whom a question finds would reach everybody without it."""
    for job in Job.objects.running().filter(pk__in=found):
        asked = [job.params.get("query"), job.params.get("wish")]
        if traces.are_in(json.dumps(asked, ensure_ascii=False)):
            jobs.cancel(job)


def _empty_parts(model: Model, found: set[UUID], traces: Traces) -> int:
    for row in model._base_manager.filter(pk__in=found):
        changed = {}
        for column in texts_of(model):
            value = getattr(row, column.attname)
            if (left := without(value, traces)) != value:
                changed[column.attname] = left
        model._base_manager.filter(pk=row.pk).update(**changed)
    return len(found)


def without(value: Any, traces: Traces) -> Any:
    """A text or JSON without the person: of a list or object that names it, all texts are gone."""
    if isinstance(value, str):
        return "" if traces.are_in(value) else value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    if any(isinstance(child, str) and traces.are_in(child) for child in children):
        return _hollow(value)
    if isinstance(value, dict):
        return {name: without(child, traces) for name, child in value.items() if not traces.are_in(name)}
    return [without(child, traces) for child in value] if isinstance(value, list) else value


def _hollow(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _hollow(child) for name, child in value.items()}
    if isinstance(value, list):
        return [_hollow(child) for child in value]
    return "" if isinstance(value, str) else value


def _forget_merges(traces: Traces, ids: set[UUID]) -> int:
    """A journal that holds the person can no longer be used, so it goes."""
    steps = speaking(MergeStep, traces.identifiers, ids, traces.exact)
    merges = set(MergeStep.objects.filter(pk__in=steps).values_list("merge", flat=True))
    return remove(Merge, merges)
