"""Writing lists to files: at once where they are short, by the worker where they are long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import audit
from crm.errors import DomainError, NotAllowed, NotFound
from crm.exports.files import FORMATS
from crm.exports.listings import Ask, Column, Listing, listing_of
from crm.ids import uuid7
from crm.models import Job, Member, Tenant
from crm.saved_views import lists
from crm.services import jobs
from crm.tenancy.context import current_tenant_id

JOB = "export"
CAPABILITY = "customers.export"
AT_ONCE = 10_000
CHUNK = 1_000
FETCHED = 20_000
KEPT = 7 * 86_400  # seconds a finished file waits to be fetched


class ExportRefused(DomainError):
    """What is asked for cannot be exported."""

    code = "export_refused"
    message = gettext_lazy("This cannot be exported.")


def folder() -> Path:
    """Where the open company's exported files stand."""
    return Path(settings.MEDIA_ROOT) / str(current_tenant_id()) / "exports"


def asked(
    *,
    member: Member,
    query: Mapping[str, str],
    columns: Sequence[str] = (),
    ids: Sequence[UUID] = (),
    whole: bool = False,
) -> Ask:
    tenant = Tenant.objects.get(pk=current_tenant_id())
    return Ask(member, tenant, dict(query), tuple(columns), tuple(ids), whole)


def listing_for(member: Member, name: str) -> Listing:
    """A list by its name; refused to who may not see it or take it away."""
    listing = listing_of(name)
    if listing is None:
        raise NotFound
    if not (member.can(CAPABILITY) and member.can(listing.needs)):
        raise NotAllowed
    return listing


def refuse_unknown(listing: Listing, query: Mapping[str, str]) -> None:
    """Refuse a file for which a filter is asked that the list does not know: more would stand in it than is meant."""
    if kind := lists.list_at(listing.back):
        lists.refuse_unknown(kind, query)


def fits_at_once(listing: Listing, ask: Ask) -> bool:
    return listing.ids(ask).order_by()[: AT_ONCE + 1].count() <= AT_ONCE


def export_now(*, listing: Listing, ask: Ask, form: str) -> Path:
    """Write the file within the open transaction; the caller takes it away."""
    refuse_unknown(listing, ask.query)
    path = _new_file(uuid7(), form)
    count = _write(listing, ask, form, path, ids=_ids(listing.ids(ask)))
    _record(listing, ask, form, count)
    return path


def export_to(*, listing: Listing, ask: Ask, form: str, path: Path) -> int:
    """Write the file at ``path``; gives how many rows."""
    refuse_unknown(listing, ask.query)
    count = _write(listing, ask, form, path, ids=_ids(listing.ids(ask)))
    _record(listing, ask, form, count)
    return count


def export_later(*, listing: Listing, ask: Ask, form: str) -> Job:
    """Have the worker write the file."""
    if form not in FORMATS:
        raise ExportRefused(_("There is no such format."))
    refuse_unknown(listing, ask.query)
    params = {
        "list": listing.name,
        "query": dict(ask.query),
        "columns": list(ask.columns),
        "ids": [str(pk) for pk in ask.ids],
        "whole": ask.whole,
        "format": form,
    }
    return jobs.start(kind=JOB, params=params, actor=ask.member)


