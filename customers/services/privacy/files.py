"""Files of a company that hold a person: uploads, rows not taken, exports, mail laid down instead of sent."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from email import policy
from email.parser import BytesParser
from pathlib import Path
from uuid import UUID
from xml.sax.saxutils import escape

from django.conf import settings
from django.core.cache import cache

from crm.models import Delivery
from crm.tenancy.context import current_tenant_id
from customers.models import Import
from customers.services.privacy.copies import Traces

ENCODINGS = ("utf-8", "utf-16-le", "gb18030", "big5", "latin-1")
CHUNK = 2**20
LONGEST = 400  # bytes of an address or a number, whatever stands between its digits
Pattern = re.Pattern[bytes]
BETWEEN = b"\n" + b"-" * 79 + b"\n"


def clear_files(traces: Traces) -> int:
    """Delete the company's files that name the person; gives how many. An import that waited with one has failed."""
    needles = _bytes_of(traces.identifiers)
    pattern = _pattern_of(traces)
    found = [path for path in _files_of_company() if needles and _holds(path, needles, pattern)]
    for path in found:
        path.unlink(missing_ok=True)
    names = {str(path) for path in found}
    Import.objects.filter(errors_path__in=names).update(errors_path="")
    waiting = Import.objects.filter(path__in=names)
    waiting.update(path="", state=Import.State.FAILED)
    return len(found) + sum(clear_mail(path, traces) for path in laid_down())


def clear_cache(traces: Traces) -> int:
    """Forget what the company's cache holds of the person."""
    client = getattr(cache, "_cache", None)
    if client is None or not hasattr(client, "get_client"):
        return 0
    pattern = _pattern_of(traces)
    server, needles, count = client.get_client(), _bytes_of(traces.identifiers), 0
    for key in server.scan_iter(match=f"*{current_tenant_id()}*"):
        if server.type(key) == b"string" and _among(iter([server.get(key) or b""]), needles, pattern):
            count += server.delete(key)
    return count


def _files_of_company() -> Iterator[Path]:
    place = Path(settings.MEDIA_ROOT) / str(current_tenant_id())
    return (path for path in place.rglob("*") if path.is_file())


def _pattern_of(traces: Traces) -> Pattern | None:
    return re.compile(traces.exact.encode(), re.IGNORECASE) if traces.exact else None


def _bytes_of(identifiers: Iterable[str]) -> list[bytes]:
    found = set()
    for text in identifiers:
        for encoding in ENCODINGS:
            for written in {text, escape(text), text.lower(), text.upper()}:
                try:
                    found.add(written.encode(encoding).lower())
                except UnicodeEncodeError:
                    continue
    return sorted(found)


def _names(text: bytes, needles: list[bytes]) -> bool:
    """Whether one of the needles is in it, in whichever case."""
    folded = text.lower()
    return any(needle in folded for needle in needles)


def _holds(path: Path, needles: list[bytes], pattern: Pattern | None) -> bool:
    """Whether the file, or a part of it where it is an archive or a workbook, has one of the needles."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            return _among(iter(lambda: file.read(CHUNK), b""), needles, pattern)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with archive.open(name) as part:
                if _among(iter(lambda: part.read(CHUNK), b""), needles, pattern):
                    return True
    return False


def _among(chunks: Iterator[bytes], needles: list[bytes], pattern: Pattern | None) -> bool:
    longest, rest = max(LONGEST, *map(len, needles)), b""
    for chunk in chunks:
        seen = rest + chunk
        if _names(seen, needles) or (pattern and pattern.search(seen)):
            return True
        rest = seen[-longest:]
    return False


def laid_down() -> list[Path]:
    """Where no mail server is set, mail is laid down as files, all that one connection sends in one."""
    place = getattr(settings, "EMAIL_FILE_PATH", None)
    return list(Path(place).glob("*")) if place and Path(place).is_dir() else []


def clear_mail(path: Path, traces: Traces) -> bool:
    """Take the mails that name the person out of a file; whether there were any. Without others the file goes."""
    mails = [mail for mail in path.read_bytes().split(BETWEEN) if mail.strip()]
    left = [mail for mail in mails if not _mail_names(mail, traces)]
    if len(left) == len(mails):
        return False
    if left:
        path.write_bytes(b"".join(mail + BETWEEN for mail in left))
    else:
        path.unlink(missing_ok=True)
    return True


def _mail_names(mail: bytes, traces: Traces) -> bool:
    """Whether a mail of this company speaks of the person; of another's, whether it is to the person's address."""
    message = BytesParser(policy=policy.default).parsebytes(mail.lstrip())
    heads = [str(message.get(header, "")) for header in ("to", "cc", "subject")]
    if not _is_ours(str(message.get("message-id", ""))):
        addresses = Traces([text for text in traces.identifiers if "@" in text])
        return any(addresses.are_in(head) for head in heads)
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return any(traces.are_in(text) for text in [*heads, *parts])


def _is_ours(message_id: str) -> bool:
    try:
        return Delivery.objects.filter(pk=UUID(message_id.strip("<> ").partition("@")[0])).exists()
    except ValueError:
        return False
