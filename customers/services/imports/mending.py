"""Rows that are not taken: shown to be mended in place, and as a file to be mended and brought in again."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from crm.exports.cells import restored, tame
from crm.texts import clean
from customers.imports.reading import Format, Row, rows_of
from customers.models import Import
from customers.services.imports import answering

SHOWN = 50
REASONS = 8
MOST_CELL = 2_000
MOST_TEXT = 200


def form_of(import_: Import) -> Format:
    preview = import_.preview
    return Format(import_.encoding, import_.delimiter, preview.get("sheet", ""), preview.get("head", 0))


def mended(rows: Iterator[Row], import_: Import) -> Iterator[Row]:
    """The rows, those that were mended in place as they are now."""
    changed = {int(line): cells for line, cells in import_.preview.get("mended", {}).items()}
    return ((line, changed.get(line, row)) for line, row in rows) if changed else rows


def left_out(import_: Import) -> dict[int, str]:
    """The lines that are left out, each with why it was not taken before."""
    return {int(line): reason for line, reason in import_.preview.get("left_out", {}).items()}


def read_as(import_: Import, header: list[str], rows: Iterator[Row]) -> Iterator[Row]:
    """The rows as they are brought in: mended, without those left out, with what was answered for the whole file, which
    ``lay_out`` tells."""
    used: dict[str, dict[str, int]] = {}
    import_.preview["used"] = used
    now = mended(rows, import_)
    if out := left_out(import_):
        now = ((line, row) for line, row in now if line not in out)
    return answering.answered(now, import_, header, used)


def lay_out(import_: Import, path: Path) -> dict[str, Any]:
    """After a run, for the preview: the first rows that were not taken (``bad``) and how many there are, the file with
    all of them, the first that were left ``out``, the most frequent reasons with how often each was told, and what is
    ``asked`` of the whole file."""
    refusals = refusals_of(import_)
    told = Counter(bare(reason) for _line, _column, _value, reason in refusals)
    reasons: dict[int, list[list[str]]] = {}
    for line, column, _value, reason in refusals:
        reasons.setdefault(line, []).append([column, reason])
    bad, bad_file = _rows_with(import_, path, reasons)
    return {
        "bad": bad,
        "out": _rows_out(import_, path),
        "bad_file": bad_file,
        "bad_lines": len(reasons),
        "told": told.most_common(REASONS),
        "asked": answering.asked(import_, refusals),
    }


def _rows_with(
    import_: Import, path: Path, reasons: dict[int, list[list[str]]]
) -> tuple[list[dict[str, Any]], str]:
    """The first rows with a reason, and a file of all of them.

    The file is the one that was brought, with nothing but those rows and a column for the reason: mended, it can be
    brought as it is. The rows to be mended in place say what the file says, so that an answer can be changed.
    """
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
                ((_line, now),) = answering.answered([(line, cells)], import_, header)
                out.writerow([*map(tame, now), "; ".join(_sentence(one) for one in told)])
                if len(first) < SHOWN and max(map(len, cells)) <= MOST_CELL:
                    first.append({"line": line, "cells": cells, "reasons": told})
    return first, str(target)


def _rows_out(import_: Import, path: Path) -> list[dict[str, Any]]:
    """The first rows that are left out, as one sees which they are, with why they were not taken."""
    out = left_out(import_)
    if not out or not path.is_file():
        return []
    with rows_of(path, form_of(import_)) as (_header, rows):
        first = islice((one for one in mended(rows, import_) if one[0] in out), SHOWN)
        return [{"line": line, "text": in_short(row), "reason": out[line]} for line, row in first]


def in_short(row: Iterable[str]) -> str:
    """What a row says, as far as one needs it to know which it is."""
    return " · ".join(filter(None, map(clean, row)))[:MOST_TEXT]


def bare(reason: str) -> str:
    """A reason as it is counted."""
    return reason.rstrip(".。")


def refusals_of(import_: Import) -> list[tuple[int, str, str, str]]:
    """Line, column, value and what is wrong with it."""
    if not import_.errors_path or not Path(import_.errors_path).is_file():
        return []
    with open(import_.errors_path, encoding="utf-8-sig", newline="") as file:
        return [
            (int(line), restored(column), restored(value), reason)
            for line, column, value, reason in list(csv.reader(file))[1:]
        ]


def _sentence(told: list[str]) -> str:
    column, reason = told
    return f"{column}: {reason}" if column else reason


def _reason_heading(header: list[str]) -> str:
    """A heading the file does not have yet."""
    heading = _("Reason")
    while heading in header:
        heading += " *"
    return heading
