"""Which encoding a text file is in, told from the whole of it."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

from django.utils.translation import gettext as _

from customers.imports.errors import FileRefused

CHUNK = 2**20
SAMPLE = 2**16
FALLBACK = "cp1252"


def encoding_of(path: Path) -> str:
    """``utf-8``, ``utf-8-sig``, ``utf-16``, ``gb18030``, ``big5`` or ``cp1252``, or a refusal of what is no text.

    UTF-8 is told with certainty; the Chinese encodings, which share their bytes, by how common the
    characters are that each would give.
    """
    with path.open("rb") as file:
        head = file.read(4)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        telling, utf8 = bytearray(), True
        while chunk := file.read(CHUNK):
            if b"\0" in chunk:
                raise FileRefused(_("This is not a text file: it holds zero bytes."))
            if utf8:
                utf8 = _decodes(decoder, chunk)
            if len(telling) < SAMPLE and not chunk.isascii():
                telling += _telling_lines(chunk, first=not telling)[:SAMPLE]
        if utf8 and not decoder.getstate()[0]:
            return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    return _legacy_encoding(bytes(telling), path)


def _telling_lines(chunk: bytes, *, first: bool) -> bytes:
    """The whole lines of a chunk that are not ASCII; its cut edges could split a sign."""
    lines = chunk.split(b"\n")
    whole = lines[0 if first else 1 : len(lines) if len(chunk) < CHUNK else -1]
    return b"\n".join(line for line in whole if not line.isascii()) + b"\n"


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


def _legacy_encoding(telling: bytes, path: Path) -> str:
    scores = {
        "gb18030": _share(telling, "gb18030", _common_in_gb2312),
        "big5": _share(telling, "big5", _common_in_big5),
    }
    best = max(scores, key=scores.__getitem__)
    if scores[best] > 0.6 and _reads_whole(path, best):
        return best
    return FALLBACK if _reads_whole(path, FALLBACK) else "latin-1"


def _share(telling: bytes, encoding: str, common: Callable[[str], bool]) -> float:
    """The share of everyday signs among the text's signs beyond ASCII."""
    signs = [sign for sign in telling.decode(encoding, errors="replace") if ord(sign) > 127]
    return sum(map(common, signs)) / len(signs) if signs else 0.0


def _common_in_gb2312(sign: str) -> bool:
    try:
        lead = sign.encode("gb2312")[0]
    except UnicodeEncodeError:
        return False
    return 0xB0 <= lead <= 0xD7 or lead in (0xA1, 0xA3)


def _common_in_big5(sign: str) -> bool:
    try:
        lead = sign.encode("big5")[0]
    except UnicodeEncodeError:
        return False
    return 0xA4 <= lead <= 0xC6 or lead == 0xA1


def _reads_whole(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if not _decodes(decoder, chunk):
                return False
    return True
