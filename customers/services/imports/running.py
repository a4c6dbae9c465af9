"""Running an import: everything in one transaction, or nothing of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import audit
from crm.errors import Conflict
from crm.models import Member, Tenant, WakeUp
from crm.tenancy.context import current_tenant_id, within_request
from crm.texts import clean
from customers import normalize
from customers.imports import columns as cells
from customers.imports.columns import Column, Setting, column_of
from customers.imports.custom import converter
from customers.imports.fields import PREFIX, field_of
from customers.imports.mapping import refuse_key, resolve
from customers.imports.reading import Row, rows_of
from customers.models import Import
from customers.selectors.custom import forget_fields
from customers.services import renewals, stats
from customers.services.imports import (
    consents,
    kinds,
    main_contacts,
    mending,
    new_fields,
    owners,
    purchases,
    records,
    told,
)
from customers.services.imports.staging import Progress, Rejects, Stage
from customers.services.imports.work import ALIKE, ASIDE, SAME, TOUCHED, Counts, Work, with_ids

SAMPLES = 200
# Which figures of the customers it touches a kind of file may change; a new customer has none yet.
CHANGES: dict[str, tuple[str, ...]] = {
    Import.Kind.CUSTOMERS: (),
    Import.Kind.PURCHASES: ("bought",),
    Import.Kind.INTERACTIONS: ("spoken",),
    Import.Kind.VISITS: ("spoken", "promised"),
    Import.Kind.CONTRACTS: ("promised",),
}
STAGED = (
    "import_row",
    TOUCHED,
    "import_unknown",
    "import_order",
    "import_line",
    ASIDE,
    SAME,
    ALIKE,
    consents.SAID,
    main_contacts.STAGED,
)
MONTH_FIRST = ("America/", "US/", "Pacific/Honolulu", "Asia/Manila")


def folder() -> Path:
    """Where the open company's files of imports stand."""
    return Path(settings.MEDIA_ROOT) / str(current_tenant_id()) / "imports"


def run(
    *,
    import_: Import,
    path: Path,
    actor: Member | None = None,
    dry_run: bool = False,
    progress: Progress = lambda rows: None,
    makes_fields: bool = False,
) -> dict[str, Any]:
    """Bring in the file at ``path`` as ``import_`` says, and give its result.

    All or nothing: a refusal, a cancelled run and a dry run leave no row behind. ``progress`` is told how
    many rows were read, and may raise to cancel. With ``makes_fields`` a column that is mapped to a custom field
    nobody has defined defines it, of the kind its first values are of.
    """
    started = time.monotonic()
    rejects = Rejects(folder() / f"{import_.pk}-{'check' if dry_run else 'errors'}.csv")
    try:
        with transaction.atomic():
            queue_up()
            with (
                within_request(import_.pk),
                rows_of(path, mending.form_of(import_)) as (
                    header,
                    rows,
                ),
            ):
                now = mending.read_as(import_, header, rows)
                wanted = new_fields.made_as_asked(import_, path)
                stage, counts = _bring_in(
                    import_, wanted, header, now, rejects, progress, makes_fields=makes_fields
                )
                if not dry_run:
                    import_.mapping = wanted
                    _settle(import_, counts, actor)
            if dry_run:
                transaction.set_rollback(True)
    except IntegrityError as error:
        raise Conflict(
            _("Records of the file were changed by somebody else meanwhile. Run it again.")
        ) from error
    finally:
        rejects.close()
        forget_fields()  # those that were made may be gone again
    return _result(import_, stage, counts, rejects, time.monotonic() - started)


def queue_up() -> None:
    """One import at a time in a company: two would make the same customer twice."""
    with connection.cursor() as cursor:
        # Left by an earlier import of the same transaction.
        cursor.execute("DROP TABLE IF EXISTS " + ", ".join(f"pg_temp.{table}" for table in STAGED))
        cursor.execute("DROP SEQUENCE IF EXISTS pg_temp.import_nth")
        cursor.execute("CREATE TEMPORARY SEQUENCE import_nth CACHE 1000")
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [f"import:{current_tenant_id()}"]
        )


