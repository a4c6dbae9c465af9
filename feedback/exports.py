"""Feedback and tickets as files, by the views of their lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.exports.listings import Ask, Column, Listing, register, to_the_second
from crm.models import Member
from feedback import selectors
from feedback.models import Feedback, Ticket


def _narrowed(rows: Any, views: dict[str, Q], ask: Ask) -> Any:
    if ask.ids:
        rows = rows.filter(pk__in=ask.ids)
    return rows.filter(views.get(ask.query.get("view", ""), views["open"]))


def _said_ids(ask: Ask) -> Any:
    rows = _narrowed(selectors.visible_feedback(ask.member), selectors.feedback_views(ask.member), ask)
    return rows.order_by("-received_at", "-id").values_list("pk", flat=True)


def _load_said(ask: Ask, ids: Sequence[UUID]) -> Iterable[Any]:
    return Feedback.objects.filter(pk__in=ids).select_related("customer", "assigned_to")


def _ticket_ids(ask: Ask) -> Any:
    rows = _narrowed(selectors.visible_tickets(ask.member), selectors.ticket_views(ask.member), ask)
    order = ("-opened_at", "-id") if ask.query.get("view") == "all" else ("respond_by", "id")
    return rows.order_by(*order).values_list("pk", flat=True)


def _load_tickets(ask: Ask, ids: Sequence[UUID]) -> Iterable[Any]:
    return Ticket.objects.filter(pk__in=ids).select_related("customer", "owner")


def _name(member: Member | None) -> str | None:
    return member.display_name if member else None


def _said_columns(ask: Ask) -> list[Column]:
    return [
        Column("text", _("What was said"), attrgetter("text")),
        Column("customer", _("Customer"), lambda row: row.customer.name if row.customer else row.sender_name),
        Column("type", _("Type"), lambda row: row.get_type_display()),
        Column("topic", _("Topic"), attrgetter("topic")),
        Column("sentiment", _("Sentiment"), lambda row: row.get_sentiment_display()),
        Column("channel", _("Channel"), lambda row: row.get_channel_display()),
        Column("assigned_to", _("Assigned to"), lambda row: _name(row.assigned_to)),
        Column("received_at", _("Received"), to_the_second("received_at")),
        Column("handled_at", pgettext_lazy("state", "Handled"), to_the_second("handled_at")),
    ]


def _ticket_columns(ask: Ask) -> list[Column]:
    return [
        Column("number", _("Number"), attrgetter("number")),
        Column("subject", _("Ticket"), attrgetter("subject")),
        Column("customer", _("Customer"), attrgetter("customer.name")),
        Column("priority", _("Priority"), lambda row: row.get_priority_display()),
        Column("owner", _("Owner"), lambda row: _name(row.owner)),
        Column("state", _("State"), lambda row: row.get_status_display()),
        Column("opened_at", pgettext_lazy("ticket", "Opened"), to_the_second("opened_at")),
        Column("respond_by", _("Answer by"), to_the_second("respond_by")),
        Column("first_responded_at", _("First answer"), to_the_second("first_responded_at")),
        Column("resolved_at", _("Resolved"), to_the_second("resolved_at")),
        Column("resolution", _("Resolution"), attrgetter("resolution")),
    ]


register(
    Listing(
        "feedback", _("Feedback"), "feedback.view", _said_columns, _said_ids, _load_said, back="feedback:list"
    )
)
register(
    Listing(
        "tickets",
        _("Tickets"),
        "feedback.view",
        _ticket_columns,
        _ticket_ids,
        _load_tickets,
        back="feedback:tickets",
    )
)
