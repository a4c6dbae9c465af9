"""The list of tickets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from crm.models import Member
from customers.selectors.keyset import Page, Sort, page_of
from customers.selectors.plain import Asked
from feedback.models import Ticket
from feedback.selectors.fields import TICKET_FIELDS
from feedback.selectors.narrowing import (
    Known,
    among,
    answering,
    by_words,
    equal,
    from_day,
    in_last_days,
    of_member,
    to_day,
)
from feedback.selectors.seeing import visible_tickets

SIZE = 50
PRIORITIES = {priority.name.lower(): priority.value for priority in Ticket.Priority}
# The column's type ends there.
_LAST_NUMBER = 2**31 - 1
_STATES: dict[str, Callable[[Any, datetime], Any]] = {
    "open": lambda rows, at: rows.open(),
    "waiting": lambda rows, at: rows.unanswered(),
    "overdue": lambda rows, at: rows.breached(at),
    "answered": lambda rows, at: rows.open().exclude(first_responded_at=None),
    "resolved": lambda rows, at: rows.exclude(resolved_at=None),
}


def _in_state(rows: Any, value: str, member: Member) -> Any:
    return _STATES[value](rows, timezone.now()) if value in _STATES else rows.none()


def _answered_late(rows: Any, value: str, member: Member) -> Any:
    """``yes``: the first answer came after its limit, or has not come by now; ``no``: it came in time."""
    if value == "no":
        return rows.filter(first_responded_at__lte=F("respond_by"))
    late = Q(first_responded_at__gt=F("respond_by"))
    late |= Q(first_responded_at=None, respond_by__lte=timezone.now())
    return rows.filter(late) if value == "yes" else rows.none()


def number_in(words: str) -> int | None:
    """The number of a ticket, as it is typed: ``12`` or ``#12``."""
    digits = words.removeprefix("#")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 11):
        return None
    return number if (number := int(digits)) <= _LAST_NUMBER else None


def _by_number_or_words(rows: Any, words: str, member: Member) -> Any:
    """``12`` may be a ticket's number, ``#12`` is nothing else."""
    number = number_in(words)
    numbered = Q(pk=None) if number is None else Q(number=number)
    if words.startswith("#") and number is not None:
        return rows.filter(numbered)
    found = by_words(rows, words, "subject", function="search_tickets", order=("-opened_at", "-id"))
    return rows.filter(found | numbered)


TICKETS = Known(
    filters={
        "state": _in_state,
        "priority": among("priority", PRIORITIES),
        "owner": of_member("owner"),
        "late": _answered_late,
        "class": equal("customer__stats__class_code"),
        "days": in_last_days("opened_at"),
        "from": from_day("opened_at"),
        "to": to_day("opened_at"),
        "where": answering(TICKET_FIELDS),
        # The last, for it looks among what the others leave.
        "q": _by_number_or_words,
    },
    sorts={
        "due": Sort("respond_by", tie="id"),
        "opened": Sort("opened_at", descending=True, tie="id", tie_descending=True),
        "priority": Sort("priority", descending=True, tie="id", tie_descending=True),
    },
    usual=lambda filters: "due" if filters.get("state") in ("open", "waiting", "overdue") else "opened",
    first={"state": "open"},
    tabs={
        "open": {"state": "open"},
        "mine": {"state": "open", "owner": "me"},
        "unanswered": {"state": "waiting"},
    },
)


def tickets_of(asked: Asked, member: Member) -> Any:
    """The tickets a member may see of what is asked for."""
    return TICKETS.narrowed(visible_tickets(member), asked, member)


def ticket_page(asked: Asked, rows: Any) -> Page:
    return page_of(rows.select_related("customer", "owner"), asked.order, cursor=asked.cursor, size=SIZE)
