"""From a file to a temporary table, in chunks: what can be told from a row alone is told here."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import psycopg2
from django.db import connection
from django.utils.translation import gettext as _

from crm.exports.cells import tame
from customers.imports import columns as cells
from customers.imports.beside import CONTACT_PREFIX
from customers.imports.columns import Column, Setting
from customers.imports.custom import objects_of
from customers.imports.fields import PREFIX
from customers.imports.reading import Row
from customers.imports.totals import is_total, label_of, likely

CHUNK = 500  # small enough to stay in the processor's cache
SHOWN = 20
SPELLED = ("name_norm", "pinyin", "initials")
# Columns in which a total would stand, and those that only a record fills.
NAMED = frozenset({"name", "customer_id", "title"})
TELLING = frozenset({"external_id", "record_id", "customer_id", "order_no", "code", "number"})
Progress = Callable[[int], None]
Rule = Callable[[Mapping[str, list[Any]]], tuple[list[int], str]]


class Rejects:
    """The rows that were not taken, by line with the reason: all of them in a file, the first ones at hand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self.first: list[dict[str, Any]] = []
        self._file: Any = None

    def add(self, line: int, column: str, value: str, reason: str) -> None:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._file).writerow([_("Line"), _("Column"), _("Value"), _("Reason")])
        if len(self.first) < SHOWN:
            self.first.append({"line": line, "column": column, "value": value[:100], "reason": reason})
        csv.writer(self._file).writerow([line, tame(column), tame(value), reason])

    @property
    def file(self) -> str:
        return str(self.path) if self._file is not None else ""

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class Stage:
    """Reads rows into the temporary table ``import_row``.

    Each row of the file ends there or among the ``rejects``, but for ``totals``, which are set aside. ``rule`` may
    refuse a row by its values;
    ``searchable`` adds the columns that names, addresses and numbers are found by.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        setting: Setting,
        rejects: Rejects,
        *,
        width: int,
        rule: Rule | None = None,
        searchable: bool = False,
    ) -> None:
        self.columns = columns
        self.setting = setting
        self.rejects = rejects
        self.width = width
        self.rule = rule
        self.searchable = searchable
        self.rows = 0
        self.staged = 0
        self.totals = 0
        self.first_totals: list[dict[str, Any]] = []
        self._above: list[Row] = []  # since the last total, no more than the chunk before
        self._named = [c.index for c in columns if c.field.name in NAMED]
        self._telling = {
            c.index for c in columns if c.field.name in TELLING or c.field.reads in ("phone", "email")
        }
        self._keys = {*self._named, *self._telling}
        self._last: list[str] = []  # of the rows read
        self._headings = {c.index: c.heading for c in columns}
        self._required = [c for c in columns if c.field.required and c.field.name != "name"]

    def load(self, definition: str, rows: Iterable[Row], progress: Progress) -> None:
        """Create the table as ``definition`` says and fill it; ``progress`` is told how many rows were read."""
        source = _CopySource(self._chunks(iter(rows), progress))
        plain = [c.field.name for c in self.columns if not c.field.name.startswith(PREFIX)]
        names = ["line", *plain, *self._made(), *(["custom"] if len(plain) < len(self.columns) else [])]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '256MB'")
            # What is staged is read whole: a rough idea of its size is all the planner needs.
            cursor.execute("SET LOCAL default_statistics_target = 10")
            cursor.execute(f"CREATE TEMPORARY TABLE import_row ({definition}) ON COMMIT DROP")
            try:
                cursor.copy_expert(
                    f"COPY import_row ({', '.join(names)}) FROM STDIN (FORMAT csv)", source, 2**18
                )
            except psycopg2.Error:
                if source.error is not None:
                    raise source.error from None
                raise
            cursor.execute("ANALYZE import_row")

    def _chunks(self, rows: Iterator[Row], progress: Progress) -> Iterator[bytes]:
        following = list(islice(rows, CHUNK))
        while following:
            read, following = following, list(islice(rows, CHUNK))
            if not (chunk := self._without_totals(read, last=not following)):
                continue
            self.rows += len(chunk)
            lines, values = self._read(chunk)
            self.staged += len(lines)
            out = io.StringIO()
            csv.writer(out).writerows(zip(map(str, lines), *values, strict=True))
            yield out.getvalue().encode()
            progress(self.rows)

    def _without_totals(self, chunk: list[Row], *, last: bool) -> list[Row]:
        """The rows that are records; a word of totals that stands alone is one at the foot of the file only."""
        sure: dict[int, bool] = {}
        since = 0
        for at in likely([row for _line, row in chunk], self._named):
            found = is_total(
                chunk[at][1],
                at=self._named,
                telling=self._telling,
                above=partial(self._rows_above, chunk[since:at]),
            )
            if found is not False:
                sure[at] = bool(found)
            if found:
                self._above, since = [], at + 1
        self._above = chunk[since:]
        if not sure:
            return chunk
        foot = len(chunk)
        while last and foot - 1 in sure:
            foot -= 1
        kept = []
        for at, (line, row) in enumerate(chunk):
            if sure.get(at) or at >= foot:
                self._set_aside(line, row)
            else:
                kept.append((line, row))
        return kept

    def _rows_above(self, chunk: list[Row]) -> list[list[str]]:
        return [row for _line, row in (*self._above, *chunk)]

    def _set_aside(self, line: int, row: list[str]) -> None:
        self.totals += 1
        if len(self.first_totals) < SHOWN:
            text = " · ".join(cell.strip() for cell in row if cell.strip())
            self.first_totals.append({"line": line, "text": text[:200]})

    def _read(self, chunk: list[Row]) -> tuple[Sequence[int], list[list[Any]]]:
        lines, cut = zip(*chunk, strict=True)
        refused = self._refuse_uneven(chunk) if max(map(len, cut)) > self.width else set()
        raw = list(zip_longest(*cut, fillvalue=""))
        blank = ("",) * len(lines)
        refused |= self._refuse_labelled(chunk)
        refused |= (heads := self._refuse_heads(chunk))
        read: dict[str, list[Any]] = {}
        for column in self.columns:
            read[column.field.name] = column.read(raw[column.index] if column.index < len(raw) else blank)
            for position, text, reason in column.bad:
                if position in heads:
                    continue
                refused.add(position)
                self.rejects.add(lines[position], column.heading, text, reason)
        self._refuse_incomplete(lines, read, refused)
        self.rejects.rows += len(refused)
        if refused:
            keep = [position for position in range(len(chunk)) if position not in refused]
            lines = tuple(lines[position] for position in keep)
            read = {name: [column[position] for position in keep] for name, column in read.items()}
        own = {name: read.pop(name) for name in list(read) if name.startswith(PREFIX)}
        return lines, [*read.values(), *self._make(read), *([objects_of(own)] if own else [])]

    def _refuse_uneven(self, chunk: list[Row]) -> set[int]:
        width = self.width
        uneven = {
            position for position, (_line, row) in enumerate(chunk) if len(row) > width and any(row[width:])
        }
        for position in sorted(uneven):
            line, row = chunk[position]
            self.rejects.add(
                line,
                "",
                "",
                _("%(count)d cells, but the header has %(width)d") % {"count": len(row), "width": width},
            )
        return uneven

    def _refuse_labelled(self, chunk: list[Row]) -> set[int]:
        """Rows that no column tells for records, with a word of totals: too unsure a sign to leave them out unasked."""
        found = set()
        telling = min((key for key in self._keys if key), default=None)
        above = self._last
        for position, (line, row) in enumerate(chunk):
            if telling is None or telling >= len(row) or not row[telling]:
                label = label_of(row, keys=self._keys, above=above)
                if label is not None:
                    found.add(position)
                    self.rejects.add(
                        line, self._headings.get(label, ""), row[label].strip(), _("a row of totals")
                    )
            above = row
        self._last = above
        return found

    def _refuse_heads(self, chunk: list[Row]) -> set[int]:
        """Rows that say what the columns are called, as between the pages of a print: one reason for the whole row."""
        if len(self._headings) < 2:
            return set()
        (first, name), *others = self._headings.items()
        alike = {p for p, (_line, row) in enumerate(chunk) if first < len(row) and row[first].strip() == name}
        found = set()
        for position in sorted(alike):
            line, row = chunk[position]
            if all(at < len(row) and row[at].strip() == heading for at, heading in others):
                found.add(position)
                self.rejects.add(line, "", "", _("repeats the names of the columns"))
        return found

    def _refuse_incomplete(
        self, lines: Sequence[int], read: Mapping[str, list[Any]], refused: set[int]
    ) -> None:
        for column in self._required:
            found = read[column.field.name]
            if None in found:
                for position, value in enumerate(found):
                    if value is None and position not in refused:
                        refused.add(position)
                        self.rejects.add(lines[position], column.heading, "", _("missing"))
        if self.rule:
            broken, reason = self.rule(read)
            for position in broken:
                if position not in refused:
                    refused.add(position)
                    self.rejects.add(lines[position], "", "", reason)

    def _made(self) -> list[str]:
        """The names of the columns that are made from others, in the order of ``_make``."""
        names = {column.field.name for column in self.columns} if self.searchable else set()
        made = []
        for of in ("", CONTACT_PREFIX):
            made += [f"{of}{one}" for one in SPELLED] if f"{of}name" in names else []
            made += [f"{of}{way}_norm" for way in ("email", "phone") if f"{of}{way}" in names]
        return made

    def _make(self, read: Mapping[str, list[Any]]) -> list[list[Any]]:
        made: list[list[Any]] = []
        for of in ("", CONTACT_PREFIX) if self.searchable else ():
            if names := read.get(f"{of}name"):
                spelled = cells.pinyins(names)
                made += [cells.name_norms(names), [p for p, _i in spelled], [i for _p, i in spelled]]
            if emails := read.get(f"{of}email"):
                made.append(cells.email_norms(emails))
            if phones := read.get(f"{of}phone"):
                made.append(cells.phone_norms(phones, self.setting.region))
        return made


class _CopySource:
    """A file for COPY over chunks; remembers what went wrong in reading them."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._open = io.BytesIO()
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        while True:
            if data := self._open.read(size):
                return data
            try:
                self._open = io.BytesIO(next(self._chunks))
            except StopIteration:
                return b""
            except BaseException as error:
                self.error = error
                raise
