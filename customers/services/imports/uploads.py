"""The wizard's steps: an uploaded file is looked at, mapped, checked, and brought in by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm import audit
from crm.errors import Conflict, NotFound
from crm.models import Job, Member
from crm.people.roles import may
from crm.services import jobs
from customers.imports.custom import RECORDS
from customers.imports.errors import FileRefused, MappingRefused
from customers.imports.fields import field_of
from customers.imports.mapping import guess, head_of, refuse_key, resolve
from customers.imports.reading import XLSX, Format, all_rows, format_of, rows_of, sheets_of
from customers.models import Import
from customers.services.imports import answering, leaving
from customers.services.imports.new_fields import NAMES
from customers.services.imports.running import folder
from customers.services.imports.undoing import AlreadyUndone

JOB, UNDO = "import", "undo_import"
SHOWN_ROWS = 5
SHOWN_CELL = 80
HEAD_AMONG = 20
MAX_UPLOAD = 1 * 2**30
OPEN = (Import.State.UPLOADED, Import.State.CHECKED, Import.State.FAILED, Import.State.CANCELLED)


class ImportBusy(Conflict):
    """The import is running or done; its choices can no longer change."""

    code = "import_busy"


def receive(*, kind: str, upload: Any, actor: Member) -> Import:
    """Keep an uploaded file and look at it: encoding, header, first rows, a guess at the columns."""
    if upload.size > MAX_UPLOAD:
        raise FileRefused(_("The file is larger than %(limit)d GB.") % {"limit": MAX_UPLOAD // 2**30})
    import_ = Import(kind=kind, file_name=Path(upload.name).name[:255], created_by=actor)
    path = folder() / f"{import_.pk}.upload"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        _look_at(import_, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    with transaction.atomic():
        import_.save(force_insert=True)
        audit.record("import.uploaded", import_, actor=actor, file=import_.file_name)
    return import_


def _look_at(import_: Import, path: Path, sheet: str = "", head: int = 0) -> None:
    form = format_of(path)
    import_.path, import_.encoding, import_.delimiter = str(path), form.encoding, form.delimiter
    sheets = sheets_of(path) if form.encoding == XLSX else []
    form = replace(form, sheet=sheet)
    form = replace(form, head=head or found_head(import_.kind, path, form))
    with rows_of(path, form) as (header, rows):
        first = [
            [cell[:SHOWN_CELL] for cell in row[: len(header)]] for _line, row in islice(rows, SHOWN_ROWS)
        ]
    import_.mapping = guess(import_.kind, header)
    import_.preview = {
        "header": header,
        "rows": first,
        "guess": import_.mapping,
        "lines": _lines(path, form),
        "sheets": sheets,
        "sheet": sheet,
        "head": form.head,
    }
    _remember(import_, header)


def found_head(kind: str, path: Path, form: Format) -> int:
    """The line of a file that seems to name its columns."""
    with all_rows(path, form) as rows:
        return head_of(kind, list(islice(rows, HEAD_AMONG)))


def _remember(import_: Import, header: list[str]) -> None:
    """The choices made for the last file of this kind with the same columns: the same source, most likely."""
    last = (
        Import.objects.filter(kind=import_.kind, preview__header=header)
        .exclude(state__in=(Import.State.UPLOADED, Import.State.FAILED))
        .order_by("-created_at")
        .first()
    )
    if last is not None:
        known = {
            name
            for name in last.mapping.values()
            if not name or name in NAMES or field_of(import_.kind, name)
        }
        import_.mapping = {column: name for column, name in last.mapping.items() if name in known}
        import_.mode, import_.key, import_.unknown = last.mode, last.key, last.unknown
        import_.alike = last.alike
        import_.preview["remembered"] = last.file_name
        answering.remember(import_, last)


@transaction.atomic
def read_again(*, import_: Import, sheet: str = "", head: int = 0) -> Import:
    """Look at another sheet of the workbook, or take another line for the one that names the columns."""
    _refuse_busy(import_)
    if sheet and sheet not in import_.preview.get("sheets", []):
        raise NotFound
    _look_at(import_, Path(import_.path), sheet, head)
    import_.state = Import.State.UPLOADED
    import_.save()
    return import_


@transaction.atomic
def mend(
    *,
    import_: Import,
    rows: Mapping[int, list[str]],
    actor: Member,
    alike: str = "",
    answers: answering.Answers | None = None,
    leave: leaving.Choice | None = None,
) -> Job:
    """Put mended rows in the place of those that were not taken, and try the file out again; ``alike`` says what
    shall become of lines that look like another, ``answers`` what unknown values mean in every line, ``leave`` which
    rows are left out."""
    _refuse_busy(import_)
    if alike in Import.Alike.values:
        import_.alike = alike
    answering.take(import_, answers or {}, actor)
    _take_mended(import_, rows, actor)
    leaving.take(import_, leave, actor)
    return _start(import_, actor, dry_run=True)


def _take_mended(import_: Import, rows: Mapping[int, list[str]], actor: Member) -> None:
    known = {one["line"]: one["cells"] for one in import_.preview.get("bad", [])}
    mended = {
        str(line): cells
        for line, cells in rows.items()
        if line in known and len(cells) == len(known[line]) and cells != known[line]
    }
    if mended:
        import_.preview["mended"] = import_.preview.get("mended", {}) | mended
        audit.record("import.mended", import_, actor=actor, lines=sorted(map(int, mended)))


def _lines(path: Path, form: Format) -> int | None:
    """About how many rows there are below the column names; unknown for a workbook."""
    if form.encoding == XLSX:
        return None
    with path.open("rb") as file:
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(2**20), b""))
    return max(lines - max(form.head, 1), 1)


@transaction.atomic
def check(
    *, import_: Import, mapping: Mapping[str, str], mode: str, key: str, unknown: str, actor: Member
) -> Job:
    """Take the choices and try them out in the background: nothing is written, everything is counted.

    ``mapping`` names a field, or nothing, for each column.
    """
    return bring(
        import_=import_, mapping=mapping, mode=mode, key=key, unknown=unknown, actor=actor, dry_run=True
    )


@transaction.atomic
def bring(
    *,
    import_: Import,
    mapping: Mapping[str, str],
    mode: str,
    key: str,
    unknown: str,
    actor: Member,
    alike: str = "",
    answers: answering.Answers | None = None,
    dry_run: bool = False,
) -> Job:
    """The same at one go, for programs: what cannot be taken is told afterwards. ``answers`` replace
    those there are."""
    _refuse_busy(import_)
    known = {column: name for column, name in mapping.items() if name not in NAMES}
    if len(known) < len(mapping) and not (import_.kind in RECORDS and may(actor.role, "settings.manage")):
        raise MappingRefused(_("You may not define fields."))
    resolve(import_.kind, import_.preview["header"], known | dict.fromkeys(mapping.keys() - known, ""))
    refuse_key(import_.kind, key, mapping.values())
    answering.forget_other_columns(import_, mapping)
    import_.mapping, import_.mode, import_.key, import_.unknown = dict(mapping), mode, key, unknown
    import_.alike = alike or import_.alike
    if answers is not None:
        answering.give(import_, answers, actor)
    return _start(import_, actor, dry_run=dry_run)


@transaction.atomic
def begin(
    *,
    import_: Import,
    actor: Member,
    rows: Mapping[int, list[str]] | None = None,
    answers: answering.Answers | None = None,
    leave: leaving.Choice | None = None,
) -> Job:
    """Bring the checked file in, in the background, with what was mended in ``rows``, answered and left out and not
    checked again."""
    _refuse_busy(import_)
    if import_.state != Import.State.CHECKED:
        raise ImportBusy(_("Check the file first."))
    answering.take(import_, answers or {}, actor)
    _take_mended(import_, rows or {}, actor)
    leaving.take(import_, leave, actor)
    return _start(import_, actor, dry_run=False)


def _start(import_: Import, actor: Member, *, dry_run: bool) -> Job:
    # What is wrong with its rows is told in the language that was spoken when it was asked for.
    params = {"import": str(import_.pk), "dry_run": dry_run, "language": get_language()}
    import_.job = jobs.start(kind=JOB, params=params, actor=actor, total=import_.preview.get("lines"))
    import_.state, import_.error = Import.State.WAITING, ""
    import_.save()
    return import_.job


@transaction.atomic
def stop(*, import_: Import) -> None:
    """Ask a waiting or running import to stop; nothing of it stays."""
    if import_.job is None:
        raise ImportBusy(_("The import is not running."))
    jobs.cancel(import_.job)


@transaction.atomic
def undo_later(*, import_: Import, actor: Member | None) -> Job:
    """Take an import back in the background; asked twice, it is the same job."""
    locked = Import.objects.select_for_update().get(pk=import_.pk)
    if locked.state != Import.State.DONE or locked.request_id is None:
        raise AlreadyUndone
    mine = Job.objects.running().filter(kind=UNDO, params__import=str(import_.pk)).first()
    total = sum(import_.counts.get(name, 0) for name in ("created", "updated"))
    return mine or jobs.start(kind=UNDO, params={"import": str(import_.pk)}, actor=actor, total=total)


def _refuse_busy(import_: Import) -> None:
    if import_.state not in OPEN or not import_.path:
        raise ImportBusy(_("This import is running or done. Bring the file again to change something."))
