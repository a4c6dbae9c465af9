"""Tables written to disk row by row: CSV and XLSX, bounded in memory."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from crm.errors import DomainError
from crm.exports.cells import for_sheet, tame

MOST_SHEET_ROWS = 1_048_575
EXACT_DIGITS = 15  # a workbook's numbers hold no more
FIRST_YEAR = 1901  # and no earlier days
WIDTH = 18


class TooManyForSheet(DomainError):
    """A workbook's sheet holds no more rows."""

    code = "too_many_for_sheet"


class Table(Protocol):
    def add(self, rows: Iterable[Sequence[Any]]) -> None: ...
    def close(self) -> None: ...


class CsvTable:
    """UTF-8 with a mark that spreadsheets know it by."""

    def __init__(self, path: Path, head: Sequence[str], *, zone: tzinfo) -> None:
        self.zone = zone
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._lines = csv.writer(self._file)
        self._lines.writerow(map(tame, head))

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        self._lines.writerows([text_of(value, self.zone) for value in row] for row in rows)

    def close(self) -> None:
        self._file.close()


class XlsxTable:
    """One sheet; days, moments and numbers are such where a workbook can hold them, texts are never formulas."""

    def __init__(self, path: Path, head: Sequence[str], *, zone: tzinfo) -> None:
        self.path, self.zone, self.rows = path, zone, 0
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet()
        self._sheet.freeze_panes = "A2"
        self._sheet.sheet_format.defaultColWidth = WIDTH
        cells = [WriteOnlyCell(self._sheet, for_sheet(tame(text))) for text in head]
        for cell in cells:
            cell.font = Font(bold=True)
        self._sheet.append(cells)

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            self.rows += 1
            if self.rows > MOST_SHEET_ROWS:
                raise TooManyForSheet(_("A sheet holds at most 1,048,575 rows. Choose CSV instead."))
            self._sheet.append([self._value(value) for value in row])

    def _value(self, value: Any) -> Any:
        if isinstance(value, bool | str):
            return for_sheet(text_of(value, self.zone))
        if isinstance(value, datetime):
            at = value.astimezone(self.zone)
            # A workbook knows no zones and no more than thousandths.
            return text_of(value, self.zone) if at.microsecond % 1_000 or at.fold else at.replace(tzinfo=None)
        if isinstance(value, date):
            return value if value.year >= FIRST_YEAR else value.isoformat()
        if isinstance(value, int | Decimal) and len(Decimal(value).as_tuple().digits) > EXACT_DIGITS:
            return text_of(value, self.zone)
        return value

    def close(self) -> None:
        self._book.save(self.path)


FORMATS: dict[str, type[CsvTable] | type[XlsxTable]] = {"csv": CsvTable, "xlsx": XlsxTable}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def text_of(value: Any, zone: tzinfo) -> str:
    """A value as text that loses nothing of it. Moments are told in the company's ``zone``."""
    if value is None:
        return ""
    if isinstance(value, str):
        return tame(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        at = value.astimezone(zone)
        return (at if at.fold else at.replace(tzinfo=None)).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
