"""Rows that whoever brings a file leaves out, such as a heading between pages: neither taken nor refused.

They are kept with what was mended, and can be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from crm import audit
from crm.models import Member
from customers.imports.errors import MappingRefused
from customers.models import Import
from customers.services.imports.mending import bare, refusals_of

MOST = 5_000


@dataclass(frozen=True)
class Choice:
    """``rows`` says by line which of those shown are out; ``reason`` leaves out all that are refused for it, shown or
    not; ``none`` takes every row back."""

    rows: Mapping[int, bool] = field(default_factory=dict)
    reason: str = ""
    none: bool = False


def take(import_: Import, choice: Choice | None, actor: Member) -> None:
    """Keep what is left out, by line with why the row was not taken."""
    if choice is None:
        return
    before: dict[str, str] = import_.preview.get("left_out", {})
    now = {} if choice.none else _chosen(import_, choice, before)
    if len(now) > MOST:
        raise MappingRefused(
            _("More than %(most)d rows would be left out. Take them out of the file.") % {"most": MOST}
        )
    if now != before:
        import_.preview["left_out"] = now
        audit.record("import.left_out", import_, actor=actor, lines=sorted(map(int, now)))


def _chosen(import_: Import, choice: Choice, before: Mapping[str, str]) -> dict[str, str]:
    now = {line: why for line, why in before.items() if choice.rows.get(int(line), True)}
    if choice.reason or any(choice.rows.values()):
        for line, _column, _value, reason in refusals_of(import_):
            if choice.rows.get(line) or bare(reason) == choice.reason:
                now.setdefault(str(line), reason)
    return now
