"""Rows that add up others: told by their word, with nothing but figures beside it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal

# Quick to look at: what neither ends nor begins otherwise is no such word.
ENDS = (*"计计額额:： \u3000ｌＬ", "tal", "TAL", "tals", "TALS", "sum", "SUM", "Sum")
BEGINS = ("Total", "TOTAL", "total", "Sub", "SUB", "sub", "Sum", "SUM", "sum", "Grand", "GRAND", "grand", " ")
_WORD = re.compile(
    r"(grand|sub|overall)?[\s\-_]*(total|totals|sum)|.{0,6}(合计|总计|小计|共计|总额|合計|總計|小計|共計|總額)",
    re.IGNORECASE,
)
# No company is called so; a company may well be called “Total Energies”.
_PART = re.compile(
    r"(grand|sub)[\s\-_]*totals?[\s:–—-].+|.+[\s:–—-](grand|sub)[\s\-_]*totals?", re.IGNORECASE
)
_OF = re.compile(
    r"(?:totals?|sum)[\s:–—-]+(?:(?:for|of|in)\s+)?(?P<first>.+)|(?P<last>.+?)[\s:–—-]+(?:totals?|sum)",
    re.IGNORECASE,
)
_SUBTOTAL = re.compile(r"sub[\s\-_]*total|小\s*[计計]", re.IGNORECASE)
_FIGURE = re.compile(r"[-+(]?[£$€¥￥]?\s*[-+]?\d[\d.,，\s]*[)%元]?|共?\s*\d+\s*[家户个条人位名笔戶個條筆]?")
_SURE_DIGITS = 3  # a sum of small figures may be mere chance

Cells = Sequence[str]


def likely(rows: Sequence[Cells], at: Collection[int]) -> list[int]:
    """The positions of rows that are worth a closer look, quickly."""
    found = {place for place, row in enumerate(rows) if not row[0] or _seems(row[0])}
    for column in at:
        found |= {place for place, row in enumerate(rows) if column < len(row) and _seems(row[column])}
    return sorted(found)


def is_total(
    row: Cells, *, at: Collection[int], telling: Collection[int], above: Callable[[], Sequence[Cells]] = list
) -> bool | None:
    """Whether a row is a total: its first filled cell, or one in the columns ``at``, is such a word, and all others
    are figures. A value in another of the columns ``telling`` says that it is a record. ``None`` where the word stands
    alone, which is a total at the foot only.

    A total of something (“East total”) could be a company's name: it is one only where the rows ``above`` are of that
    or add up to its figures, or where no cell in ``at`` names a record. The name of a group that is merged beside its
    rows and its subtotal says nothing of a record.
    """
    first = next((position for position, cell in enumerate(row) if cell), -1)
    for position in (first, *at):
        if 0 <= position < len(row) and _seems(cell := row[position]):
            group = _group_of(row, position, above)
            others = [one for one, cell in enumerate(row) if one not in (position, group) and cell.strip()]
            figures = not any(one in telling for one in others) and all(
                _FIGURE.fullmatch(_plain(row[one])) for one in others
            )
            if _says_so(cell):
                return figures if others else None
            if figures and _of_above(row, position, others, at=at, above=above):
                return True
    return False


def label_of(row: Cells, *, keys: Collection[int], above: Cells) -> int | None:
    """The column with a word of totals in a row that is no record by any of its ``keys``: with nothing beside it but
    figures, at least one, and what the row ``above`` says too, as merged cells do. ``None`` where there is none."""

    def repeats(one: int) -> bool:
        return one < len(above) and _plain(row[one]) == _plain(above[one])

    if any(row[key].strip() and not (key == 0 and repeats(0)) for key in keys if key < len(row)):
        return None
    label = next(
        (at for at, cell in enumerate(row) if at not in keys and _seems(cell) and _says_so(cell)), None
    )
    if label is None:
        return None
    others = [one for one, cell in enumerate(row) if one != label and cell.strip() and not repeats(one)]
    figures = bool(others) and all(_FIGURE.fullmatch(_plain(row[one])) for one in others)
    return label if figures else None


def _group_of(row: Cells, position: int, above: Callable[[], Sequence[Cells]]) -> int | None:
    """The column that names the group a subtotal at ``position`` is of: the first, where it says what the row above
    says there, and the word is “subtotal” or holds the name."""
    name, word = _plain(row[0]), _plain(row[position])
    if not position or not name or _FIGURE.fullmatch(name):
        return None
    if not (_SUBTOTAL.match(word) or name in word):
        return None
    rows = above()
    return 0 if rows and rows[-1] and _plain(rows[-1][0]) == name else None


def _seems(cell: str) -> bool:
    return cell.endswith(ENDS) or cell.startswith(BEGINS)


def _says_so(cell: str) -> bool:
    text = _plain(cell).rstrip(":")
    return bool(_WORD.fullmatch("".join(text.split())) or _PART.fullmatch(text))


def _of_above(
    row: Cells,
    position: int,
    others: Sequence[int],
    *,
    at: Collection[int],
    above: Callable[[], Sequence[Cells]],
) -> bool:
    found = _OF.fullmatch(_plain(row[position]).rstrip(":"))
    if found is None:
        return False
    if at and position not in at and not any(row[one].strip() for one in at if one < len(row)):
        return True
    whole = (found["first"] or found["last"]).strip().casefold()
    rows = above()
    return any(_plain(cell).casefold() == whole for one in rows for cell in one) or _adds_up(
        row, others, rows
    )


def _adds_up(row: Cells, others: Sequence[int], above: Sequence[Cells]) -> bool:
    """Whether all figures are what at least two rows above hold together, and one of them not by chance."""
    if len(above) < 2 or not others:
        return False
    said = {one: _figure(row[one]) for one in others}
    sums = {one: sum(_figure(other[one]) for other in above if one < len(other)) for one in others}
    sure = any(len(re.sub(r"\D", "", row[one])) >= _SURE_DIGITS for one in others)
    return sure and all(abs(said[one] - sums[one]) < Decimal("0.01") for one in others)


def _figure(cell: str) -> Decimal:
    """A cell's figure, 0 where it is none; the last sign before one or two digits is the decimal one."""
    text = _plain(cell)
    if not _FIGURE.fullmatch(text):
        return Decimal(0)
    cents = re.search(r"[.,](\d{1,2})\D*$", text)
    digits = re.sub(r"\D", "", text[: cents.start()] if cents else text)
    value = Decimal(f"{digits or 0}.{cents[1] if cents else 0}")
    return -value if text.startswith("(") or "-" in text else value


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip()
