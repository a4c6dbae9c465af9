"""Feedback and tickets as files, by what their lists ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.exports.listings import Ask, Column, Listing, as_shown, register, to_the_second
from crm.models import Member
from customers.selectors.plain import Asked
from feedback.lists import FEEDBACK_LIST, TICKET_LIST
from feedback.models import Feedback, Ticket
from feedback.selectors.narrowing import Known
from feedback.selectors.said import SAID, said_by
from feedback.selectors.tickets import TICKETS, tickets_of


def _said_ids(ask: Ask) -> Any:
    return _in_order(SAID, said_by, ask)


def _in_order(known: Known, rows_of: Callable[[Asked, Member], Any], ask: Ask) -> Any:
    asked = known.asked(ask.query)
    rows = rows_of(asked, ask.member)
    if ask.ids:
        rows = rows.filter(pk__in=ask.ids)
    return rows.order_by(*asked.by).values_list("pk", flat=True)


def _load_said(ask: Ask, ids: Sequence[UUID]) -> Iterable[Any]:
    return Feedback.objects.filter(pk__in=ids).select_related("customer", "assigned_to")


def _ticket_ids(ask: Ask) -> Any:
    return _in_order(TICKETS, tickets_of, ask)


def _load_tickets(ask: Ask, ids: Sequence[UUID]) -> Iterable[Any]:
    return Ticket.objects.filter(pk__in=ids).select_related("customer", "owner")


def _name(member: Member | None) -> str | None:
    return member.display_name if member else None


def _said_columns(ask: Ask) -> list[Column]:
    columns = [
        Column("text", _("What was said"), attrgetter("text")),
        Column("customer", _("Customer"), lambda row: row.customer.name if row.customer else row.sender_name),
        Column("type", _("Type"), lambda row: row.get_type_display()),
        Column("topic", _("Topic"), attrgetter("topic"), of="type"),
        Column("sentiment", _("Sentiment"), lambda row: row.get_sentiment_display()),
        Column("channel", _("Channel"), lambda row: row.get_channel_display()),
        Column("assigned_to", _("Assigned to"), lambda row: _name(row.assigned_to)),
        Column("received_at", _("Received"), to_the_second("received_at"), of="received"),
        Column("handled_at", pgettext_lazy("state", "Handled"), to_the_second("handled_at")),
    ]
    return as_shown(columns, ask, FEEDBACK_LIST.columns)


def _ticket_columns(ask: Ask) -> list[Column]:
    columns = [
        Column("number", _("Number"), attrgetter("number"), of="subject"),
        Column("subject", _("Ticket"), attrgetter("subject")),
        Column("customer", _("Customer"), attrgetter("customer.name")),
        Column("priority", _("Priority"), lambda row: row.get_priority_display()),
        Column("owner", _("Owner"), lambda row: _name(row.owner)),
        Column("state", _("State"), lambda row: row.get_status_display()),
        Column("opened_at", pgettext_lazy("ticket", "Opened"), to_the_second("opened_at"), of="opened"),
        Column("respond_by", _("Answer by"), to_the_second("respond_by"), of="due"),
        Column("first_responded_at", _("First answer"), to_the_second("first_responded_at"), of="due"),
        Column("resolved_at", _("Resolved"), to_the_second("resolved_at"), of="state"),
        Column("resolution", _("Resolution"), attrgetter("resolution")),
    ]
    return as_shown(columns, ask, TICKET_LIST.columns)


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
