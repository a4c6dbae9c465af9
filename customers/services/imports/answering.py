"""One answer for all lines with the same value: for names of nobody here, and for choices that do not exist.

An answer is what the cells say instead, nothing for leaving them blank; a value without one is not taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from crm import audit
from crm.exports.cells import restored
from crm.models import Member
from crm.texts import clean
from customers.imports.errors import MappingRefused
from customers.imports.reading import Row
from customers.models import Import
from customers.selectors.import_questions import Options, asked_columns, options_of

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
    asked = [(one["column"], one["value"]) for one in import_.preview.get("asked", [])]
    before = [(column, value) for column, values in given.items() for value in values]
    for column, value in dict.fromkeys(before + asked):
        said = answers.get(column, {}) if (column, value) in asked else {}
        answer = {**given.get(column, {}), **said}.get(value)
        if answer is not None and answer in known.get(column, ()):
            kept.setdefault(column, {})[value] = answer
    if kept != given:
        import_.preview["answers"] = kept
        audit.record("import.answered", import_, actor=actor, columns=sorted(kept))


def give(import_: Import, answers: Answers, actor: Member | None) -> None:
    """Keep what a program says of values, asked or not, in the place of all answers; what cannot be one is refused."""
    keep(import_, answers)
    if answers:
        audit.record("import.answered", import_, actor=actor, columns=sorted(answers))


def keep(import_: Import, answers: Answers) -> None:
    """The same without a word in the history, for what is only tried out."""
    options = options_of(import_)
    for column, given in answers.items():
        if wrong := _wrong_in(column, given, options):
            raise MappingRefused(wrong, errors={"answers": [wrong]})
    import_.preview["asked"] = []
    import_.preview["answers"] = {
        column: {clean(value): answer for value, answer in given.items()} for column, given in answers.items()
    }


def _wrong_in(column: str, given: Mapping[str, str | None], options: Mapping[str, Options]) -> str:
    if column not in options:
        return _not_asked(column, options)
    if not all(map(clean, given)):
        return _("“%(column)s”: say for which value.") % {"column": column}
    known = dict(options[column])
    for answer in given.values():
        if answer and answer not in known:
            return _("“%(column)s”: “%(answer)s” is not one of %(choices)s.") % {
                "column": column,
                "answer": answer,
                "choices": ", ".join(known),
            }
    return ""


def _not_asked(column: str, options: Mapping[str, Options]) -> str:
    told = _("“%(column)s” names neither a member nor a choice: it cannot be answered for.") % {
        "column": column
    }
    if not options:
        return told
    these = _("These can: %(columns)s.") % {"columns": ", ".join(options)}
    return f"{told} {these}"


def remember(import_: Import, last: Import) -> None:
    """Take the answers given for an earlier file of the same columns, where they can still be chosen."""
    options = {column: {"", *dict(known)} for column, known in options_of(import_).items()}
    import_.preview["answers"] = {
        column: kept
        for column, given in last.preview.get("answers", {}).items()
        if (kept := {value: one for value, one in given.items() if one in options.get(column, ())})
    }


def forget_other_columns(import_: Import, mapping: Mapping[str, str]) -> None:
    """Columns that become something else are asked about anew."""
    preview, was = import_.preview, import_.mapping
    same = {column for column, name in mapping.items() if was.get(column) == name}
    preview["answers"] = {c: one for c, one in preview.get("answers", {}).items() if c in same}
    preview["asked"] = [one for one in preview.get("asked", []) if one["column"] in same]


def answered(
    rows: Iterable[Row], import_: Import, header: list[str], used: dict[str, dict[str, int]] | None = None
) -> Iterator[Row]:
    """The rows, with the answers in the place of what they are about; ``used`` counts by column the lines of each."""
    given = import_.preview.get("answers", {})
    columns = [(header.index(column), one) for column, one in given.items() if column in header]
    if not columns:
        yield from rows
        return
    for line, row in rows:
        now = list(row)
        for at, answers in columns:
            value = clean(restored(now[at])) if at < len(now) else ""
            if value in answers:
                now[at] = answers[value]
                if used is not None:
                    lines = used.setdefault(header[at], {})
                    lines[value] = lines.get(value, 0) + 1
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
    used: dict[str, dict[str, int]] = import_.preview.pop("used", {})
    return [
        {"column": column, "value": value, "lines": lines}
        for column, values in counted.items()
        for value, lines in [
            *values.most_common(MOST_VALUES),
            *((value, lines) for value, lines in used.get(column, {}).items() if value not in values),
        ]
    ]
