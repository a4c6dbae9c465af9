"""Rows that add up others: told by their word, with nothing but figures beside it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

# Quick to look at: what ends otherwise is no such word.
ENDS = (*"计計额額:： \u3000ｌＬ", "tal", "TAL", "tals", "TALS", "sum", "SUM", "Sum")
_WORD = re.compile(
    r"(grand|sub|overall)?[\s\-_]*(total|totals|sum)|.{0,6}(合计|总计|小计|共计|总额|合計|總計|小計|共計|總額)",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"[-+(]?[£$€¥￥]?\s*[-+]?\d[\d.,，\s]*[)%元]?|共?\s*\d+\s*[家户个条人位名笔戶個條筆]?")


def likely(rows: Sequence[Sequence[str]], at: Collection[int]) -> list[int]:
    """The positions of rows that are worth a closer look, quickly."""
    found = {place for place, row in enumerate(rows) if not row[0] or row[0].endswith(ENDS)}
    for column in at:
        found |= {place for place, row in enumerate(rows) if column < len(row) and row[column].endswith(ENDS)}
    return sorted(found)


def is_total(row: Sequence[str], *, at: Collection[int], telling: Collection[int]) -> bool | None:
    """Whether a row is a total: its first filled cell, or one in the columns ``at``, is such a word, and all others
    are figures. A value in another of the columns ``telling`` says that it is a record. ``None`` where the word stands
    alone, which is a total at the foot only.
    """
    first = next((position for position, cell in enumerate(row) if cell), -1)
    for position in (first, *at):
        if 0 <= position < len(row) and (cell := row[position]).endswith(ENDS) and _says_so(cell):
            others = [one for one, cell in enumerate(row) if one != position and cell.strip()]
            if not others:
                return None
            return not any(one in telling for one in others) and all(
                _FIGURE.fullmatch(_plain(row[one])) for one in others
            )
    return False


def _says_so(cell: str) -> bool:
    plain = "".join(_plain(cell).rstrip(":").split())
    return bool(_WORD.fullmatch(plain))


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip()
