"""Calendars as other programs read them (RFC 5545): days of one's own, written line by line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

WIDTH = 75  # octets of a line, without its end (3.1)
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Day:
    """Something that takes up a day. ``uid`` is the same for good; ``sequence`` grows with each change."""

    uid: str
    on: date
    title: str
    text: str
    url: str
    made_at: datetime
    sequence: int
    category: str = ""


def calendar(name: str, days: Iterable[Day], *, refresh: timedelta) -> bytes:
    """A calendar of whole days. They block nobody's time."""
    every = f"PT{int(refresh.total_seconds() // 60)}M"
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tenure//Follow-ups//EN", "CALSCALE:GREGORIAN"),
        *("METHOD:PUBLISH", f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}"),
        *(f"REFRESH-INTERVAL;VALUE=DURATION:{every}", f"X-PUBLISHED-TTL:{every}"),
    ]
    for day in days:
        lines += _event(day)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(day: Day) -> Iterator[str]:
    made = f"{day.made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield from ("BEGIN:VEVENT", f"UID:{_text(day.uid)}", f"DTSTAMP:{made}", f"CREATED:{made}")
    yield f"SEQUENCE:{day.sequence}"
    yield f"DTSTART;VALUE=DATE:{day.on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day.on + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_text(day.title)}"
    yield f"DESCRIPTION:{_text(day.text)}"
    if day.category:
        yield f"CATEGORIES:{_text(day.category)}"
    yield f"URL:{_UNWRITABLE.sub('', day.url)}"
    yield from ("TRANSP:TRANSPARENT", "END:VEVENT")


def _text(words: str) -> str:
    """A value of type TEXT (3.3.11); a line's end becomes its sign, so that no words can begin a line of their own."""
    words = words.replace("\r\n", "\n").replace("\r", "\n")
    for sign in ("\\", ";", ","):
        words = words.replace(sign, f"\\{sign}")
    return _UNWRITABLE.sub("", words.replace("\n", "\\n"))


def _folded(line: str) -> bytes:
    """The line in pieces of at most 75 octets, each after the first behind a blank; no character is cut."""
    pieces, piece = [], b""
    for sign in line:
        octets = sign.encode()
        if len(piece) + len(octets) > WIDTH:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
