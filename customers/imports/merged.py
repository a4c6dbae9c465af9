"""Cells of a workbook that are merged over several rows: each of these rows has the value."""

from __future__ import annotations

import re
from typing import Any

from openpyxl.utils import column_index_from_string

MOST_SPANS = 100_000
_BLOCK = 2**20
_SPAN = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="\$?([A-Z]{1,3})\$?(\d{1,7}):\$?[A-Z]{1,3}\$?(\d{1,7})"')


class Spans:
    """The merged cells of a sheet by the row they begin in; rows are filled in their order."""

    def __init__(self, beginning: dict[int, list[tuple[int, int]]]) -> None:
        self._beginning = beginning
        self._open: dict[int, tuple[int, str]] = {}

    def fill(self, line: int, row: list[str]) -> None:
        """Put the value of a merged cell into the rows below its first. One that is blank otherwise stays blank."""
        if self._open:
            if any(row):
                for at, (_last, value) in self._open.items():
                    row.extend([""] * (at + 1 - len(row)))
                    row[at] = row[at] or value
            self._open = {at: span for at, span in self._open.items() if span[0] > line}
        for at, last in self._beginning.get(line, ()):
            if at < len(row) and row[at]:
                self._open[at] = (last, row[at])


def spans_of(sheet: Any) -> Spans:
    """The cells of a sheet merged over several rows. The sheet tells them after its rows: it is read once for them, a
    block at a time, as a workbook that is read row by row knows nothing of them."""
    beginning: dict[int, list[tuple[int, int]]] = {}
    count, rest = 0, b""
    with sheet._get_source() as source:
        while (block := source.read(_BLOCK)) and count < MOST_SPANS:
            text = rest + block
            for column, first, last in _SPAN.findall(text):
                if int(last) > int(first):
                    at = column_index_from_string(column.decode()) - 1
                    beginning.setdefault(int(first), []).append((at, int(last)))
                    count += 1
            rest = text[text.rfind(b"<") :][-200:] if b"<" in text[-200:] else b""
    return Spans(beginning)
