"""Texts as people see them: without the signs that nobody sees, or that make a text look like another."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Blank where a line is: the control signs that programs take for a space.
_SPACES = re.compile("[\x0b\x0c\x1c-\x1f\x85]")
# Control signs, signs without width, and those that turn the direction of what follows. A zero byte
# is refused elsewhere.
_HIDDEN = re.compile(
    "[\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
# Joiners and marks of direction belong to Persian, Hindi, Hebrew, Arabic and emoji: beside none of their signs they are
# only hidden.
_PLAIN = "\x01-\u024f\u2000-\u200a\u202f\u205f\u2e80-\u9fff\uac00-\ud7a3\uff00-\uffef"
_STRAY = re.compile(f"(?<![^{_PLAIN}])[\u061c\u200c-\u200f]+(?![^{_PLAIN}])")
# What is drawn as nothing, but may be part of a sign that is drawn.
_FILLERS = "\u034f\u115f\u1160\u2800\u3164\uffa0"
_SEEMINGLY = f"{_FILLERS}\ufe0e\ufe0f"
_NOTHING = re.compile(
    f"[\\s{_FILLERS}\u061c\u17b4\u17b5\u180b-\u180f\u200c-\u200f\ufe00-\ufe0f\U000e0000-\U000e0fff]*"
)


def clean(text: str) -> str:
    """A text without hidden signs and spaces around it; one of nothing that can be seen is empty."""
    if not _suspect(text):
        return text.strip()
    text = _STRAY.sub("", _HIDDEN.sub("", _SPACES.sub(" ", text)))
    return "" if _NOTHING.fullmatch(text) else text.strip()


def one_line(text: str) -> str:
    """A clean text with one space between its words, however it was broken and set."""
    return " ".join(clean(text).split())


def all_clean(texts: Sequence[str]) -> Sequence[str]:
    """``clean`` for a column of cells, but for spaces around; quick where none holds a hidden sign."""
    return [clean(text) for text in texts] if _suspect("".join(texts)) else texts


def _suspect(text: str) -> bool:
    return not text.isprintable() or any(sign in text for sign in _SEEMINGLY)
