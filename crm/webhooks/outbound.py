"""HTTP to addresses that people type: never into our own network, bounded in time and size.

The name is looked up once, every address it has is judged, and the connection goes to one that was judged:
a name that answers differently the next time gains nothing. Redirects are answers, not followed.
"""

from __future__ import annotations

import functools
import http.client
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

MOST_READ = 1_000
MOST_SHOWN = 200  # of an address somebody else's server names
_FIGURES = re.compile(r"[0-9a-fx.]+", re.IGNORECASE)
_UNSAFE_V6 = [
    # They carry an IPv4 address inside: translation (NAT64), 6to4, the old mapped and compatible forms.
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "::/96", "fec0::/10")
]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], list[str]]


class Forbidden(Exception):
    """The address is none that Tenure calls."""


class Unanswered(Exception):
    """Nobody answered, or not in time."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status and the first words; ``location`` is where a redirect leads."""

    status: int
    text: str
    location: str = ""


def post(
    url: str, *, body: bytes, headers: Mapping[str, str], seconds: float, lookup: Lookup | None = None
) -> Answer:
    """Send ``body`` and give the answer; ``Forbidden`` or ``Unanswered`` when there is none."""
    parts = check(url)
    deadline = time.monotonic() + seconds
    host, port = _host(parts), parts.port or (443 if parts.scheme == "https" else 80)
    address = _judged(host, _look_up(lookup or look_up, host, port, seconds))
    tls = _tls() if parts.scheme == "https" else None
    connection = _Connection(host, port, address=address, deadline=deadline, tls=tls)
    try:
        connection.request("POST", _target(parts), body=body, headers={**headers, "Host": _authority(parts)})
        answer = connection.getresponse()
        return Answer(answer.status, _readable(answer.read(MOST_READ)), _location(url, answer))
    except (OSError, http.client.HTTPException) as error:
        raise Unanswered(_in_words(error, host)) from error
    finally:
        connection.end()


def _location(url: str, answer: http.client.HTTPResponse) -> str:
    """Where a redirect leads, to read; "" where the answer is none."""
    named = answer.getheader("Location") if 300 <= answer.status < 400 else None
    try:
        whole = urljoin(url, named) if named else ""
    except ValueError:
        whole = named or ""
    return "".join(sign for sign in whole if sign.isprintable())[:MOST_SHOWN]


def _in_words(error: Exception, host: str) -> str:
    """What went wrong on the way to ``host``, for whoever must mend it."""
    if isinstance(error, TimeoutError):
        told = _("%(host)s did not answer in time.")
    elif isinstance(error, ConnectionRefusedError):
        told = _("%(host)s refuses the connection: nothing listens there.")
    elif isinstance(error, ssl.SSLCertVerificationError):
        told = _("The certificate of %(host)s cannot be trusted: %(why)s.")
    elif isinstance(error, ssl.SSLError):
        told = _("%(host)s offers no secure connection: %(why)s.")
    elif isinstance(error, http.client.HTTPException):
        told = _("What %(host)s answers is not HTTP.")
    else:
        told = _("The connection to %(host)s failed: %(why)s.")
    return told % {"host": host, "why": _why(error)}


def _why(error: Exception) -> str:
    """The library's own words for it, without its numbers and the place in its code."""
    if isinstance(error, ssl.SSLError):
        return getattr(error, "verify_message", "") or (error.reason or "SSL").replace("_", " ").lower()
    return getattr(error, "strerror", "") or str(error)


