"""Addresses of pages, each put together once.

A page offers some fifty ways on from it. Django puts an address together anew each time, which takes as long as
drawing the entry of a menu that holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.urls import get_resolver, get_script_prefix, get_urlconf
from django.urls import reverse as put_together


def reverse(name: str, args: Sequence[Any] = ()) -> str:
    """The address of a named page, as Django's ``reverse`` gives it."""
    return _kept(get_resolver(get_urlconf()), get_script_prefix(), name, tuple(args))


@lru_cache(maxsize=2048)
def _kept(resolver: object, prefix: str, name: str, args: tuple[Any, ...]) -> str:
    """Kept for one set of addresses: a setting that names others makes another resolver."""
    return put_together(name, args=args)
