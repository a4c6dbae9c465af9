"""What each task, job, channel and command is tried with: a new one has no place in the suite without a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import models
from django.utils import timezone

from crm.exports.listings import all_listings
from crm.models import Job, Member, Tenant, WebhookEndpoint, WebhookEvent
from crm.services import jobs, webhooks
from crm.tenancy.context import tenant_context
from customers.models import Capture, Contact, Customer, FollowUp, Import
from customers.selectors.lists import Wish
from customers.services.customers import create_customer
from customers.services.imports import import_file
from feedback.models import Ticket
from tests.crm.webhooks.receiver import Receiver

Row = dict[type[models.Model], models.Model]
APPS = ("crm", "customers", "segmentation", "maintenance", "feedback", "retention", "planning")
SHARED_KEY, SHARED_EMAIL = "KEY-1", "key-1@example.com"


@dataclass
class Stage:
    """The company that works, its ``rows``, those of the ``foreign`` one, a folder and a receiver of webhooks."""

    tenant: Tenant
    member: Member
    rows: Row
    foreign: Row
    folder: Path
    receiver: Receiver

    def file(self, text: str) -> Path:
        path = self.folder / f"brought-{len(list(self.folder.iterdir()))}.csv"
        path.write_text(text, encoding="utf-8")
        return path

    def day(self, ago: int) -> str:
        return str((timezone.now() - timedelta(days=ago)).date())


@dataclass(frozen=True)
class Sample:
    """Arguments to try; what is ``hostile`` names the other company's records and must come to nothing."""

    given: Any
    hostile: bool = False


def _job_ids(stage: Stage) -> list[Sample]:
    with tenant_context(stage.tenant.pk):
        job = jobs.start(kind="churn_backtest", params=_backtest(stage), actor=stage.member)
    return [Sample([str(job.pk)]), Sample([str(stage.foreign[Job].pk)], hostile=True)]


def _backtest(stage: Stage) -> dict[str, Any]:
    return {"cut": stage.day(100), "horizon": 60}


def _imports(stage: Stage) -> list[Sample]:
    path = stage.file("name,external_id,city\nBrought along,F1,Oslo\n")
    mapping = {"name": "name", "external_id": "external_id", "city": "city"}
    with tenant_context(stage.tenant.pk):
        mine = Import.objects.create(kind="customers", file_name="f.csv", path=str(path), mapping=mapping)
    given = {"import": str(mine.pk), "dry_run": False}
    foreign = {"import": str(stage.foreign[Import].pk), "dry_run": False}
    return [Sample(given | {"dry_run": True}), Sample(given), Sample(foreign, hostile=True)]


def _brought_in(stage: Stage) -> str:
    """An import that made a customer and changed one of the other company's name."""
    path = stage.file(
        f"name,external_id\nNamed anew,{SHARED_KEY}\nMade,M-{len(list(stage.folder.iterdir()))}\n"
    )
    with tenant_context(stage.tenant.pk):
        return str(import_file(path=path, kind="customers")["import"])


def _undo_imports(stage: Stage) -> list[Sample]:
    foreign = {"import": str(stage.foreign[Import].pk)}
    return [Sample({"import": _brought_in(stage)}), Sample(foreign, hostile=True)]


def _file_with_their_key(stage: Stage) -> list[Sample]:
    """Keys that the other company's customer has too make a customer of one's own."""
    path = stage.file(f"name,external_id,email\nNamesake,{SHARED_KEY},{SHARED_EMAIL}\n")
    return [Sample([str(path), "--kind", "customers", "--json"])]


def _decide(stage: Stage) -> list[Sample]:
    told = {"deed": "accept", "owner": None, "reason": ""}
    theirs = {**told, "ids": [str(stage.foreign[Capture].pk)]}
    their_owner = {**told, "ids": [str(stage.rows[Capture].pk)], "owner": str(stage.foreign[Member].pk)}
    return [
        Sample(theirs, hostile=True),
        Sample(their_owner, hostile=True),
        Sample({**told, "deed": "reject", "ids": [str(stage.rows[Capture].pk)]}),
    ]


def _wait_again(stage: Stage) -> list[Sample]:
    return [
        Sample({"job": str(stage.rows[Job].pk)}),
        Sample({"job": str(stage.foreign[Job].pk)}, hostile=True),
    ]


def _change_many(stage: Stage) -> list[Sample]:
    deed = {"kind": "edit", "values": {"city": "Oslo"}, "custom": {}}
    wish, foreign = asdict(Wish()), str(stage.foreign[Customer].pk)
    their_owner = {**deed, "values": {"owner": str(stage.foreign[Member].pk)}}
    return [
        Sample({"wish": wish, "ids": [], "deed": deed}),
        Sample({"wish": None, "ids": [foreign], "deed": deed}, hostile=True),
        Sample({"wish": wish, "ids": [], "deed": their_owner}, hostile=True),
    ]


def _change_follow_ups(stage: Stage) -> list[Sample]:
    given = {
        "rows": "follow_ups",
        "query": {},
        "ids": [],
        "deed": {"kind": "skip", "values": {"because": "No"}},
    }
    foreign = str(stage.foreign[FollowUp].pk)
    theirs = {"kind": "hand_over", "values": {"owner": str(stage.foreign[Member].pk)}}
    return [
        Sample(given),
        Sample(given | {"query": None, "ids": [foreign]}, hostile=True),
        Sample(given | {"deed": theirs}, hostile=True),
    ]


