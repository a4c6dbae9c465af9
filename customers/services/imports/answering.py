"""One answer for all lines with the same value: for names of nobody here, and for choices that do not exist.

An answer is what the cells say instead, nothing for leaving them blank; a value without one is not taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crm import audit
from crm.exports.cells import restored
from crm.models import Member
from crm.texts import clean
from customers.imports.reading import Row
from customers.models import Import
from customers.selectors.import_questions import asked_columns, options_of

MOST_VALUES = 10
MOST_TEXT = 200

Answers = Mapping[str, Mapping[str, str | None]]


def take(import_: Import, answers: Answers, actor: Member) -> None:
    """Keep ``{column: {value: answer}}`` for what was asked; ``None`` takes an answer back."""
    if not answers:
        return
    given: dict[str, dict[str, str]] = import_.preview.get("answers", {})
    known = {column: {"", *dict(options)} for column, options in options_of(import_).items()}
    kept: dict[str, dict[str, str]] = {}
    for one in import_.preview.get("asked", []):
        column, value = one["column"], one["value"]
        answer = {**given.get(column, {}), **answers.get(column, {})}.get(value)
        if answer is not None and answer in known.get(column, ()):
            kept.setdefault(column, {})[value] = answer
    if kept != given:
        import_.preview["answers"] = kept
        audit.record("import.answered", import_, actor=actor, columns=sorted(kept))


def forget_other_columns(import_: Import, mapping: Mapping[str, str]) -> None:
    """Columns that become something else are asked about anew."""
    preview, was = import_.preview, import_.mapping
    same = {column for column, name in mapping.items() if was.get(column) == name}
    preview["answers"] = {c: one for c, one in preview.get("answers", {}).items() if c in same}
    preview["asked"] = [one for one in preview.get("asked", []) if one["column"] in same]


def answered(rows: Iterable[Row], import_: Import, header: list[str]) -> Iterator[Row]:
    """The rows, with the answers in the place of what they are about."""
    given = import_.preview.get("answers", {})
    columns = [(header.index(column), one) for column, one in given.items() if column in header]
    if not columns:
        yield from rows
        return
    for line, row in rows:
        now = list(row)
        for at, answers in columns:
            if at < len(now):
                now[at] = answers.get(clean(restored(now[at])), now[at])
        yield line, now


def asked(import_: Import, refusals: Iterable[tuple[int, str, str, str]]) -> list[dict[str, Any]]:
    """What is to be asked after a run: by column the values refused most often, and those that have an answer.

    A column's own name is not asked about: that line repeats the heading of a printed page and is no record.
    """
    columns = asked_columns(import_)
    header = [column for column in import_.preview.get("header", []) if column in columns]
    counted: dict[str, Counter[str]] = {column: Counter() for column in header}
    for _line, column, value, _reason in refusals:
        text = value.strip()
        if column in counted and 0 < len(text) <= MOST_TEXT and text != column:
            counted[column][text] += 1
    answers = import_.preview.get("answers", {})
    before = {
        (one["column"], one["value"]): one["lines"]
        for one in import_.preview.get("asked", [])
        if one["value"] in answers.get(one["column"], {})
    }
    return [
        {"column": column, "value": value, "lines": lines}
        for column, values in counted.items()
        for value, lines in [
            *values.most_common(MOST_VALUES),
            *(
                (value, lines)
                for (of, value), lines in before.items()
                if of == column and value not in values
            ),
        ]
    ]