def run(job: Job) -> dict[str, Any]:
    """The runner of ``export_later``: which records is decided once; they are read in transactions of their own."""
    with jobs.working_on(job):
        listing, ask = _of_job(job)
        ids, path = _ids(listing.ids(ask)), _new_file(job.pk, job.params["format"])
    jobs.report(job, 0, total=len(ids) // 16)
    try:
        count = _write(listing, ask, job.params["format"], path, ids=ids, around=job)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    with jobs.working_on(job):
        _record(listing, ask, job.params["format"], count)
        return {"rows": count, "file": path.name}


def file_of(job: Job) -> Path | None:
    """The file a finished export left, while it is kept."""
    name = job.result.get("file", "") if job.kind == JOB else ""
    path = folder() / Path(name).name
    return path if name and path.is_file() else None


def _of_job(job: Job) -> tuple[Listing, Ask]:
    if job.created_by is None:
        raise NotFound
    given = job.params
    listing = listing_for(job.created_by, given["list"])
    ids = [UUID(pk) for pk in given["ids"]]
    ask = asked(
        member=job.created_by, query=given["query"], columns=given["columns"], ids=ids, whole=given["whole"]
    )
    return listing, ask


def columns_of(listing: Listing, ask: Ask) -> list[Column]:
    """The columns of the file: those shown, less what the member's role may not see."""
    return [c for c in listing.columns(ask) if not c.needs or ask.member.can(c.needs)]


def _write(
    listing: Listing, ask: Ask, form: str, path: Path, *, ids: bytes, around: Job | None = None
) -> int:
    table, count, told = None, 0, time.monotonic()
    chunks = [ids] if not ids else (ids[at : at + 16 * CHUNK] for at in range(0, len(ids), 16 * CHUNK))
    try:
        for chunk in chunks:
            keys = [UUID(bytes=chunk[at : at + 16]) for at in range(0, len(chunk), 16)]
            head, rows = _inside(around, lambda: _read(listing, ask, keys))  # noqa: B023  run at once
            if table is None:
                table = FORMATS[form](path, head, zone=ask.zone)
            table.add(rows)
            count += len(rows)
            if around and time.monotonic() - told > 1:
                told = time.monotonic()
                jobs.report(around, count)
    finally:
        if table is not None:
            table.close()
    return count


def _read(listing: Listing, ask: Ask, keys: list[UUID]) -> tuple[list[str], list[list[Any]]]:
    columns = columns_of(listing, ask)
    found = {getattr(row, listing.key): row for row in listing.load(ask, keys)} if keys else {}
    records = (found[key] for key in keys if key in found)
    if listing.several:
        records = (part for record in records for part in listing.several(record))
    return [str(c.label) for c in columns], [[c.read(record) for c in columns] for record in records]


def _inside(job: Job | None, read: Callable[[], Any]) -> Any:
    if job is None:
        return read()
    with jobs.working_on(job):
        return read()


def _ids(queryset: QuerySet[Any]) -> bytes:
    """All ids in order, sixteen bytes each, through a cursor of the server."""
    found = bytearray()
    for rows in _fetched(queryset):
        for (pk,) in rows:
            found += pk.bytes
    return bytes(found)


def _fetched(queryset: QuerySet[Any]) -> Iterator[list[tuple[UUID]]]:
    try:
        sql, parameters = queryset.query.sql_with_params()
    except EmptyResultSet:
        return
    with connection.cursor() as cursor:
        cursor.execute(f"DECLARE exported NO SCROLL CURSOR FOR {sql}", parameters)
        while rows := _next_rows(cursor):
            yield rows
        cursor.execute("CLOSE exported")


def _next_rows(cursor: Any) -> list[tuple[UUID]]:
    cursor.execute(f"FETCH {FETCHED} FROM exported")
    return list(cursor.fetchall())


def _new_file(pk: UUID, form: str) -> Path:
    """A file's place; those nobody fetched in a week make room."""
    if form not in FORMATS:
        raise ExportRefused(_("There is no such format."))
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    for old in place.iterdir():
        if old.stat().st_mtime < time.time() - KEPT:
            old.unlink(missing_ok=True)
    return place / f"{pk}.{form}"


def _record(listing: Listing, ask: Ask, form: str, count: int) -> None:
    audit.record(
        "list.exported",
        actor=ask.member,
        list=listing.name,
        format=form,
        rows=count,
        columns=[column.key for column in columns_of(listing, ask)],
        query=dict(ask.query),
        chosen=len(ask.ids),
        whole=ask.whole,
    )
