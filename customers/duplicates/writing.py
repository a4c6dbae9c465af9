"""One way of writing: width, case, accents, traditional characters, and how a word sounds."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from opencc import OpenCC
from pypinyin import lazy_pinyin

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_NOT_WORD = re.compile(r"[\W_]+")
_STROKES = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"})

# A consonant's neighbours: what is heard alike, or slips from one writing of Chinese sounds into another.
_ALIKE = (("ph", "f"), ("ng", "n"), ("ck", "k"), ("x", "ks"), ("q", "k"), ("c", "k"), ("z", "s"), ("j", "g"))
_SILENT = re.compile(r"[aeiouyhw]")
_DOUBLED = re.compile(r"(.)\1+")


def fold(text: str) -> str:
    """One case and width, simplified characters, no accents, words parted by single spaces."""
    if not text:
        return ""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).casefold().translate(_simplified())
        if not HAN.search(text):
            text = unaccented(text)
    return _NOT_WORD.sub(" ", text.lower().replace("'", "")).strip()


def unaccented(text: str) -> str:
    """Letters without their marks; Chinese, Japanese and Korean signs stay whole."""
    parts = unicodedata.normalize("NFKD", text.translate(_STROKES))
    return unicodedata.normalize("NFC", "".join(sign for sign in parts if not unicodedata.combining(sign)))


def sound(word: str) -> str:
    """A folded word in Latin letters: Chinese by its pinyin without tones, the rest as it is written."""
    if word.isascii() or not HAN.search(word):
        return word.replace(" ", "")
    return "".join(_syllable(sign) for sign in word if sign != " ")


def skeleton(heard: str, length: int = 4) -> str:
    """What is left of a sound when vowels are dropped and like consonants are one: for blocking only."""
    for written, same in _ALIKE:
        if written in heard:
            heard = heard.replace(written, same)
    return _DOUBLED.sub(r"\1", heard[:1] + _SILENT.sub("", heard[1:]))[:length]


@cache
def _syllable(sign: str) -> str:
    return lazy_pinyin(sign)[0].replace("ü", "v") if HAN.match(sign) else sign


@cache
def _simplified() -> dict[int, int | str]:
    """Traditional to simplified, sign by sign: a table, so that a million names cost no more than their length."""
    signs = [chr(code) for code in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00))]
    simple = OpenCC("t2s").convert("\n".join(signs)).split("\n")
    return {ord(sign): after for sign, after in zip(signs, simple, strict=True) if sign != after}
