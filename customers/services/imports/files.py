"""A file at hand, from beginning to end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.models import Member
from customers.imports.fields import PREFIX, field_of
from customers.imports.mapping import resolve
from customers.imports.reading import format_of, rows_of
from customers.models import Import
from customers.services.imports import answering, mending
from customers.services.imports.running import run
from customers.services.imports.staging import Progress
from customers.services.imports.uploads import found_head


@transaction.atomic
def import_file(
    *,
    path: Path,
    kind: str,
    actor: Member | None = None,
    mapping: Mapping[str, str] | None = None,
    key: str = "",
    mode: str = Import.Mode.BOTH,
    unknown: str = Import.Unknown.REJECT,
    alike: str = Import.Alike.APART,
    answers: answering.Answers | None = None,
    dry_run: bool = False,
    progress: Progress = lambda rows: None,
) -> dict[str, Any]:
    """Bring in one file in one transaction; the result counts every row of it once.

    A column mapped to ``custom:<key>`` that is no field yet makes one. ``answers`` says by column and value what its
    cells say instead, as over the API.
    ``rows`` = created + updated + unchanged + duplicates + rejected; ``made`` counts the records behind them.
    """
    form = format_of(path)
    import_ = Import(
        kind=kind,
        file_name=path.name[:255],
        encoding=form.encoding,
        delimiter=form.delimiter,
        mapping=dict(mapping or {}),
        mode=mode,
        key=key,
        unknown=unknown,
        alike=alike,
        state=Import.State.RUNNING,
        created_by=actor,
    )
    import_.preview = {"head": found_head(kind, path, form)}
    import_.request_id = import_.pk  # by which the history knows what it changed
    if not dry_run:
        import_.save(force_insert=True)
    if answers:
        _answer(import_, path, answers, actor, dry_run=dry_run)
    result = run(
        import_=import_, path=path, actor=actor, dry_run=dry_run, progress=progress, makes_fields=True
    )
    if not dry_run:
        import_.state, import_.finished_at = Import.State.DONE, timezone.now()
        import_.counts = {name: told for name, told in result.items() if name != "errors_file"}
        import_.errors_path = result["errors_file"]
        import_.save()
    return result


def _answer(
    import_: Import, path: Path, answers: answering.Answers, actor: Member | None, *, dry_run: bool
) -> None:
    """Take the answers for columns by what they are mapped to; a field that is yet to be made asks nothing."""
    with rows_of(path, mending.form_of(import_)) as (header, _rows):
        made = {column for column, name in import_.mapping.items() if _unmade(import_.kind, name)}
        known = {column: "" if column in made else name for column, name in import_.mapping.items()}
        import_.mapping = resolve(import_.kind, header, known) | import_.mapping
    if dry_run:
        answering.keep(import_, answers)
    else:
        answering.give(import_, answers, actor)


def _unmade(kind: str, name: str) -> bool:
    return name.startswith(PREFIX) and field_of(kind, name) is None
