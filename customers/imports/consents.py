"""A cell about a consent: yes or no, then perhaps when it was said, then perhaps what shows it."""

from __future__ import annotations

import json
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from customers.imports.values import Converter, truth

MOST_PROOF = 2_000
_GIVEN = {
    *("agreed", "given", "granted", "accepted", "subscribed", "opted-in"),
    *("同意", "已同意", "接受", "订阅", "已订阅", "訂閱"),
}
_TAKEN_BACK = {
    *("withdrawn", "refused", "declined", "rejected", "revoked", "unsubscribed", "opted-out"),
    *("不同意", "未同意", "拒绝", "拒絕", "已拒绝", "撤回", "已撤回", "退订", "已退订", "退訂"),
}


def said(moment: Converter) -> Converter:
    """When something was said: never in the future."""

    def convert(text: str) -> str:
        at = str(moment(text))
        if datetime.fromisoformat(at) > timezone.now():
            raise ValueError(_("Nobody can have said it yet."))
        return at

    return convert


def consent(moment: Converter) -> Converter:
    """Reads "yes", "no 2025-03-01", "yes 2025-03-01T10:00:00+00:00 by phone", or a day alone, on which it was given,
    into the JSON of ``given``, ``at`` and ``proof``."""
    read = said(moment)

    def convert(text: str) -> str:
        word, _gap, rest = text.partition(" ")
        try:
            given = _given(word)
        except ValueError:
            return _told(True, _at(text, read, _("neither yes nor no, nor a day")), "")
        if not rest.strip():
            return _told(given, None, "")
        day, *proof = rest.split(maxsplit=1)
        at = _at(day, read, _("after yes or no comes the day it was said"))
        return _told(given, at, proof[0] if proof else "")

    return convert


def _given(word: str) -> bool:
    plain = word.casefold().rstrip(",;，；")
    if plain in _GIVEN or plain in _TAKEN_BACK:
        return plain in _GIVEN
    return truth(plain)


def _at(text: str, read: Converter, wrong: str) -> object:
    if not any(map(str.isdigit, text)):
        raise ValueError(wrong)
    return read(text)


def _told(given: bool, at: object, proof: str) -> str:
    if len(proof) > MOST_PROOF:
        raise ValueError(_("longer than %(limit)d characters") % {"limit": MOST_PROOF})
    return json.dumps({"given": given, "at": at, "proof": proof or None}, ensure_ascii=False)
