"""Everything held about one person as a file that a person may take away and a machine may read."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils import timezone

from crm import audit
from crm.exports.services import folder
from crm.models import AuditEntry, Delivery, Job, Member, Tenant
from crm.services import jobs
from crm.tenancy.context import current_tenant_id
from customers.errors import AlreadyErased
from customers.models import Contact, Customer, MailBounce
from customers.selectors.person import Person, Reach, reach_of, speaking
from customers.services.privacy.blanking import batches

JOB = "export_person"
FORMAT = "tenure.person/1"
INSIDE = "person.json"


def export_later(*, person: Person, actor: Member) -> Job:
    """Write the file in the background."""
    params = {"of": person._meta.model_name, "id": str(person.pk)}
    return jobs.start(kind=JOB, params=params, actor=actor)


@transaction.atomic
def export_person(*, person: Person, path: Path, actor: Member | None) -> dict[str, int]:
    """Write all that is held about a person to ``path``: JSON, within a ZIP where the name ends so.

    Gives how many rows of each table there are. The history keeps that it was taken, and by whom.
    """
    reach = reach_of(person)
    held: dict[str, Any] = {
        "format": FORMAT,
        "company": Tenant.objects.get(pk=current_tenant_id()).name,
        "made_at": timezone.now(),
        "person": {"type": person._meta.model_name, "id": person.pk, "name": person.name},
        "records": dict(_records(reach)),
        "history": list(_history(reach)),
        "deliveries": list(_speaking(Delivery, reach)),
        "bounces": list(_speaking(MailBounce, reach)),
    }
    text = json.dumps(held, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(INSIDE, text)
    else:
        path.write_text(text, encoding="utf-8")
    counts = {label: len(rows) for label, rows in held["records"].items()}
    counts |= {name: len(held[name]) for name in ("history", "deliveries", "bounces")}
    audit.record(f"{person._meta.model_name}.exported", person, actor=actor, rows=sum(counts.values()))
    return counts


def run(job: Job) -> dict[str, Any]:
    """The runner of ``export_later``."""
    with jobs.working_on(job):
        model = Contact if job.params["of"] == "contact" else Customer
        person = model._base_manager.filter(pk=job.params["id"]).first()
        if person is None:
            raise AlreadyErased
        folder().mkdir(parents=True, exist_ok=True)
        path = folder() / f"{job.pk}.zip"
        counts = export_person(person=person, path=path, actor=job.created_by)
    return {"rows": sum(counts.values()), "file": path.name}


def _records(reach: Reach) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The person's rows by table, with those of others that speak of the person."""
    tables = {*reach.own, *reach.about}
    for model in sorted(tables, key=lambda one: one._meta.label):
        ids = reach.own.get(model, set()) | reach.about.get(model, set())
        rows = [
            row for some in batches(ids) for row in model._base_manager.filter(pk__in=some).order_by("pk")
        ]
        if rows:
            yield model._meta.label_lower, [_row(row) for row in rows]


def _row(row: models.Model) -> dict[str, Any]:
    hidden = {"tenant_id"}
    hidden |= {name for name in getattr(row, "audit_hidden", ()) if name not in ("version", "updated_at")}
    return {
        column.attname: getattr(row, column.attname)
        for column in row._meta.local_fields
        if column.attname not in hidden and not column.name.endswith("_hash")
    }


def _history(reach: Reach) -> Iterator[dict[str, Any]]:
    for some in batches(reach.ids()):
        for entry in AuditEntry.objects.filter(subject_id__in=some).order_by("at", "id"):
            yield _row(entry)


def _speaking(model: type[Delivery] | type[MailBounce], reach: Reach) -> Iterator[dict[str, Any]]:
    """What was sent to the person or told of them; what came back from their addresses."""
    found = speaking(model, reach.identifiers(), reach.ids())
    for some in batches(found):
        for row in model._base_manager.filter(pk__in=some).order_by("pk"):
            yield _row(row)
