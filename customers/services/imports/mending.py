"""Rows that are not taken: shown to be mended in place, and as a file to be mended and brought in again."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from crm.exports.cells import restored, tame
from customers.imports.reading import Format, Row, rows_of
from customers.models import Import

SHOWN = 50
MOST_CELL = 2_000


def form_of(import_: Import) -> Format:
    preview = import_.preview
    return Format(import_.encoding, import_.delimiter, preview.get("sheet", ""), preview.get("head", 0))


def mended(rows: Iterator[Row], import_: Import) -> Iterator[Row]:
    """The rows, those that were mended in place as they are now."""
    changed: dict[str, list[str]] = import_.preview.get("mended", {})
    if not changed:
        return rows
    return ((line, changed.get(str(line), row)) for line, row in rows)


def lay_out(import_: Import, path: Path) -> tuple[list[dict[str, Any]], str]:
    """After a run: the first rows that were not taken with their reasons, and the file with all of them.

    The file is the one that was brought, with nothing but those rows and a column for the reason: mended, it can be
    brought as it is.
    """
    reasons = _reasons(import_)
    if not reasons or not path.is_file():
        return [], ""
    target = Path(import_.errors_path).with_name(f"{import_.pk}-rows.csv")
    first: list[dict[str, Any]] = []
    with (
        rows_of(path, form_of(import_)) as (header, rows),
        target.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        out = csv.writer(file)
        out.writerow([*map(tame, header), _reason_heading(header)])
        for line, row in mended(rows, import_):
            if line in reasons:
                told = reasons[line]
                cells = [restored(cell) for cell in row[: len(header)]] + [""] * (len(header) - len(row))
                out.writerow([*map(tame, cells), "; ".join(_sentence(one) for one in told)])
                if len(first) < SHOWN and max(map(len, cells)) <= MOST_CELL:
                    first.append({"line": line, "cells": cells, "reasons": told})
    return first, str(target)


def _reasons(import_: Import) -> dict[int, list[list[str]]]:
    """By line: the columns and what is wrong with them."""
    found: dict[int, list[list[str]]] = {}
    if import_.errors_path and Path(import_.errors_path).is_file():
        with open(import_.errors_path, encoding="utf-8-sig", newline="") as file:
            for line, column, _value, reason in list(csv.reader(file))[1:]:
                found.setdefault(int(line), []).append([restored(column), reason])
    return found


def _sentence(told: list[str]) -> str:
    column, reason = told
    return f"{column}: {reason}" if column else reason


def _reason_heading(header: list[str]) -> str:
    """A heading the file does not have yet."""
    heading = _("Reason")
    while heading in header:
        heading += " *"
    return heading