def _change_tickets(stage: Stage) -> list[Sample]:
    given = {
        "rows": "tickets",
        "query": {},
        "ids": [],
        "deed": {"kind": "resolve", "values": {"resolution": "Ok"}},
    }
    foreign = str(stage.foreign[Ticket].pk)
    theirs = {"kind": "assign", "values": {"owner": str(stage.foreign[Member].pk)}}
    return [
        Sample(given),
        Sample(given | {"query": None, "ids": [foreign]}, hostile=True),
        Sample(given | {"deed": theirs}, hostile=True),
    ]


def _change_contacts(stage: Stage) -> list[Sample]:
    given = {"rows": "contacts", "query": {}, "ids": [], "deed": {"kind": "delete", "values": {}}}
    foreign = str(stage.foreign[Contact].pk)
    return [Sample(given), Sample(given | {"query": None, "ids": [foreign]}, hostile=True)]


def _take_back(**given: str) -> Make:
    return lambda stage: [
        Sample({"job": str(stage.rows[Job].pk), **given}),
        Sample({"job": str(stage.foreign[Job].pk), **given}, hostile=True),
    ]


def _exports(stage: Stage) -> list[Sample]:
    """Whole lists, and one narrowed to the other company's record."""
    given = {"query": {}, "columns": [], "ids": [], "whole": True, "format": "csv"}
    foreign = {"list": "customers", "ids": [str(stage.foreign[Customer].pk)]}
    lists = [Sample(given | {"list": one.name, "whole": one.whole}) for one in all_listings()]
    return [*lists, Sample(given | foreign, hostile=True)]


def _webhooks(stage: Stage) -> list[Sample]:
    with tenant_context(stage.tenant.pk):
        endpoint = webhooks.create_webhook(actor=stage.member, url=stage.receiver.url)
        event = WebhookEvent.objects.get(pk=stage.rows[WebhookEvent].pk)
    foreign = {
        "endpoint": str(stage.foreign[WebhookEndpoint].pk),
        "event": str(stage.foreign[WebhookEvent].pk),
    }
    own = {"endpoint": str(endpoint.pk), "event": str(event.pk)}
    return [
        Sample({"payload": own}),
        Sample({"payload": own | {"event": foreign["event"]}}, hostile=True),
        Sample({"payload": foreign}, hostile=True),
    ]


def _person(stage: Stage) -> str:
    """Somebody who was born to be erased."""
    with tenant_context(stage.tenant.pk):
        return str(create_customer(name="Gone Soon", email="gone@example.com", actor=None).pk)


def _persons(stage: Stage) -> list[Sample]:
    given = {"of": "customer", "reason": "Asked"}
    foreign = {"id": str(stage.foreign[Customer].pk)}
    return [Sample(given | {"id": _person(stage)}), Sample(given | foreign, hostile=True)]


Make = Callable[[Stage], list[Sample]]

# Positional arguments of the message; the company is in its header.
TASKS: dict[str, Make] = {
    "crm.tasks.tick": lambda stage: [Sample([])],
    "crm.tasks.work_for_tenant": lambda stage: [Sample([])],
    "crm.tasks.run_job": _job_ids,
}

# ``params`` of the job.
JOBS: dict[str, Make] = {
    "import": _imports,
    "churn_backtest": lambda stage: [Sample(_backtest(stage))],
    "change_customers": _change_many,
    "undo_change_customers": _take_back(),
    "change_follow_ups": _change_follow_ups,
    "undo_change_follow_ups": _take_back(rows="follow_ups"),
    "change_contacts": _change_contacts,
    "undo_change_contacts": _take_back(rows="contacts"),
    "change_tickets": _change_tickets,
    "undo_change_tickets": _take_back(rows="tickets"),
    "decide_captures": _decide,
    "undo_decide_captures": _wait_again,
    "export": _exports,
    "undo_import": _undo_imports,
    "apply_classes": lambda stage: [Sample({})],
    "find_duplicates": lambda stage: [Sample({})],
    "export_person": _persons,
    "erase_person": _persons,
}

# Fields of the delivery.
CHANNELS: dict[str, Make] = {
    "email": lambda stage: [
        Sample({"payload": {"subject": "s", "title": "t", "text": "x"}, "member": stage.member})
    ],
    "notification": lambda stage: [Sample({"payload": {"title": "t"}, "member": stage.member})],
    "webhook": _webhooks,
}

# What follows ``--tenant``.
COMMANDS: dict[str, Make] = {
    "work": lambda stage: [Sample(["--json"]), Sample(["--until", stage.day(-400), "--json"])],
    "verify_audit": lambda stage: [Sample([]), Sample(["--json"])],
    "classify": lambda stage: [Sample(["--json"]), Sample(["--as-of", stage.day(30)])],
    "score_churn": lambda stage: [Sample(["--export", str(stage.folder / "scores.csv"), "--json"])],
    "backtest_churn": lambda stage: [Sample(["--cut", stage.day(100), "--horizon", "60", "--json"])],
    "seed_demo": lambda stage: [Sample(["--customers", "12", "--json"])],
    "find_duplicates": lambda stage: [Sample(["--json"])],
    "export_file": lambda stage: [
        Sample([str(stage.folder / f"{one.name}.csv"), "--kind", one.name, "--json"])
        for one in all_listings()
    ],
    "undo_import": lambda stage: [Sample([_brought_in(stage), "--json"])],
    "import_file": _file_with_their_key,
    "export_person": lambda stage: [
        Sample(["--customer", _person(stage), str(stage.folder / "person.json"), "--json"])
    ],
    "erase_person": lambda stage: [Sample(["--customer", _person(stage), "--json"])],
    "receive_mail": lambda stage: [Sample([str(stage.file(f"From: <{SHARED_EMAIL}>\n\nHello")), "--json"])],
}
