"""What brought a change that no page made: an import, something sent to the inbox, long work, a key of the API."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.audit.services import KEY
from crm.models import ApiKey, AuditEntry, Job, Member
from crm.services import jobs
from customers.models import Capture, Contact, Customer, Import

FROM_WORK = {"worker", "command"}


@dataclass(frozen=True)
class Origin:
    """Where changes came from, in words; ``url`` is its page, where the reader may open it."""

    words: str
    url: str = ""


def origins_of(
    record: models.Model, entries: Sequence[AuditEntry], member: Member | None
) -> dict[UUID, Origin]:
    """The origins of these entries of the record's history by their request; a query for each kind there may be."""
    asked = {entry.request_id for entry in entries if entry.request_id}
    worked = {entry.request_id for entry in entries if entry.request_id and entry.source in FROM_WORK}
    found = _keys(entries)
    if worked:
        found |= _jobs(worked, member) | _imports(worked, member)
    if asked and isinstance(record, Customer | Contact):
        found |= _captures(record, asked, member)
    return found


def _keys(entries: Sequence[AuditEntry]) -> dict[UUID, Origin]:
    used = {e.request_id: e.after[KEY] for e in entries if e.deed and e.request_id and KEY in (e.after or {})}
    if not used:
        return {}
    names = {
        str(pk): name for pk, name in ApiKey.objects.filter(pk__in=used.values()).values_list("pk", "name")
    }
    return {
        request: Origin(_("through the API key %(name)s") % {"name": names[key]})
        for request, key in used.items()
        if key in names
    }


def _jobs(requests: Collection[UUID], member: Member | None) -> dict[UUID, Origin]:
    """Long work by its title; its page is for whoever started it."""
    found = {}
    for pk, kind, by in Job.objects.filter(pk__in=requests).values_list("pk", "kind", "created_by_id"):
        runner = jobs.runner_of(kind)
        mine = runner.title and member is not None and by == member.pk
        found[pk] = Origin(str(runner.title or runner.name), reverse("job", args=[pk]) if mine else "")
    return found


def _imports(requests: Collection[UUID], member: Member | None) -> dict[UUID, Origin]:
    may_open = member is not None and member.can("customers.import")
    return {
        pk: Origin(
            _("by the import of %(file)s") % {"file": file_name},
            reverse("customers:import", args=[pk]) if may_open else "",
        )
        for pk, file_name in Import.objects.filter(pk__in=requests).values_list("pk", "file_name")
    }


def _captures(
    record: Customer | Contact, requests: Collection[UUID], member: Member | None
) -> dict[UUID, Origin]:
    """What was sent and became, or joined, the record. Many are decided in one request."""
    sent = Capture.objects.filter(Q(customer=record.pk) | Q(contact=record.pk), decided_in__in=requests)
    if member is not None:
        sent = sent.visible_to(member)
    may_open = member is not None and member.can("customers.change")
    return {
        capture.decided_in: Origin(
            _sent_by(capture), reverse("customers:capture", args=[capture.pk]) if may_open else ""
        )
        for capture in sent.select_related("template")
        if capture.decided_in
    }


def _sent_by(capture: Capture) -> str:
    if capture.template is not None:
        return _("by the web form %(name)s") % {"name": capture.template}
    return _("by the inbox: %(channel)s") % {"channel": capture.get_channel_display()}
