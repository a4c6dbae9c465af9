"""What of feedback Ctrl/⌘K finds: tickets, what was said, surveys."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.finding import MOST, Finder, Hit, among_latest, register
from crm.models import Member
from feedback.models import Survey, Ticket
from feedback.selectors import visible_feedback, visible_tickets

LONGEST = 80
# The column's type ends there.
LAST_NUMBER = 2**31 - 1


def _tickets(words: str, member: Member) -> Iterable[Hit]:
    seen = visible_tickets(member)
    named = among_latest(seen, words, "subject", order=("-opened_at", "-id"))
    wanted = named.values("pk")
    number = words.removeprefix("#")
    if number.isascii() and number.isdecimal() and int(number) <= LAST_NUMBER:
        wanted = wanted.union(seen.filter(number=int(number)).order_by().values("pk"))
    for ticket in (
        Ticket.objects.filter(pk__in=wanted).select_related("customer").order_by("-opened_at", "-id")
    ):
        url = reverse("feedback:ticket", args=[ticket.pk])
        yield Hit(ticket.subject, f"#{ticket.number} · {ticket.customer.name}", url, "ticket")


def _feedback(words: str, member: Member) -> Iterable[Hit]:
    rows = among_latest(visible_feedback(member), words, "text", order=("-received_at", "-id"))
    for said in rows.select_related("customer"):
        name = said.customer.name if said.customer else said.sender_name
        url = reverse("feedback:record", args=[said.pk])
        yield Hit(said.text[:LONGEST], name, url, "message-2")


def _surveys(words: str, member: Member) -> Iterable[Hit]:
    for survey in Survey.objects.filter(name__icontains=words).order_by("name", "pk")[: MOST + 1]:
        yield Hit(
            survey.name, survey.get_state_display(), reverse("feedback:survey", args=[survey.pk]), "forms"
        )


register(Finder("tickets", _("Tickets"), "feedback.view", 50, _tickets))
register(Finder("feedback", _("Feedback"), "feedback.view", 55, _feedback))
register(Finder("surveys", _("Surveys"), "feedback.view", 60, _surveys))