def _bring_in(
    import_: Import,
    wanted: Mapping[str, str],
    header: list[str],
    rows: Any,
    rejects: Rejects,
    progress: Progress,
    *,
    makes_fields: bool,
) -> tuple[Stage, Counts]:
    tenant = Tenant.objects.get(pk=current_tenant_id())
    first = list(islice(rows, SAMPLES))
    if makes_fields:
        new_fields.made_by_values(import_, header, first)
    mapping = resolve(import_.kind, header, wanted)
    refuse_key(import_.kind, import_.key, mapping.values())
    setting = _setting(tenant, import_.kind)
    columns = _columns(import_.kind, header, mapping, first, setting)
    fields = frozenset(mapping.values())
    if any(name.startswith(PREFIX) for name in fields):
        fields |= {"custom"}
    headings = {name: heading for heading, name in mapping.items()}
    work = Work(tenant, import_, fields, rejects, headings)
    if import_.kind == Import.Kind.PURCHASES:
        stage = Stage(columns, setting, rejects, width=len(header), rule=purchases.rule)
        stage.load(purchases.DEFINITION, chain(first, rows), progress)
        return stage, purchases.write(work)
    is_visits = import_.kind == Import.Kind.VISITS
    spec = kinds.visits(work) if is_visits else kinds.records_of(import_.kind, tenant.currency)
    searchable = import_.kind in (Import.Kind.CUSTOMERS, Import.Kind.CONTACTS)
    if searchable:
        spec = main_contacts.added(consents.added(spec, work), work)
    stage = Stage(columns, setting, rejects, width=len(header), searchable=searchable)
    stage.load(with_ids(spec.definition), chain(first, rows), progress)
    counts = records.write(spec, work)
    if is_visits:
        counts.made["follow-ups"] = kinds.write_next_steps(work)
    return stage, counts


def _columns(
    kind: str, header: list[str], mapping: Mapping[str, str], first: list[Row], setting: Setting
) -> list[Column]:
    found = []
    for heading, name in mapping.items():
        field, at = field_of(kind, name), header.index(heading)
        samples = [clean(row[at]) for _line, row in first if at < len(row)]
        if field is not None:
            found.append(column_of(field, heading, at, samples, setting))
    return found


def _setting(tenant: Tenant, kind: str) -> Setting:
    # Who wrote an old note may have left since; of two who share a name the one who is still here is meant.
    members = list(Member.objects.order_by("active").values_list("pk", "email", "display_name"))
    names = {display_name.casefold(): str(pk) for pk, _email, display_name in members}
    twins = Counter(cells.name_key(display_name) for _pk, _email, display_name in members)
    setting = Setting(
        zone=tenant.zone,
        region=normalize.home_region(),
        day_first=not tenant.timezone.startswith(MONTH_FIRST),
        members=names | {email.casefold(): str(pk) for pk, email, _name in members},
        alike={key: str(pk) for pk, _email, name in members if twins[key := cells.name_key(name)] == 1},
    )
    return replace(setting, own=lambda name, day_first: converter(kind, name, setting, day_first=day_first))


def _settle(import_: Import, counts: Counts, actor: Member | None) -> None:
    """What follows from the rows: figures, the wish to classify, the deed."""
    if import_.kind == Import.Kind.CUSTOMERS:
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMPORARY TABLE {TOUCHED} ON COMMIT DROP AS SELECT new_id AS customer_id FROM import_row "
                "WHERE fate IS NULL AND target_id IS NULL"
            )
            cursor.execute(f"ANALYZE {TOUCHED}")
    if import_.kind in CHANGES:
        stats.refresh(among=TOUCHED, parts=CHANGES[import_.kind])
    if import_.kind == Import.Kind.CONTRACTS:
        renewals.keep_reminders()
    if counts.created or counts.updated:
        WakeUp.objects.create(tenant_id=current_tenant_id(), at=timezone.now())
    told.of(import_.kind)
    owners.tell(counts.handed, actor)
    audit.record("import.done", import_, actor=actor, **_numbers(counts))


def _numbers(counts: Counts) -> dict[str, Any]:
    return {
        "created": counts.created,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "duplicates": counts.duplicates,
        "made": counts.made,
    }


def _result(
    import_: Import, stage: Stage, counts: Counts, rejects: Rejects, seconds: float
) -> dict[str, Any]:
    return {
        "import": str(import_.pk),
        "rows": stage.rows,
        **_numbers(counts),
        "rejected": rejects.rows,
        "seconds": round(seconds, 2),
        "errors_file": rejects.file,
        "first_errors": rejects.first,
        "totals": stage.totals,
        "first_totals": stage.first_totals,
        "alike": counts.alike,
        "first_alike": counts.first_alike,
        "waiting": counts.waiting,
        "left_out": len(mending.left_out(import_)),
    }
