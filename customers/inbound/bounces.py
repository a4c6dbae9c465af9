"""A message of mail as what it says could not be delivered: delivery status notifications (RFC 3464) and what older
mail servers write instead, where it names the failed recipient beyond doubt."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from typing import Any
from uuid import UUID

MOST_RECIPIENTS = 50
MOST_WORDS = 500
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?:[ \-]|$)")
_ADDRESS = re.compile(r"[^\s<>;,\"]+@[^\s<>;,\"]+")
_OURS = re.compile(r"^Message-ID:\s*<([0-9a-f-]{36})@", re.IGNORECASE | re.MULTILINE)
_QMAIL = re.compile(r"^<([^\s<>]+@[^\s<>]+)>:\s*\n(.+(?:\n.+)*)", re.MULTILINE)
_BY_SERVERS = ("mailer-daemon", "postmaster")
# What a server refuses because of us or of this one message says nothing about the address.
_ABOUT_US = re.compile(r"relay|spam|block|black.?list|reputation|policy|spf|dkim|dmarc", re.IGNORECASE)
_NOT_FOR_GOOD = re.compile(r"^5\.(2\.2|3\.4|6\.\d+|7\.\d+)$")
_FOR_GOOD = re.compile(
    r"(?<!not )(?<!not a )permanent(?:ly| error| failure)|no mailbox here"
    r"|(?:unknown|no such) (?:user|mailbox|recipient)|(?:用户|邮箱|帐号|账号|收件人)不存在"
    r"|(?:user|mailbox|recipient|address) (?:unknown|not found|does(?:n't| not) exist)",
    re.IGNORECASE,
)
_BY_CODE = {"552": "5.2.2"}


@dataclass(frozen=True)
class Failure:
    """One recipient that was not reached: the address, the status (RFC 3463) and the server's words."""

    address: str
    status: str
    words: str

    @property
    def is_hard(self) -> bool:
        """Whether the address will never take mail; what is wrong with us, the message or today can pass."""
        if not self.status.startswith("5.") or _NOT_FOR_GOOD.match(self.status):
            return False
        return not (self.status == "5.0.0" and _ABOUT_US.search(self.words))


@dataclass(frozen=True)
class Report:
    """A message about failures. ``delivery`` is what our own Message-ID in it names; ``id`` the report's own."""

    failures: list[Failure]
    delivery: UUID | None
    id: str


def read(raw: bytes) -> Report | None:
    """What a message says could not be delivered; ``None`` where it is no such message."""
    message = BytesParser(_class=EmailMessage, policy=policy.compat32).parsebytes(raw)
    failures = _told_by_standard(message)
    if failures is None:
        failures = _told_otherwise(message)
    if failures is None:
        return None
    own_id = _line(message, "Message-ID") or hashlib.sha256(raw).hexdigest()
    return Report(failures[:MOST_RECIPIENTS], _delivery(message), own_id)


def refusal(address: str, code: int, words: str) -> Failure:
    """What a server answered at once when it was given this recipient."""
    return Failure(address, _status_in(f"{code} {words}"), _short(words))


def _told_by_standard(message: Message) -> list[Failure] | None:
    if message.get_content_type() != "multipart/report":
        return None
    kind = str(message.get_param("report-type", "") or "").lower()
    parts = [part for part in message.walk() if part.get_content_type() == "message/delivery-status"]
    if kind not in ("delivery-status", "") or not parts:
        return None
    blocks: Any = parts[0].get_payload()
    found = [_failure(block) for block in blocks] if isinstance(blocks, list) else []
    return [one for one in found if one is not None]


def _failure(block: Message) -> Failure | None:
    """One recipient's group of fields; what arrived, waits or was handed on is no failure."""
    address = _recipient(block, "Original-Recipient") or _recipient(block, "Final-Recipient")
    if not address or _line(block, "Action").lower() not in ("failed", ""):
        return None
    words = _line(block, "Diagnostic-Code")
    words = words.partition(";")[2].strip() or words
    status = _STATUS.match(_line(block, "Status"))
    told = status.group(1) if status else _status_in(words)
    if told in ("5.0.0", "4.0.0") and words:  # some servers are precise in their words alone
        told = _status_in(words, otherwise=told)
    return None if told.startswith("2.") else Failure(address, told, _short(words))


def _recipient(block: Message, name: str) -> str:
    kind, _semicolon, text = _line(block, name).partition(";")
    found = _ADDRESS.search(text or kind)
    return found.group(0)[:320] if found and kind.strip().lower() in ("rfc822", "utf-8", "") else ""


def _told_otherwise(message: Message) -> list[Failure] | None:
    """Of servers that write in their own words: those whose header or form names who failed."""
    if not _is_by_server(message):
        return None
    text = _text(message)
    named = _ADDRESS.findall(_line(message, "X-Failed-Recipients"))
    if named:
        return [Failure(one[:320], _status_in(text), _short(_words_about(one, text))) for one in named]
    if "qmail-send program" in text:
        return [
            Failure(address[:320], _status_in(words), _short(words))
            for address, words in _QMAIL.findall(text)
        ] or None
    return None


def _is_by_server(message: Message) -> bool:
    sender = _line(message, "From").lower()
    return _line(message, "Return-Path") == "<>" or any(name in sender for name in _BY_SERVERS)


def _words_about(address: str, text: str) -> str:
    """What stands after the address: the other side's answer."""
    return text.partition(address)[2] or text


def _status_in(words: str, otherwise: str = "") -> str:
    """The status a server's words give: the extended one, else what its three digits mean.

    Where none is told and no word says that it is for good, it may pass.
    """
    if found := _STATUS.search(words):
        return found.group(1)
    if found := _REPLY.search(words):
        return _BY_CODE.get(found.group(1), f"{found.group(1)[0]}.0.0")
    return otherwise or ("5.0.0" if _FOR_GOOD.search(words) else "4.0.0")


def _delivery(message: Message) -> UUID | None:
    """Our delivery that came back with the report: by the Message-ID of the message it encloses or quotes."""
    for part in message.walk():
        own = part is not message and _OURS.search(f"Message-ID: {_line(part, 'Message-ID')}")
        quoted = None if part.is_multipart() else _OURS.search(_decoded(part))
        if found := own or quoted:
            try:
                return UUID(found.group(1))
            except ValueError:
                continue
    return None


def _text(message: Message) -> str:
    plain = [part for part in message.walk() if part.get_content_type() == "text/plain"]
    return _decoded(plain[0]) if plain else ""


def _decoded(part: Message) -> str:
    payload: Any = part.get_payload(decode=True)
    return payload[:100_000].decode("utf-8", "replace").replace("\r\n", "\n") if payload else ""


def _line(message: Message, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _short(words: str) -> str:
    return " ".join(words.replace("\0", "").split())[:MOST_WORDS]
