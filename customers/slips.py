"""What somebody may have meant whose finger slipped once: two letters swapped, one wrong, one too many or too few."""

from __future__ import annotations

from collections.abc import Iterator

LETTERS = "abcdefghijklmnopqrstuvwxyz"
# What keyboards hide and people leave out.
_ACCENTED = {"a": "äáàå", "c": "ç", "e": "éèë", "i": "í", "n": "ñ", "o": "óöø", "s": "ß", "u": "úü"}
DIGITS = "0123456789"
# Longer words cost more to ask about than they tell apart.
LONGEST = 24
MOST_SWAPPED = 6


def slips(word: str, alphabet: str) -> list[str]:
    """Every writing one slip away from ``word``, swapped neighbours first; of more than ``LONGEST`` signs none."""
    if not 2 <= len(word) <= LONGEST:
        return []
    found = dict.fromkeys(_slipped(word, alphabet))
    found.pop(word, None)
    return list(found)


def beginnings(word: str, alphabet: str) -> list[str]:
    """What a name may begin with that ``word`` was meant for; of a long one, its first signs as they are, too."""
    head = word[:LONGEST]
    return [*slips(head, alphabet), *([head] if len(word) > LONGEST else [])]


def swaps(word: str) -> list[str]:
    """``word`` with two neighbours swapped, for words of a few signs."""
    return list(dict.fromkeys(_swapped(word))) if len(word) <= MOST_SWAPPED else []


def alphabet_of(word: str) -> str:
    """The signs that may stand where a wrong one was typed: of a number digits, of a word letters."""
    if word.isdecimal():
        return DIGITS
    return LETTERS + (DIGITS if any(sign.isdecimal() for sign in word) else "")


def _swapped(word: str) -> Iterator[str]:
    for at in range(len(word) - 1):
        if word[at] != word[at + 1]:
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _slipped(word: str, alphabet: str) -> Iterator[str]:
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    yield from _swapped(word)
    for head, tail in cuts:
        if tail:
            yield head + tail[1:]
    for head, tail in cuts:
        yield from (f"{head}{sign}{tail}" for sign in alphabet)
        if tail:
            wrong = alphabet + _ACCENTED.get(tail[0], "")
            yield from (f"{head}{sign}{tail[1:]}" for sign in wrong)
