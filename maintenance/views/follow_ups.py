"""The list of follow-ups: who promised what to whom, by when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext
from django.views.decorators.http import require_GET

from crm.access import needs
from crm.models import Member
from customers import classes
from customers.models import FollowUp
from customers.selectors.keyset import Page
from customers.views.list_page import ListPage, export_of_chosen
from maintenance.lists import FOLLOW_UPS
from maintenance.models import MaintenancePlan
from maintenance.selectors.follow_ups import (
    CLOSED,
    CLOSED_SORTS,
    OPEN_SORTS,
    STATES,
    asked_of,
    follow_up_page,
    follow_ups_of,
    source_of,
)

# A filter's values in words, by its name.
Words = dict[str, dict[str, str]]


class _FollowUps(ListPage):
    """The list of follow-ups with its filters in words."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, FOLLOW_UPS, asked_of(request.GET), _labels(), export="follow-ups")
        self.known = _words()

    def words(self, name: str, value: str) -> str:
        return self.known[name].get(value, value)


@require_GET
@needs("maintenance.view")
def follow_up_list(request: HttpRequest) -> HttpResponse:
    """Open follow-ups, the next first; closed ones where the address asks for them, the latest first."""
    page = _FollowUps(request)
    if (elsewhere := page.elsewhere()) is not None:
        return elsewhere
    at = timezone.now()
    found = follow_up_page(page.asked, request.member, at)
    for row in found.page.rows:
        row.source, row.reachable = source_of(row), row.customer_id in found.seen
        row.state_word, row.tone = _state(row, at, how_late="due" in page.shown)
    return page.answer(
        _listing(page, found.page, at),
        **_row_words(),
        may_change=request.member.can("customers.change"),
        crumbs=[{"label": _("Maintenance"), "url": reverse("maintenance:home")}],
    )


def _state(row: FollowUp, at: datetime, *, how_late: bool) -> tuple[str, str]:
    """The state in words; what is late need not be told beside a column that says how late it is."""
    if row.closed_at:
        return row.get_outcome_display(), "good" if row.outcome == FollowUp.Outcome.DONE else "plain"
    late = row.due_at < at and not how_late
    return (_("Overdue"), "bad") if late else (pgettext("follow-up", "Open"), "plain")


def _row_words() -> dict[str, str]:
    """What every row says, translated once."""
    return {
        "done_word": pgettext("state", "Done"), "move_word": _("Move"), "hand_word": _("Hand over"),
        "skip_word": _("Skip"),
    }  # fmt: skip


def _listing(page: _FollowUps, found: Page, at: datetime) -> dict[str, Any]:
    asked, member = page.asked, page.request.member
    closed = asked.filters.get("state") in CLOSED
    return page.listing(
        found,
        lambda most: follow_ups_of(asked, member, at).at_most(most),
        lambda n: npgettext("counted", "follow-up", "follow-ups", n),
        tabs=page.tabs(_views()),
        search={"value": asked.filters.get("q", ""), "placeholder": _("What, or whom")},
        filter_menu=page.quick_filters(_quick(page.known)),
        **page.table(_columns(closed), CLOSED_SORTS if closed else OPEN_SORTS, same={"closed": "due"}),
        row_template="maintenance/follow_ups/_row.html",
        closed=closed,
        bulk=[] if closed else _bulk(member),
        empty=_empty(),
    )


def _bulk(member: Member) -> list[dict[str, Any]]:
    """What the member may do to the chosen rows."""
    offered = [
        (_("Hand over"), "user-share", "hand_over"),
        (_("Move"), "calendar-time", "move"),
        (pgettext("state", "Done"), "check", "complete"),
        (_("Skip"), "x", "skip"),
    ]
    found = [
        {
            "label": label,
            "icon": icon,
            "url": reverse("customers:change-follow-ups", args=[kind]),
            "sheet": True,
        }
        for label, icon, kind in offered
        if member.can("customers.change")
    ]
    return found + export_of_chosen(member, "follow-ups")


def _views() -> list[tuple[str, dict[str, str]]]:
    return [
        (pgettext("follow-ups", "Open"), {}),
        (_("Mine"), {"owner": "me"}),
        (_("My team"), {"owner": "team"}),
        (_("Overdue"), {"state": "overdue"}),
        (_("Due this week"), {"state": "week"}),
        (pgettext("state", "Done"), {"state": "done"}),
    ]


def _labels() -> dict[str, str]:
    return {
        "state": _("State"), "owner": _("Owner"), "plan": _("Plan"), "origin": _("From"), "class": _("Class"),
    }  # fmt: skip


def _words() -> Words:
    """Two queries: the plans and the classes."""
    return {
        "state": {key: str(label) for key, label in STATES.items()},
        "owner": {"me": _("me"), "team": _("my team")},
        "plan": {str(pk): name for pk, name in MaintenancePlan.objects.values_list("pk", "name")},
        "origin": {value: str(label) for value, label in FollowUp.Origin.choices},
        "class": {code: word.name for code, word in classes.words().items()},
    }


def _quick(words: Words) -> list[tuple[str, str, str]]:
    signs = {
        "state": "progress-check", "owner": "user", "plan": "heart-handshake", "origin": "route", "class": "tag",
    }  # fmt: skip
    return [(name, value, signs[name]) for name, choices in words.items() for value in choices]


def _columns(closed: bool) -> dict[str, str]:
    day = {"closed": pgettext("follow-up", "Closed")} if closed else {"due": _("Due")}
    return {
        "customer": _("Customer"), "what": pgettext("follow-up", "What"), **day, "state": _("State"),
        "owner": _("Owner"), "from": _("From"),
    }  # fmt: skip


def _empty() -> dict[str, Any]:
    return {
        "title": _("Nothing is promised"),
        "text": _("Plans make follow-ups by themselves; on a customer's record one is made by hand."),
        "icon_name": "calendar-due",
        "action_label": _("Customers"),
        "action_url": reverse("customers:list"),
    }
