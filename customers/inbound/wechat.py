"""Messages and events of a WeChat official account: signature, XML, and its encrypted mode.

After WeChat's guide for developers: the signature is SHA-1 of token, moment and nonce in order. An encrypted message
is AES-256-CBC with the key's beginning as its vector, padded to 32 bytes: 16 random bytes, the length in 4, the XML,
the account's id.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from xml.parsers import expat

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

MOST = 64_000
BLOCK = 32


class NotWeChat(ValueError):
    """The call is not signed by who knows the token, or is no message."""


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def check(given: str, *parts: str) -> None:
    """Refuse a call whose signature is not that of ``parts``, the token among them."""
    if not hmac.compare_digest(given.encode(), signature(*parts).encode()):
        raise NotWeChat("signature")


def read(body: bytes) -> dict[str, str]:
    """The elements right below ``<xml>`` by name. A document type, and with it every entity, is refused."""
    if len(body) > MOST:
        raise NotWeChat("too long")
    found: dict[str, str] = {}
    path: list[str] = []

    def begin(name: str, _attributes: dict[str, str]) -> None:
        path.append(name)

    def end(_name: str) -> None:
        path.pop()

    def text(data: str) -> None:
        if len(path) == 2:
            found[path[1]] = found.get(path[1], "") + data

    def refuse(*_declared: object) -> None:
        raise NotWeChat("document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise NotWeChat("no XML") from error
    return {name: value.strip() for name, value in found.items()}


def decrypt(sealed: str, *, key: str, app_id: str) -> bytes:
    """The XML within an encrypted message; ``key`` is the account's EncodingAESKey (43 characters)."""
    try:
        secret = base64.b64decode(key + "=")
        raw = base64.b64decode(sealed, validate=True)
        worker = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).decryptor()
        plain = worker.update(raw) + worker.finalize()
    except (ValueError, binascii.Error) as error:
        raise NotWeChat("not sealed for us") from error
    pad = plain[-1] if plain else 0
    if not 1 <= pad <= BLOCK:
        raise NotWeChat("padding")
    plain = plain[:-pad]
    length = int.from_bytes(plain[16:20], "big")
    if plain[20 + length :].decode("utf-8", "replace") != app_id:
        raise NotWeChat("another account's")
    return plain[20 : 20 + length]
