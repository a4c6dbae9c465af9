"""How names, e-mail addresses and phone numbers are written down for finding them again.

Every ``…_norm`` column is made here and nowhere else, so that what is typed into a search and what is
stored meet in the same form.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from uuid import UUID

import phonenumbers
from babel.core import get_global
from pypinyin import lazy_pinyin
from pypinyin.core import Pinyin

from crm.models import Tenant
from crm.tenancy.context import current_or_none
from crm.texts import clean

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SPACES = re.compile(r"\s+")
# As ``lazy_pinyin`` cuts a text itself: it looks for each word's reading apart from its neighbours.
_words_of = Pinyin().seg
_HOMES = {"zh-hans": "CN", "zh-hant": "TW"}


def name_norm(text: str) -> str:
    """A name without differences of width, case and spacing; suffixes such as Ltd stay."""
    return _fold(text)[:200].rstrip()


def email_norm(text: str) -> str:
    """An address in one case, without spaces around it."""
    return _fold(text).replace(" ", "")[:254]


def phone_norm(text: str, region: str | None = None) -> str:
    """The digits of a number with its country's code (E.164 without "+"); of no real number, its digits.

    ``region`` (``GB``) is where a number without a country's code is from; ``None`` means the
    company's own. Callers with many numbers ask ``home_region`` once.
    """
    text = unicodedata.normalize("NFKC", text or "").strip()
    digits = re.sub(r"\D", "", text)
    if not digits:
        return ""
    if region is None and not text.startswith("+"):
        region = home_region()
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return digits[:32]
    if not phonenumbers.is_possible_number(number):
        return digits[:32]
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]


def pinyin_of(text: str) -> tuple[str, str]:
    """A Chinese name as it is typed: all syllables joined, and their first letters; else two blanks."""
    if not text or text.isascii() or not HAN.search(text):
        return "", ""
    words = [_spelled(word) for word in _words_of(_fold(text))]
    joined, initials = "".join(word for word, _i in words), "".join(initials for _w, initials in words)
    return joined[:400], initials[:100]


@lru_cache(maxsize=65_536)
def _spelled(word: str) -> tuple[str, str]:
    """A word's letters and their initials; names share most of their words (places, trades, 有限公司)."""
    parts = [re.sub(r"[\W_]", "", part) for part in lazy_pinyin(word)]
    return "".join(parts), "".join(part[:1] for part in parts)


def home_region() -> str:
    """The country of the open context's company: by its time zone, else its language; "" outside any."""
    context = current_or_none()
    return _region_of(context.tenant_id, context.request_id) if context else ""


@lru_cache(maxsize=256)
def _region_of(tenant_id: UUID, _request_id: UUID) -> str:
    # Asked once a request: a company that moves is noticed by the next one.
    tenant = Tenant.objects.get(pk=tenant_id)
    territory = get_global("zone_territories").get(tenant.timezone, "ZZ")
    return territory if territory not in ("ZZ", "001") else _HOMES.get(tenant.locale, "")


def _fold(text: str) -> str:
    """NFKC and case folding, once more normalised since folding may undo it; single spaces."""
    if not text:
        return ""
    if text.isascii():
        return _SPACES.sub(" ", text.lower()).strip()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", clean(text)).casefold())
    return _SPACES.sub(" ", folded).strip()