def check(url: str) -> SplitResult:
    """The parts of an address that may be called as far as its text tells, else ``Forbidden``."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Forbidden(_("This is not an address.")) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not url.isprintable():
        raise Forbidden(_("Give a whole address: https://…"))
    if parts.username is not None or parts.password is not None:
        raise Forbidden(_("The address must hold no user name and no password."))
    host = _host(parts)
    if parts.scheme == "http" and not (settings.DEBUG or _is_allowed(host)):
        raise Forbidden(_("The address must begin with https://."))
    if " " in host:
        raise Forbidden(_("This is not an address."))
    literal = ipaddress.ip_address("127.0.0.1") if _is_here(host) else _literal(host)
    if literal is not None:
        _judged(host, [str(literal)])
    return parts


def look_up(host: str, port: int) -> list[str]:
    """Every address a name has."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet: not to us, our neighbours or the cloud we run in."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.scope_id or any(address in net for net in _UNSAFE_V6):
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _judged(host: str, addresses: list[str]) -> str:
    """The first address, once all of them are found to be allowed."""
    if not addresses:
        raise Unanswered(_("%(host)s has no address.") % {"host": host})
    for text in addresses:
        address = ipaddress.ip_address(text)
        if not (is_public(address) or _is_allowed(host, address)):
            told = _(
                "%(host)s leads into a network that is not public. "
                "Whoever runs this Tenure can allow it by TENURE_WEBHOOK_ALLOW."
            )
            raise Forbidden(told % {"host": host})
    return addresses[0]


def _is_allowed(host: str, address: Address | None = None) -> bool:
    """Whether the installation's list names the host, or a network that holds the address."""
    address = address or _literal(host)
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    for entry in settings.WEBHOOK_ALLOW:
        try:
            network = ipaddress.ip_network(entry)
        except ValueError:
            if entry.lower() == host:
                return True
            continue
        if address is not None and address in network:
            return True
    return False


def _is_here(host: str) -> bool:
    """Whether the name is kept for this machine (RFC 6761)."""
    return host.lower() == "localhost" or host.lower().endswith(".localhost")


def _literal(host: str) -> Address | None:
    """The address a host is written as, also in the ways that C's libraries read: 127.1, 0x7f000001, 2130706433."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host)) if _FIGURES.fullmatch(host) else None
    except OSError:
        return None


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError as error:
        raise Forbidden(_("This is not an address.")) from error


def _authority(parts: SplitResult) -> str:
    host = _host(parts)
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{parts.port}" if parts.port else shown


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return f"{path}?{query}" if query else path


def _look_up(lookup: Lookup, host: str, port: int, seconds: float) -> list[str]:
    """The system's look-up knows no limit of its own."""
    found: list[list[str] | Exception] = []

    def ask() -> None:
        try:
            found.append(lookup(host, port))
        except (OSError, UnicodeError) as error:
            found.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if not found:
        raise Unanswered(_("%(host)s could not be looked up in time.") % {"host": host})
    if isinstance(found[0], Exception):
        told = _("%(host)s could not be looked up: %(why)s.")
        raise Unanswered(told % {"host": host, "why": _why(found[0])})
    return found[0]


@functools.cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _readable(content: bytes) -> str:
    return content.decode("utf-8", "replace").replace("\x00", "")


class _Connection(http.client.HTTPConnection):
    """To an address that was judged, whatever the name says by now; done by the deadline or not at all."""

    def __init__(
        self, host: str, port: int, *, address: str, deadline: float, tls: ssl.SSLContext | None
    ) -> None:
        super().__init__(host, port)
        self._address, self._deadline, self._tls = address, deadline, tls
        self._raw: socket.socket | None = None

    def connect(self) -> None:
        left = _left(self._deadline)
        plain = socket.create_connection((self._address, self.port), timeout=left)
        try:
            plain.settimeout(_left(self._deadline))
            raw = self._tls.wrap_socket(plain, server_hostname=self.host) if self._tls else plain
        except BaseException:
            plain.close()
            raise
        self._raw = raw
        self.sock: Any = _Bounded(raw, self._deadline)

    def end(self) -> None:
        self.close()
        if self._raw is not None:
            self._raw.close()


class _Bounded:
    """A socket whose every wait ends at one deadline."""

    def __init__(self, raw: socket.socket, deadline: float) -> None:
        self._raw, self._deadline = raw, deadline

    def sendall(self, data: bytes) -> None:
        self._raw.settimeout(_left(self._deadline))
        self._raw.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._raw, self._deadline))

    def close(self) -> None:
        """The connection lets go before its answer is read; it is ended afterwards."""


class _Reader(io.RawIOBase):
    def __init__(self, raw: socket.socket, deadline: float) -> None:
        self._raw, self._deadline = raw, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._raw.settimeout(_left(self._deadline))
        return self._raw.recv_into(buffer)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time was over")
    return left
