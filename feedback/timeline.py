"""Feedback, tickets and survey answers on the customer's timeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from customers.models import Customer
from customers.timeline import Entry, register
from feedback.models import SurveyResponse


def _before(rows: Any, field: str, before: datetime | None, limit: int) -> Any:
    return (rows.filter(**{f"{field}__lt": before}) if before else rows).order_by(f"-{field}")[:limit]


def feedback_entries(customer: Customer, before: datetime | None, limit: int) -> Iterable[Entry]:
    rows = customer.feedback.select_related("entered_by")
    for feedback in _before(rows, "received_at", before, limit):
        yield Entry(
            key=f"feedback-{feedback.pk}",
            kind="feedback",
            at=feedback.received_at,
            title=_("Feedback: %(type)s") % {"type": feedback.get_type_display()},
            text=feedback.text,
            author=feedback.entered_by.display_name if feedback.entered_by else "",
            icon="message-2",
            url=reverse("feedback:record", args=[feedback.pk]),
            tone="bad" if feedback.sentiment == "negative" else "",
        )


def ticket_entries(customer: Customer, before: datetime | None, limit: int) -> Iterable[Entry]:
    for ticket in _before(customer.tickets.select_related("owner"), "opened_at", before, limit):
        yield Entry(
            key=f"ticket-{ticket.pk}",
            kind="ticket",
            at=ticket.opened_at,
            title=_("Ticket %(ticket)s") % {"ticket": ticket},
            text=ticket.resolution,
            author=ticket.owner.display_name if ticket.owner else "",
            icon="message-exclamation",
            url=reverse("feedback:ticket", args=[ticket.pk]),
            tone="" if ticket.resolved_at else "warn",
        )


def survey_entries(customer: Customer, before: datetime | None, limit: int) -> Iterable[Entry]:
    for response in _before(customer.survey_responses.select_related("survey"), "answered_at", before, limit):
        yield Entry(
            key=f"survey-{response.pk}",
            kind="survey",
            at=response.answered_at,
            title=_("Answered “%(survey)s”") % {"survey": response.survey.name},
            text="\n".join(filter(None, [score_text(response), response.comment])),
            icon="clipboard-check",
            url=reverse("feedback:survey", args=[response.survey_id]),
        )


def score_text(response: SurveyResponse) -> str:
    """What was scored, in one line."""
    parts = []
    if response.csat is not None:
        parts.append(_("Satisfaction %(score)s of 100") % {"score": response.csat})
    if response.nps is not None:
        parts.append(_("Would recommend: %(score)s of 10") % {"score": response.nps})
    return " · ".join(parts)


register("feedback", feedback_entries)
register("ticket", ticket_entries)
register("survey", survey_entries)
