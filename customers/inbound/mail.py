"""A raw message of mail (RFC 5322) as what a person wrote: from whom, when, about what, in plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html import unescape

MOST_TEXT = 9_000
AHEAD = timedelta(days=1)
_REFUSED = re.compile("[\0\ud800-\udfff]")
_GONE = re.compile(r"<(script|style|head)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_LINES = re.compile(r"<(br|/p|/div|/tr|/li|/h\d)\b[^>]*>", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]*>")


class NotMail(ValueError):
    """What came has no sender: it is no message."""


@dataclass(frozen=True)
class Mail:
    name: str
    address: str
    subject: str
    text: str
    message_id: str
    sent_at: datetime | None
    by_program: bool

    @property
    def words(self) -> str:
        """Subject and text, as they are kept."""
        return "\n\n".join(part for part in (self.subject, self.text) if part)


def read(raw: bytes) -> Mail:
    """Take a message apart. ``by_program``: out of office, a list, a bounce; nobody is there to answer."""
    message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(raw)
    name, address = _sender(message)
    return Mail(
        name=name[:200],
        address=address,
        subject=_line(message, "Subject")[:200],
        text=_text(message)[:MOST_TEXT],
        message_id=_line(message, "Message-ID").strip("<> ")[:255],
        sent_at=_sent_at(message),
        by_program=_is_by_program(message),
    )


def _line(message: EmailMessage, name: str) -> str:
    try:
        return _kept(str(message.get(name, "")))
    except (ValueError, IndexError, AttributeError):  # a header the library stumbles over
        return ""


def _sender(message: EmailMessage) -> tuple[str, str]:
    try:
        header = message["Reply-To"] or message["From"]
        one = header.addresses[0]
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise NotMail("no sender") from error
    address = str(one.addr_spec)
    if "@" not in address or len(address) > 200:
        raise NotMail("no sender")
    return _kept(str(one.display_name or "")), _kept(address)


def _kept(text: str) -> str:
    """One line without the signs that the database refuses."""
    return " ".join(_REFUSED.sub("", text).split())


def _text(message: EmailMessage) -> str:
    try:
        part = message.get_body(("plain", "html"))
        if part is None:
            return ""
        text = str(part.get_content())
    except (KeyError, LookupError, ValueError, AttributeError):  # an encoding nobody knows
        return ""
    if part.get_content_subtype() == "html":
        text = unescape(_TAGS.sub("", _LINES.sub("\n", _GONE.sub("", text))))
    lines = [line.rstrip() for line in _REFUSED.sub("", text).replace("\r\n", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _sent_at(message: EmailMessage) -> datetime | None:
    try:
        at = message["Date"].datetime
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        is_ahead = at.astimezone(UTC) > datetime.now(UTC) + AHEAD
    except (AttributeError, TypeError, ValueError, OverflowError):
        return None
    return None if is_ahead else at  # of a clock that is wrong nothing is believed


def _is_by_program(message: EmailMessage) -> bool:
    said = _line(message, "Auto-Submitted").lower()
    bulk = _line(message, "Precedence").lower() in ("bulk", "junk", "list")
    report = message.get_content_type() == "multipart/report"
    return (said not in ("", "no")) or bulk or report
