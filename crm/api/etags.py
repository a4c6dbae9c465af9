"""Versions of records over HTTP: ``ETag``, ``If-None-Match``, ``If-Match``.

A tag is the hash of what was answered, behind the record's version where it has one. A write is compared
by the version alone, so that a tag read with ``?fields=`` holds too.
"""

from __future__ import annotations

import hashlib
from typing import Any

from rest_framework.renderers import JSONRenderer

from crm.errors import Stale


def tag_of(data: Any, version: int | None) -> str:
    """The entity tag of a representation."""
    digest = hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:20]
    return f'"{version}-{digest}"' if version is not None else f'"{digest}"'


def given(header: str) -> list[str]:
    """The tags of a header. Weak ones count too: proxies that compress make strong tags weak."""
    return [tag.strip().removeprefix("W/") for tag in header.split(",") if tag.strip()]


def matches(header: str, tag: str) -> bool:
    tags = given(header)
    return "*" in tags or tag in tags


def demand(header: str, current: str, version: int | None) -> None:
    """``Stale`` unless the caller's tag is of the record as it stands."""
    tags = given(header)
    if "*" in tags or current in tags:
        return
    if version is None or str(version) not in {tag.strip('"').partition("-")[0] for tag in tags}:
        raise Stale
