"""Workbooks opened with a bound on what of them is held at once, whatever they unfold to."""

from __future__ import annotations

import tempfile
import zipfile
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from django.utils.translation import gettext as _
from openpyxl.cell.text import Text
from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from customers.imports.errors import FileRefused

MAX_ROW_BYTES = 16 * 2**20
MAX_ROW_PARTS = 2**17
MAX_ROWS = 2**20
MAX_TEXTS = 4 * 2**20
IN_MEMORY = 8 * 2**20
ROW, TEXT = f"{SHEET_MAIN_NS} row", f"{SHEET_MAIN_NS} si"
ROWS = frozenset({ROW, TEXT})


@contextmanager
def open_book(path: Path) -> Iterator[Any]:
    """A workbook, whatever its file is called; values only, no macros, no links to other files."""
    with path.open("rb") as file, tempfile.SpooledTemporaryFile(IN_MEMORY) as kept:
        try:
            reader = _Reader(file, kept)
            reader.read()
        except FileRefused:
            raise
        except Exception as error:
            raise FileRefused(_("This is not a workbook that can be read.")) from error
        try:
            yield reader.wb
        finally:
            reader.wb.close()


class _Reader(ExcelReader):
    def __init__(self, file: BinaryIO, kept: Any) -> None:
        super().__init__(file, read_only=True, data_only=True, keep_links=False)
        self.archive = _Archive(file)
        self.package = Manifest()
        self._kept = kept

    def read_strings(self) -> None:
        """The texts of the cells, kept in a file: a long table has millions of them."""
        self.shared_strings = texts = _Texts(self._kept)
        if part := self.package.find(SHARED_STRINGS):
            with self.archive.open(part.PartName[1:]) as source:
                texts.read(source)


class _Texts:
    """A sequence of texts, written one after the other into a file."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._ends = array("Q", [0])

    def read(self, source: Any) -> None:
        tag, table = f"{{{SHEET_MAIN_NS}}}si", None
        for event, element in iterparse(source, events=("start", "end")):
            if table is None:
                table = element
            if event == "end" and element.tag == tag:
                self._add(Text.from_tree(element).content.replace("x005F_", ""))
                table.clear()

    def _add(self, text: str) -> None:
        if len(self._ends) > MAX_TEXTS:
            raise FileRefused(
                _("The workbook holds more than %(limit)d texts. Save it as CSV.") % {"limit": MAX_TEXTS}
            )
        self._ends.append(self._ends[-1] + self._file.write(text.encode("utf-8", "surrogatepass")))

    def __getitem__(self, at: int) -> str:
        if not 0 <= at < len(self._ends) - 1:
            raise IndexError(at)
        self._file.seek(self._ends[at])
        kept: bytes = self._file.read(self._ends[at + 1] - self._ends[at])
        return kept.decode("utf-8", "surrogatepass")


class _Archive(zipfile.ZipFile):
    """The parts of a workbook, looked over as they are read."""

    def open(self, *args: Any, **choices: Any) -> Any:
        return _Part(super().open(*args, **choices))


class _Part:
    """A part of a workbook, refused before a row or a text of it that is beyond measure is held."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._fed = self._row_began = self._parts = self._rows = 0
        self._in_row = False
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._refuse_definitions
        self._parser.StartElementHandler = self._began
        self._parser.EndElementHandler = self._ended

    def read(self, size: int = -1) -> bytes:
        """As asked; a part that is asked for as a whole, only if it is no longer than a row may be."""
        block: bytes = self._source.read(MAX_ROW_BYTES + 1 if size < 0 else size)
        self._fed += len(block)
        if block:
            self._parser.Parse(block)
        if self._fed - self._row_began > MAX_ROW_BYTES:
            raise _too_long()
        return block

    def _began(self, name: str, _attributes: Any) -> None:
        if name not in ROWS:
            self._parts += 1
            if self._parts > MAX_ROW_PARTS:
                raise _too_long()
        elif self._in_row:
            raise FileRefused(_("This is not a workbook that can be read."))
        else:
            self._in_row = True

    def _ended(self, name: str) -> None:
        if name in ROWS:
            self._rows += name == ROW
            self._row_began, self._parts, self._in_row = self._parser.CurrentByteIndex, 0, False
            if self._rows > MAX_ROWS:
                raise too_many_rows()

    @staticmethod
    def _refuse_definitions(*_said: Any) -> None:
        raise FileRefused(_("The workbook holds definitions that no workbook needs."))

    def __enter__(self) -> _Part:
        return self

    def __exit__(self, *_said: Any) -> None:
        self.close()

    def close(self) -> None:
        self._source.close()


def too_many_rows() -> FileRefused:
    return FileRefused(
        _("The sheet has more than the %(limit)d rows a sheet can hold. Bring it as CSV.")
        % {"limit": MAX_ROWS}
    )


def _too_long() -> FileRefused:
    return FileRefused(
        _("A row or a text of the workbook is longer than can be read: a table may have at most 200 columns.")
    )
