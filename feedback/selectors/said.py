"""The list of what customers said."""

from __future__ import annotations

from typing import Any

from crm.finding import LATEST
from crm.models import Member
from customers.models.interactions import Channel
from customers.selectors.keyset import Page, Sort, page_of
from customers.selectors.plain import Asked
from feedback.models import Feedback
from feedback.selectors.fields import FEEDBACK_FIELDS
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
from feedback.selectors.seeing import visible_feedback

SIZE = 50
_NEWEST = ("-received_at", "-id")


def _in_state(rows: Any, value: str, member: Member) -> Any:
    if value not in ("open", "handled"):
        return rows.none()
    return rows.filter(handled_at__isnull=value == "open")


def _by_words(rows: Any, words: str, member: Member) -> Any:
    columns = ("text", "topic", "sender_name")
    return rows.filter(by_words(rows, words, *columns, function="search_feedback", order=_NEWEST))


def _word_for_itself(choices: Any) -> dict[str, str]:
    return {value: value for value in choices.values}


SAID = Known(
    filters={
        "state": _in_state,
        "type": among("type", _word_for_itself(Feedback.Type)),
        "channel": among("channel", _word_for_itself(Channel)),
        "topic": equal("topic"),
        "sentiment": among("sentiment", _word_for_itself(Feedback.Sentiment)),
        "assigned": of_member("assigned_to"),
        "class": equal("customer__stats__class_code"),
        "days": in_last_days("received_at"),
        "from": from_day("received_at"),
        "to": to_day("received_at"),
        "where": answering(FEEDBACK_FIELDS),
        # The last, for it looks among what the others leave.
        "q": _by_words,
    },
    sorts={"received": Sort("received_at", descending=True, tie="id", tie_descending=True)},
    usual=lambda filters: "received",
    first={"state": "open"},
    tabs={
        "open": {"state": "open"},
        "mine": {"assigned": "me"},
        "negative": {"sentiment": "negative"},
    },
)


def said_by(asked: Asked, member: Member) -> Any:
    """The feedback a member may see of what is asked for."""
    return SAID.narrowed(visible_feedback(member), asked, member)


def said_page(asked: Asked, rows: Any) -> Page:
    rows = rows.select_related("customer", "assigned_to")
    return page_of(rows, asked.order, cursor=asked.cursor, size=SIZE)


def topics(member: Member) -> list[str]:
    """What the latest feedback was about; one query."""
    latest = visible_feedback(member).order_by(*_NEWEST).values_list("topic", flat=True)[:LATEST]
    return sorted({topic for topic in latest if topic})
