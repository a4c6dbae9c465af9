"""Cells of files: texts that a spreadsheet would run, or cannot hold, and the way back to them.

``tame`` puts an apostrophe before what a spreadsheet takes for a formula; ``restored`` takes it away. Both leave
everything else alone, so that reading gives exactly what was written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_TAMED = re.compile(r"'+[=+\-@\t\r]")
# What XML cannot hold, or changes while reading; and what would be taken for such an escape.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_x(?=[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def tame(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def restored(text: str) -> str:
    """What ``tame`` was given."""
    return text[1:] if _TAMED.match(text) else text


def all_restored(texts: Sequence[str]) -> Sequence[str]:
    """``restored`` for a column of cells; quick where none begins with an apostrophe."""
    if "\n'" not in "\n" + "\n".join(texts):
        return texts
    return [restored(text) if text.startswith("'") else text for text in texts]


def for_sheet(text: str) -> str:
    """A text as a workbook holds it: control characters in its own escapes, ``_x000D_``."""
    return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0][0]):04X}_{found[0][1:]}", text)


def from_sheet(text: str) -> str:
    """What ``for_sheet`` was given."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
