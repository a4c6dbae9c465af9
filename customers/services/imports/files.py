"""A file at hand, from beginning to end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.models import Member
from customers.imports.reading import format_of
from customers.models import Import
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
    dry_run: bool = False,
    progress: Progress = lambda rows: None,
) -> dict[str, Any]:
    """Bring in one file in one transaction; the result counts every row of it once.

    A column mapped to ``custom:<key>`` that is no field yet makes one.
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
    result = run(
        import_=import_, path=path, actor=actor, dry_run=dry_run, progress=progress, makes_fields=True
    )
    if not dry_run:
        import_.state, import_.finished_at = Import.State.DONE, timezone.now()
        import_.counts = {name: told for name, told in result.items() if name != "errors_file"}
        import_.errors_path = result["errors_file"]
        import_.save()
    return result
