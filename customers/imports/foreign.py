"""Files that are no table that can be read, whatever they are called: refused by what they are."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection
from pathlib import Path

from django.utils.translation import gettext as _

from customers.imports.errors import FileRefused

HEAD = 4_096
_OLD_BOOK = b"\xd0\xcf\x11\xe0"
_OLDER_BOOKS = (b"\x09\x08", b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
_NO_TABLES = (b"%PDF", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"7z\xbc\xaf", b"Rar!", b"GIF8")
_PAGE = re.compile(
    r"\s*(<\?xml[^>]*>|<!--.*?-->|\s)*<(!doctype\s+html|html|head|body|meta|table|style|div|script)\b|mime-version:",
    re.IGNORECASE | re.DOTALL,
)
_XML_TABLE = "urn:schemas-microsoft-com:office:spreadsheet"
# A part of an archive that tells of which program it is, with how its files are called.
_ARCHIVES = (
    ("xl/workbook.bin", ".xlsb"),
    ("Index/Document.iwa", ".numbers"),
    ("content.xml", ".ods"),
)


def refuse_foreign(path: Path) -> None:
    """Refuse what begins as no table does, and say what it is."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(_OLD_BOOK):
        raise _locked_book() if _is_locked(path) else _old_book()
    if head.startswith(_OLDER_BOOKS):
        raise _old_book()
    if head.startswith(_NO_TABLES):
        raise _no_table()
    text = head.decode("utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig", "replace")
    if _XML_TABLE in text:
        raise _saved_otherwise(".xml")
    if _PAGE.match(text):
        raise FileRefused(
            _(
                "This is a web page saved as a table. Open it in a spreadsheet program and save it as XLSX or CSV."
            )
        )


def refuse_archive(archive: zipfile.ZipFile) -> None:
    """Refuse a zip that holds no workbook of the kind that can be read."""
    names: Collection[str] = archive.namelist()
    if "xl/workbook.xml" in names:
        return
    for part, kind in _ARCHIVES:
        if part in names:
            raise _saved_otherwise(kind)
    if {"word/document.xml", "ppt/presentation.xml"} & set(names):
        raise _no_table()
    raise FileRefused(_("This is a zip archive, not a workbook. Unpack it first."))


def _is_locked(path: Path) -> bool:
    """Whether a new workbook stands in the envelope of an old one, which a password does."""
    name, rest = "EncryptedPackage".encode("utf-16-le"), b""
    with path.open("rb") as file:
        while block := file.read(2**20):
            if name in rest + block:
                return True
            rest = block[-len(name) :]
    return False


def _no_table() -> FileRefused:
    return FileRefused(_("This is not a table. Bring a CSV or XLSX file."))


def _locked_book() -> FileRefused:
    return FileRefused(_("The workbook is locked with a password. Save it without one."))


def _old_book() -> FileRefused:
    return FileRefused(_("This is an Excel file of the old kind (.xls). Save it as .xlsx or CSV."))


def _saved_otherwise(kind: str) -> FileRefused:
    return FileRefused(
        _("This is a %(kind)s file. Open it in a spreadsheet program and save it as XLSX or CSV.")
        % {"kind": kind}
    )
