"""How a server's process keeps its objects."""

from __future__ import annotations

import gc

from django.urls import get_resolver

# New containers between two looks for cycles. A page makes some ten thousand, nearly all of them freed without a look;
# at Python's 700 the look itself takes a tenth of the page's time.
_YOUNG = 50_000


def settle() -> None:
    """Call once an application has started: what is loaded by now stays for good and is looked through no more."""
    get_resolver().url_patterns  # noqa: B018  # read now, or the first visitor waits for it
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 10, 10)
