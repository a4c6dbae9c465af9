"""Rows of a file that were not taken: the table they are mended in, and what is posted from it."""

from __future__ import annotations

from itertools import chain
from typing import Any

from django.http import HttpRequest

from customers.models import Import
from customers.selectors.import_questions import questions_of
from customers.services.imports.leaving import Choice
from customers.services.imports.mending import in_short

SHOWN, NONE = "rows-shown", "none"
ANSWER = "as:"  # before what is chosen for a value; alone it leaves cells blank, nothing refuses their lines


def posted_choice(request: HttpRequest, import_: Import) -> Choice | None:
    """Which rows are left out as the form has it; ``None`` where it did not show them."""
    if SHOWN not in request.POST:
        return None
    preview, asked = import_.preview, request.POST.get("leave", "")
    told = preview.get("told", [])
    return Choice(
        rows={
            one["line"]: f"out-{one['line']}" in request.POST
            for one in (*preview.get("bad", []), *preview.get("out", []))
        },
        reason=told[int(asked)][0] if asked.isdecimal() and int(asked) < len(told) else "",
        none=asked == NONE,
    )


def posted_rows(request: HttpRequest, import_: Import) -> dict[int, list[str]]:
    """The rows that are not taken, as they stand in the table now."""
    return {
        one["line"]: [
            _typed(request.POST.get(f"cell-{one['line']}-{at}", cell), cell)
            for at, cell in enumerate(one["cells"])
        ]
        for one in import_.preview.get("bad", [])
    }


def _typed(posted: str, cell: str) -> str:
    """What was typed; a cell that nobody touched stays the file's, however a form writes line breaks."""
    typed = _with_feeds(posted)
    return cell if typed == _with_feeds(cell) else typed


def _with_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def posted_answers(request: HttpRequest, import_: Import) -> dict[str, dict[str, str | None]]:
    """What was chosen for the values that the whole file is asked about."""
    answers: dict[str, dict[str, str | None]] = {}
    for at, one in enumerate(import_.preview.get("asked", [])):
        chosen = request.POST.get(f"answer-{at}")
        if chosen is not None:
            answer = chosen.removeprefix(ANSWER) if chosen.startswith(ANSWER) else None
            answers.setdefault(one["column"], {})[one["value"]] = answer
    return answers


def rows_to_mend(import_: Import) -> dict[str, Any]:
    """Of each row the mapped cells, those of columns with something wrong beside what it is."""
    header, bad = import_.preview.get("header", []), import_.preview.get("bad", [])
    to_mend = {column for one in bad for column, _reason in one["reasons"]}
    shown = [at for at, heading in enumerate(header) if import_.mapping.get(heading)]
    shown.sort(key=lambda at: header[at] not in to_mend)
    rows = [
        {
            "line": one["line"],
            "cells": _cells(one, header, shown),
            "reasons": [reason for _column, reason in one["reasons"]],
            "text": in_short(one["cells"]),
        }
        for one in bad
    ]
    in_place = import_.state == Import.State.CHECKED
    out, left_out = import_.preview.get("out", []), len(import_.preview.get("left_out", {}))
    questions = questions_of(import_) if in_place else []
    wrong = (cell for cell in chain.from_iterable(row["cells"] for row in rows) if cell["wrong"])
    lines = import_.preview.get("bad_lines", len(rows))
    return {
        "header": [header[at] for at in shown],
        "rows": rows,
        "lines": lines,
        "hidden": lines - len(rows),
        "first": next(wrong, {}).get("name", ""),
        "in_place": in_place,
        "any": bool(rows or questions or (in_place and out)),
        "out": out if in_place else [],
        "left_out": left_out,
        "left_out_hidden": left_out - len(out),
        "file": bool(import_.preview.get("bad_file")),
        "told": import_.preview.get("told", []),
        "questions": questions,
    }


def _cells(row: dict[str, Any], header: list[str], shown: list[int]) -> list[dict[str, Any]]:
    wrong = {column for column, _reason in row["reasons"]}
    return [
        {
            "name": f"cell-{row['line']}-{at}",
            "column": header[at],
            "value": row["cells"][at],
            "long": "\n" in row["cells"][at] or "\r" in row["cells"][at],
            "wrong": header[at] in wrong,
        }
        for at in shown
    ]
