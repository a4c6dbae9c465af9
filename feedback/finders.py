"""What of feedback Ctrl/⌘K finds: tickets, what was said, surveys."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.finding import MOST, Finder, Hit, Texts, around, register
from crm.models import Member
from crm.tenancy.prepared import Prepared
from feedback.models import Survey
from feedback.selectors import visible_feedback, visible_tickets
from feedback.selectors.tickets import number_in

_TICKET = ("pk", "number", "subject", "customer__name")
_TICKETS = Texts(
    "search_tickets",
    visible_tickets,
    "subject",
    "description",
    order=("-opened_at", "-id"),
    drawn=_TICKET,
)
_FEEDBACK = Texts(
    "search_feedback",
    visible_feedback,
    "text",
    order=("-received_at", "-id"),
    drawn=("pk", "text", "customer__name", "sender_name"),
)
_SURVEYS = Prepared(lambda words: Survey.objects.filter(name__holds=words).order_by("name", "pk")[: MOST + 1])


def _tickets(words: str, member: Member) -> Iterable[Hit]:
    number = number_in(words)
    numbered = visible_tickets(member).filter(number=number).values_list(*_TICKET)
    by_number = list(numbered) if number is not None else []
    for pk, place, subject, customer in dict.fromkeys([*by_number, *_TICKETS(words, member)]):
        url = reverse("feedback:ticket", args=[pk])
        yield Hit(subject, f"#{place} · {customer}", url, "ticket")


def _feedback(words: str, member: Member) -> Iterable[Hit]:
    for pk, text, customer, sender in _FEEDBACK(words, member):
        name = sender if customer is None else customer
        yield Hit(around(text, words), name, reverse("feedback:record", args=[pk]), "message-2")


def _surveys(words: str, member: Member) -> Iterable[Hit]:
    for survey in _SURVEYS(words):
        yield Hit(
            survey.name, survey.get_state_display(), reverse("feedback:survey", args=[survey.pk]), "forms"
        )


register(Finder("tickets", _("Tickets"), "feedback.view", 50, _tickets))
register(Finder("feedback", _("Feedback"), "feedback.view", 55, _feedback))
register(Finder("surveys", _("Surveys"), "feedback.view", 60, _surveys))
