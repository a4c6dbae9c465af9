"""Erasing a person: their records and words go, the figures of what they bought stay without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.utils import timezone

from crm.audit.erasing import Erasing
from crm.models import Job, Member
from crm.services import jobs
from crm.tenancy.fields import OfPeople
from customers.errors import AlreadyErased, NoReason
from customers.models import Contact, Customer
from customers.normalize import name_norm
from customers.selectors.person import Model, Person, Reach, reach_of
from customers.services.privacy.asking import ask_no_more, asked_for
from customers.services.privacy.blanking import blank, erased_word, remove
from customers.services.privacy.copies import Traces, clear_copies
from customers.services.privacy.files import clear_cache, clear_files
from customers.services.privacy.history import empty_history, empty_wholes, entries_of_wholes
from customers.services.privacy.mentions import (
    Mention,
    Mentions,
    empty_their_history,
    mentions_of,
    take_out,
)
from customers.services.privacy.naming import naming_of

JOB = "erase_person"
STEPS = 5
Progress = Callable[[int], None]


@dataclass
class Erased:
    """How many rows went, stayed as figures and were emptied, by table; entries of the history; its traces.

    ``replaced`` texts of others named the person's address or number; ``named`` still hold the name, as ``mentions``
    lists: a person decides about those.
    """

    gone: dict[Model, int] = field(default_factory=dict)
    kept: dict[Model, int] = field(default_factory=dict)
    emptied: dict[Model, int] = field(default_factory=dict)
    entries: int = 0
    replaced: int = 0
    named: int = 0
    mentions: list[Mention] = field(default_factory=list)
    traces: Traces = field(default_factory=lambda: Traces([]))

    @property
    def counts(self) -> dict[str, int]:
        return {
            "gone": sum(self.gone.values()),
            "kept": sum(self.kept.values()),
            "emptied": sum(self.emptied.values()),
            "entries": self.entries,
            "replaced": self.replaced,
            "named": self.named,
        }

    @property
    def told(self) -> dict[str, Any]:
        """The counts, and where the name still stands."""
        return {**self.counts, "mentions": [one.to_json() for one in self.mentions]}


@dataclass(frozen=True)
class Preview:
    """What an erasure would take away, empty and leave, by table."""

    gone: list[tuple[Model, int]]
    emptied: list[tuple[Model, int]]
    kept: list[tuple[Model, int]]
    mentions: Mentions


def preview(person: Person) -> Preview:
    """What would go, be emptied, and stay without the person."""
    reach = reach_of(person)
    naming = naming_of(reach)
    emptied = [(model, len(ids)) for model, ids in reach.about.items()] + [*asked_for(naming).items()]
    own = sorted(reach.own.items(), key=lambda pair: pair[0]._meta.label)
    return Preview(
        gone=[(m, len(ids)) for m, ids in own if m.of_people == OfPeople.GOES],
        emptied=[(model, count) for model, count in emptied if count],
        kept=[(m, len(ids)) for m, ids in own if m.of_people == OfPeople.FIGURES and m is not Customer],
        mentions=mentions_of(reach, naming),
    )


def erase_later(*, person: Person, reason: str, actor: Member) -> Job:
    """Erase in the background; asked twice, it is the same job."""
    _refuse(person, reason)
    mine = Job.objects.running().filter(kind=JOB, params__id=str(person.pk)).first()
    params = {"of": person._meta.model_name, "id": str(person.pk), "reason": reason.strip()}
    return mine or jobs.start(kind=JOB, params=params, actor=actor, total=STEPS)


@transaction.atomic
def erase_person(
    *, person: Person, reason: str, actor: Member | None, progress: Progress = lambda step: None
) -> Erased:
    """Erase a customer, with all merged into it and its contacts, or one contact; ``clear_up`` follows the commit.

    Every table that points to the person is covered, copies elsewhere are emptied, the history keeps who did what
    and when to which columns, but no values. Where others' texts name an address or number of the person, "[erased]"
    stands instead. Who erases, when and why is a deed; what was erased is nowhere.
    """
    _refuse(person, reason)
    type(person)._base_manager.select_for_update().get(pk=person.pk)
    reach = reach_of(person)
    naming = naming_of(reach)
    done = Erased(traces=Traces(reach.identifiers(), naming.exact))
    others = take_out(reach, naming.exact)
    done.replaced = len(others)
    asked = ask_no_more(naming)
    elsewhere = mentions_of(reach, naming, taken_out=True)
    done.named, done.mentions = elsewhere.named_count, elsewhere.named
    progress(1)
    done.emptied = asked | clear_copies(done.traces, reach.ids(), reach.root_ids)
    progress(2)
    _clear_rows(reach, done)
    LogEntry.objects.filter(object_id__in=[str(pk) for pk in reach.root_ids]).delete()
    progress(3)
    erasing = Erasing()
    empty_history(erasing, own=reach.ids(), roots=reach.root_ids, traces=done.traces)
    empty_their_history(erasing, naming.exact)
    changed = {row.model: [one.pk for one in others if one.model is row.model] for row in others}
    empty_wholes(erasing, entries_of_wholes(changed), naming.exact)
    done.entries = len(erasing.entries)
    kind = "contact" if isinstance(person, Contact) else "customer"
    why = _anonymous(reason.strip(), done.traces)
    erasing.finish(f"{kind}.erased", _nobody(person), actor=actor, reason=why, **done.counts)
    progress(4)
    return done


def clear_up(done: Erased) -> int:
    """After the commit: files and cache, of which no transaction takes anything back; gives how many files went."""
    clear_cache(done.traces)
    return clear_files(done.traces)


def run(job: Job) -> dict[str, Any]:
    """The runner of ``erase_later``."""
    with jobs.working_on(job):
        model = Contact if job.params["of"] == "contact" else Customer
        person = model._base_manager.filter(pk=job.params["id"]).first()
        if person is None:
            raise AlreadyErased
        done = erase_person(
            person=person,
            reason=job.params["reason"],
            actor=job.created_by,
            progress=lambda step: jobs.report(job, step),
        )
        why = _anonymous(job.params["reason"], done.traces)
        Job.objects.filter(pk=job.pk).update(params={**job.params, "reason": why})
    with jobs.working_on(job):
        files = clear_up(done)
    jobs.report(job, STEPS)
    return {**done.told, "files": files}


def _refuse(person: Person, reason: str) -> None:
    if getattr(person, "erased_at", None) is not None:
        raise AlreadyErased
    if not reason.strip():
        raise NoReason


def _clear_rows(reach: Reach, done: Erased) -> None:
    for model, ids in reach.own.items():
        if model is Customer:
            at = timezone.now()
            blank(Customer, ids, **_husk(), deleted_at=at, erased_at=at, updated_at=at)
        elif model.of_people == OfPeople.FIGURES:
            done.kept[model] = blank(model, ids)
    for model, ids in reach.about.items():
        done.emptied[model] = done.emptied.get(model, 0) + blank(model, ids)
    for model, ids in reach.own.items():
        if model.of_people == OfPeople.GOES:
            done.gone[model] = len(ids)
            remove(model, ids)


def _husk() -> dict[str, Any]:
    """What is left of a customer: a name that says so, and no birthday."""
    name = erased_word()
    return {"name": name, "name_norm": name_norm(name), "birthday": None, "gender": ""}


def _nobody(person: Person) -> Person:
    """The record without the person, for those who are told of the deed."""
    if isinstance(person, Contact):
        return Contact(pk=person.pk, customer_id=person.customer_id, name=erased_word())
    return Customer.objects.get(pk=person.pk)


def _anonymous(reason: str, traces: Traces) -> str:
    """The reason, unless it names the person."""
    return erased_word() if traces.are_in(reason) else reason
