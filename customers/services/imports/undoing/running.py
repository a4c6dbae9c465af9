"""Undoing an import: in one transaction, all that can be taken back, and a list of the rest."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import audit
from crm.errors import Conflict
from crm.models import Member, WakeUp
from crm.planner import many_rows
from crm.tenancy.context import current_tenant_id
from crm.webhooks import events
from customers import normalize
from customers.imports import columns as cells
from customers.models import (
    Consent,
    Contact,
    ContactValue,
    Contract,
    Customer,
    CustomerValue,
    CustomField,
    FollowUp,
    Import,
    Interaction,
    Merge,
    Product,
    Purchase,
    PurchaseLine,
)
from customers.selectors.custom import forget_fields
from customers.services import renewals, stats
from customers.services.imports.running import CHANGES, queue_up
from customers.services.imports.undoing import images, lines
from customers.services.imports.undoing.images import FRESH, GONE, IMAGES, KEPT, NORMS, Undo
from customers.services.imports.work import TOUCHED
from customers.services.upkeep import forget_changes

Progress = Callable[[int], None]
# What hangs on others first.
ORDER: tuple[type[models.Model], ...] = (
    Consent,
    Contract,
    FollowUp,
    Purchase,
    Interaction,
    Contact,
    Customer,
    Product,
    CustomField,
)
SEARCHED = (Customer, Contact)
LISTED = 500
CHUNK = 10_000
EVENTS: dict[type[models.Model], tuple[str, str]] = {
    Customer: ("customer.updated", "customer.deleted"),
    Contact: ("contact.updated", "contact.deleted"),
    Purchase: ("", "purchase.deleted"),
    Contract: ("contract.updated", "contract.deleted"),
}


class AlreadyUndone(Conflict):
    """An import is undone once, and only one that was brought in."""

    code = "import_not_undoable"
    message = _("Only an import that was brought in, and not undone yet, can be undone.")


@transaction.atomic
def undo(
    *, import_: Import, actor: Member | None, progress: Progress = lambda records: None
) -> dict[str, Any]:
    """Remove what the import made and restore what it changed.

    What somebody changed since, or hung something on, stays and is listed. Gives ``restored``, ``removed`` and
    ``kept`` records, and the first of these as ``left``. ``progress`` is told how many records were looked at, and
    may raise to cancel: then nothing was done.
    """
    queue_up()
    locked = Import.objects.select_for_update().get(pk=import_.pk)
    if locked.state != Import.State.DONE or locked.request_id is None:
        raise AlreadyUndone
    work = Undo(locked.request_id)
    models_of_it: tuple[type[models.Model], ...] = (*ORDER, PurchaseLine)
    labels = [model._meta.label_lower for model in models_of_it]
    images.begin(work, labels)
    _note_touched(work)
    seen = 0
    with many_rows():
        for model in ORDER:
            seen += _take_back(work, model)
            progress(seen)
    forget_changes(locked.request_id)
    return _settle(work, locked, actor)


def _take_back(work: Undo, model: type[models.Model]) -> int:
    """Everything of one kind of record; how many there were."""
    label = model._meta.label_lower
    counted = dict(
        work.ask(f"SELECT kind, count(*) FROM {IMAGES} WHERE model = %(label)s GROUP BY 1", label=label)
    )
    updated, deleted = EVENTS.get(model, ("", ""))
    if counted.get("insert") or counted.get("parts"):
        images.find_made(work, model)
        if model is Purchase:
            lines.compare(work)
            images.spare_used(work, model, without=(PurchaseLine,))
            lines.remove(work)
        elif model is CustomField:
            _spare_filled(work)
        else:
            images.spare_used(work, model)
        if deleted:
            events.emit_from(deleted, f"SELECT id FROM {GONE}")
        images.remove(work, model)
        if model is Purchase:
            lines.put_back(work)
    if counted.get("update") and (columns := images.find_changed(work, model)):
        norms = _norms(work, model, columns) if model in SEARCHED else []
        images.restore(work, model, columns, norms=norms)
        if updated:
            events.emit_from(updated, f"SELECT id FROM {FRESH}")
    return sum(counted.values())


def _spare_filled(work: Undo) -> None:
    """A field that holds values others gave stays."""
    for values in (CustomerValue, ContactValue):
        work.run(
            f"DELETE FROM {GONE} g WHERE EXISTS (SELECT FROM {values._meta.db_table} v "
            "WHERE v.tenant_id = %(tenant)s::uuid AND v.field_id = g.id)"
        )


def _note_touched(work: Undo) -> None:
    """The customers whose figures may change."""
    work.run(f"DROP TABLE IF EXISTS pg_temp.{TOUCHED}")
    work.run(f"""
        CREATE TEMPORARY TABLE {TOUCHED} ON COMMIT DROP AS
        SELECT DISTINCT p.customer_id FROM {IMAGES} i
        JOIN customers_purchase p ON p.tenant_id = %(tenant)s::uuid AND p.id = i.id WHERE i.model = 'customers.purchase'
        UNION SELECT t.customer_id FROM {IMAGES} i
        JOIN customers_interaction t ON t.tenant_id = %(tenant)s::uuid AND t.id = i.id
        WHERE i.model = 'customers.interaction'
        UNION SELECT f.customer_id FROM {IMAGES} i
        JOIN customers_followup f ON f.tenant_id = %(tenant)s::uuid AND f.id = i.id
        WHERE i.model = 'customers.followup'""")


# Columns that records are found by: made anew from the texts that come back.


def _norms(work: Undo, model: type[models.Model], columns: list[str]) -> list[str]:
    """Fill ``NORMS`` for the records whose name, address or number changes; gives its columns."""
    given: list[str] = [name for name in ("name", "email", "phone") if name in columns]
    if not given:
        return []
    work.run(f"DROP TABLE IF EXISTS pg_temp.{NORMS}")
    made = [name for text in given for name in _MADE[text]]
    work.run(
        f"CREATE TEMPORARY TABLE {NORMS} (id uuid, {', '.join(f'{name} text' for name in made)}) ON COMMIT DROP"
    )
    changed = " OR ".join(f"t.{name} <> n.{name}" for name in given)
    rows = work.ask(f"""
        SELECT n.id::text, {", ".join(f"n.{name}" for name in given)}
        FROM {FRESH} n JOIN {model._meta.db_table} t ON t.tenant_id = %(tenant)s::uuid AND t.id = n.id
        WHERE {changed}""")
    with connection.cursor() as cursor:
        for chunk in _chunks(rows, given):
            cursor.copy_expert(
                f"COPY {NORMS} FROM STDIN (FORMAT csv, FORCE_NOT_NULL ({', '.join(made)}))", chunk
            )
    work.run(f"ANALYZE {NORMS}")
    return made


_MADE: dict[str, tuple[str, ...]] = {
    "name": ("name_norm", "pinyin", "initials"),
    "email": ("email_norm",),
    "phone": ("phone_norm",),
}


def _chunks(rows: list[tuple[Any, ...]], given: list[str]) -> Iterator[io.StringIO]:
    region, found = normalize.home_region(), iter(rows)
    while some := list(islice(found, CHUNK)):
        ids, *texts = (list(column) for column in zip(*some, strict=True))
        made: list[list[str]] = [ids]
        for name, column in zip(given, texts, strict=True):
            if name == "name":
                spelled = cells.pinyins(column)
                made += [cells.name_norms(column), [p for p, _i in spelled], [i for _p, i in spelled]]
            else:
                made.append(
                    cells.email_norms(column) if name == "email" else cells.phone_norms(column, region)
                )
        out = io.StringIO()
        csv.writer(out).writerows(zip(*made, strict=True))
        out.seek(0)
        yield out


# What follows


def _settle(work: Undo, import_: Import, actor: Member | None) -> dict[str, Any]:
    forget_fields()
    work.run(
        f"DELETE FROM {TOUCHED} t WHERE NOT EXISTS (SELECT FROM customers_customer c "
        "WHERE c.tenant_id = %(tenant)s::uuid AND c.id = t.customer_id)"
    )
    work.run(f"ANALYZE {TOUCHED}")
    if CHANGES.get(import_.kind):
        stats.refresh(among=TOUCHED, parts=CHANGES[import_.kind])
    if import_.kind == Import.Kind.CONTRACTS:
        renewals.keep_reminders()
    kept = work.ask(f"SELECT count(DISTINCT (model, id)) FROM {KEPT}")[0][0]
    counts = {"restored": work.counts.restored, "removed": work.counts.removed, "kept": kept}
    import_.state, import_.undone_at, import_.undone_by = Import.State.UNDONE, timezone.now(), actor
    import_.undone = counts | {"left": _left(work)}
    import_.save(update_fields=["state", "undone_at", "undone_by", "undone"])
    WakeUp.objects.create(tenant_id=current_tenant_id(), at=timezone.now())
    audit.record("import.undone", import_, actor=actor, **counts)
    return {"import": str(import_.pk), **import_.undone}


def _left(work: Undo) -> list[dict[str, Any]]:
    """The first records that stayed: what they are called and what changed in them."""
    rows = work.ask(f"""
        SELECT model, id::text, array(SELECT DISTINCT c FROM unnest(array_agg(x.columns)) c)
        FROM (SELECT model, id, unnest(columns) AS columns FROM {KEPT}) x GROUP BY 1, 2 ORDER BY 1, 2
        LIMIT {LISTED}""")
    names: dict[str, str] = {}
    for label in {model for model, _pk, _columns in rows}:
        found = apps.get_model(label)._base_manager.filter(
            pk__in=[pk for model, pk, _c in rows if model == label]
        )
        names |= {str(record.pk): str(record)[:200] for record in found}
    customer = Customer._meta.label_lower
    mine = [pk for label, pk, _columns in rows if label == customer]
    survivors = Merge.objects.standing().filter(survivor__in=mine).values_list("survivor_id", flat=True)
    merged = {(customer, str(pk)) for pk in survivors}
    return [
        {
            "model": label,
            "id": pk,
            "name": names.get(pk, ""),
            # What a merge wrote over is told as the merge, beside what it wrote.
            "columns": sorted({*columns, customer} if (label, pk) in merged else columns),
        }
        for label, pk, columns in rows
    ]
