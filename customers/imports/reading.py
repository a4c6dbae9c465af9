"""Files as rows of text: CSV in the encodings offices use, and XLSX. Bounded in memory, wary of harm."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext as _

from crm.exports.cells import from_sheet, restored
from crm.texts import clean
from customers.imports.books import MAX_ROWS, open_book, too_many_rows
from customers.imports.encodings import encoding_of
from customers.imports.errors import FileRefused
from customers.imports.foreign import refuse_archive, refuse_foreign
from customers.imports.merged import spans_of

MAX_COLUMNS = 200
MAX_CELL = 50_000
MAX_LINE = 16_000_000
MAX_BYTES = 4 * 2**30
MAX_UNZIPPED = 2 * 2**30
MAX_RATIO = 200
DELIMITERS = ",;\t|"
XLSX = "xlsx"

Row = tuple[int, list[str]]

csv.field_size_limit(MAX_CELL)


@dataclass(frozen=True)
class Format:
    """How a file is read: ``encoding`` is that of its text, or ``xlsx``; ``sheet`` is a workbook's, else its first.

    ``head`` is the line that names the columns; what stands above it is left out. 0: the first that is not blank.
    """

    encoding: str
    delimiter: str = ","
    sheet: str = ""
    head: int = 0


def format_of(path: Path) -> Format:
    """Find out how to read a file, or refuse it."""
    size = path.stat().st_size
    if size == 0:
        raise FileRefused(_("The file is empty."))
    if size > MAX_BYTES:
        raise FileRefused(_("The file is larger than %(limit)d GB.") % {"limit": MAX_BYTES // 2**30})
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PK\x03\x04"):
        _refuse_harmful_archive(path)
        return Format(XLSX)
    refuse_foreign(path)
    encoding = encoding_of(path)
    return Format(encoding, _delimiter_of(path, encoding))


@contextmanager
def rows_of(path: Path, form: Format) -> Iterator[tuple[list[str], Iterator[Row]]]:
    """The header, its names told apart, and the rows after it, each with the line it starts on, but for blank ones."""
    with all_rows(path, form) as rows:
        header = next((row for line, row in rows if line >= form.head), [])
        if not header:
            raise FileRefused(_("The file has no rows."))
        if len(header) > MAX_COLUMNS:
            raise FileRefused(
                _("The file has %(count)d columns; at most %(limit)d can be read.")
                % {"count": len(header), "limit": MAX_COLUMNS}
            )
        yield told_apart([restored(clean(name)) for name in header]), rows


def told_apart(header: Sequence[str]) -> list[str]:
    """The headings, a further column of one name with its number: ``phone``, ``phone (2)``. Blank ones stay blank."""
    found: list[str] = []
    taken = set(header)
    for name in header:
        known, nth = name, 1
        while known and known in found:
            nth += 1
            known = f"{name} ({nth})" if f"{name} ({nth})" not in taken else known
        found.append(known)
    return found


@contextmanager
def all_rows(path: Path, form: Format) -> Iterator[Iterator[Row]]:
    """All rows that are not blank, from the first on."""
    if form.encoding == XLSX:
        with open_book(path) as book:
            yield _sheet_rows(book, form.sheet)
    else:
        with path.open(encoding=form.encoding, newline="") as file:
            yield _csv_rows(csv.reader(_lines_of(file), delimiter=form.delimiter))


def _lines_of(file: TextIO) -> Iterator[str]:
    """The lines of a text; one without an end is refused before it is held as a whole."""
    for line in iter(lambda: file.readline(MAX_LINE), ""):
        if len(line) == MAX_LINE and not line.endswith(("\n", "\r")):
            raise FileRefused(
                _("A line is longer than %(limit)d million characters.") % {"limit": MAX_LINE // 10**6}
            )
        yield line


def _csv_rows(reader: Any) -> Iterator[Row]:
    line = 1
    try:
        for row in reader:
            if row and (row[0] or any(row)):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileRefused(
            _("Line %(line)d cannot be read: a cell is too long, or a quotation mark is never closed.")
            % {"line": line}
        ) from error
    except UnicodeDecodeError as error:
        raise FileRefused(
            _("Line %(line)d is not text in the encoding of the rest.") % {"line": line}
        ) from error


def sheets_of(path: Path) -> list[str]:
    """The names of a workbook's sheets."""
    with open_book(path) as book:
        return [sheet.title for sheet in book.worksheets]


def _sheet_rows(book: Any, name: str) -> Iterator[Row]:
    sheet = next((one for one in book.worksheets if one.title == name or not name), None)
    if sheet is None:
        raise FileRefused(_("The workbook has no sheet with rows."))
    try:
        spans = spans_of(sheet)
        sheet.reset_dimensions()  # some programs write a smaller table than there is
        for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            if line > MAX_ROWS:
                raise too_many_rows()
            row = [_cell_text(cell) for cell in cells[: MAX_COLUMNS + 1]]
            spans.fill(line, row)
            while row and not row[-1]:
                row.pop()
            if row:
                yield line, row
    except FileRefused:
        raise
    except Exception as error:
        raise FileRefused(_("This is not a workbook that can be read.")) from error


def _cell_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    text = from_sheet(str(cell))
    if len(text) > MAX_CELL or "\0" in text:
        raise FileRefused(
            _("A cell is longer than %(limit)d characters or holds no text.") % {"limit": MAX_CELL}
        )
    return text


def _delimiter_of(path: Path, encoding: str) -> str:
    """The sign that splits the first lines into the most columns, evenly."""
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        sample = file.read(65_536)

    def evenness(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(sample), delimiter=delimiter) if row][:30]
        except csv.Error:
            return 0.0, 0
        if not widths or widths[0] < 2:
            return 0.0, 0
        return sum(width == widths[0] for width in widths) / len(widths), widths[0]

    best = max(DELIMITERS, key=evenness)
    return best if evenness(best)[1] else ","


def _refuse_harmful_archive(path: Path) -> None:
    """A workbook is a zip of XML: refuse what would unfold beyond measure, and entity tricks."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            refuse_archive(archive)
            unzipped = sum(entry.file_size for entry in entries)
            if unzipped > MAX_UNZIPPED or unzipped > MAX_RATIO * max(path.stat().st_size, 2**20):
                raise FileRefused(_("The workbook unfolds to more than can be read."))
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    with archive.open(entry) as part:
                        if b"<!DOCTYPE" in part.read(4_096):
                            raise FileRefused(_("The workbook holds definitions that no workbook needs."))
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise FileRefused(_("This is not a workbook that can be read.")) from error
