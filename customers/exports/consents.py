"""What customers and contacts agreed to, as columns of a file that brings it in again: word, moment, proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from crm.exports.listings import Column
from customers.imports.beside import CONSENTS
from customers.models import Consent


def of_customers() -> Any:
    """The customers' own words."""
    return Consent.objects.filter(contact=None)


def of_contacts() -> Any:
    return Consent.objects.exclude(contact=None)


def columns(words: Any) -> list[Column]:
    """A column for each channel and purpose on which there are words in the company."""
    return [
        Column(name, name, _reader(channel, purpose))
        for name, (channel, purpose) in CONSENTS.items()
        if words.filter(channel=channel, purpose=purpose).exists()
    ]


def note(rows: Iterable[Any], words: Any, pk: Callable[[Any], UUID]) -> None:
    """Give the rows the words that count; ``pk`` tells whose they are."""
    by: dict[UUID, dict[tuple[str, str], str]] = {}
    for word in words.standing():
        cells = by.setdefault(word.contact_id or word.customer_id, {})
        cells[word.channel, word.purpose] = _cell(word)
    for row in rows:
        row.consent_words = by.get(pk(row), {})


def _reader(channel: str, purpose: str) -> Callable[[Any], str | None]:
    return lambda row: row.consent_words.get((channel, purpose))


def _cell(word: Consent) -> str:
    return f"{'yes' if word.given else 'no'} {word.at.isoformat()} {word.proof}".rstrip()


def of(ids: Sequence[UUID], *, contacts: bool = False) -> Any:
    """The words of some customers, or of some contacts."""
    return of_contacts().filter(contact__in=ids) if contacts else of_customers().filter(customer__in=ids)
