"""Columns that become custom fields of the company: defined as the file is brought in, or by what their values are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from crm.errors import DomainError
from customers.imports.custom import RECORDS, kind_for
from customers.imports.errors import MappingRefused
from customers.imports.fields import PREFIX, field_of
from customers.imports.reading import Row, rows_of
from customers.models import Import
from customers.models.custom import FieldKind
from customers.services.custom_fields import MOST_CHOICES, create_field
from customers.services.imports.mending import form_of

NEW = "new:"
KINDS = (
    FieldKind.TEXT,
    FieldKind.NUMBER,
    FieldKind.MONEY,
    FieldKind.DATE,
    FieldKind.YES_NO,
    FieldKind.CHOICE,
)
NAMES = frozenset(f"{NEW}{kind.value}" for kind in KINDS)


def made_as_asked(import_: Import, path: Path) -> dict[str, str]:
    """Define the fields that columns were asked to become; the mapping with these."""
    mapping, record = dict(import_.mapping), RECORDS.get(import_.kind)
    for heading, name in import_.mapping.items():
        if record and name in NAMES:
            kind = FieldKind(name.removeprefix(NEW))
            choices = _values(import_, path, heading) if kind == FieldKind.CHOICE else []
            try:
                field = create_field(
                    record=record, kind=kind, label=heading[:80], choices=choices, actor=import_.created_by
                )
            except DomainError as error:
                raise MappingRefused(_sentence(heading, error), errors=error.errors) from error
            mapping[heading] = f"{PREFIX}{field.key}"
    return mapping


def _values(import_: Import, path: Path, heading: str) -> list[str]:
    """The different values of a column: the choices there are."""
    found: dict[str, None] = {}
    with rows_of(path, form_of(import_)) as (header, rows):
        at = header.index(heading)
        for _line, row in rows:
            if at < len(row) and (text := row[at].strip()):
                found.setdefault(text)
                if len(found) > MOST_CHOICES:
                    raise MappingRefused(
                        _("“%(column)s” holds more than %(most)d different values. Make it a text.")
                        % {"column": heading, "most": MOST_CHOICES}
                    )
    return list(found)


def _sentence(heading: str, error: DomainError) -> str:
    reasons = [reason for told in error.errors.values() for reason in told] or [str(error)]
    return f"{heading}: {' '.join(reasons)}"


def made_by_values(import_: Import, header: list[str], first: Sequence[Row]) -> None:
    """Define the fields that columns are mapped to and nobody has defined, of the kind their first values are of."""
    record = RECORDS.get(import_.kind)
    for heading, name in import_.mapping.items():
        unknown = name.startswith(PREFIX) and field_of(import_.kind, name) is None
        if record and unknown and heading in header:
            at = header.index(heading)
            kind = kind_for(row[at] for _line, row in first if at < len(row))
            key = name.removeprefix(PREFIX)
            try:
                create_field(record=record, kind=kind, label=heading[:80], key=key, actor=import_.created_by)
            except DomainError as error:
                raise MappingRefused(errors=error.errors) from error
