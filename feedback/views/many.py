"""What is done to many tickets at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import needs
from crm.answers import posted
from crm.errors import NotFound
from crm.models import Member
from customers.forms import OwnerForm
from customers.services.many.rows import Deed, rows_named
from customers.views.list_page import export_of_chosen
from customers.views.many import deed_sheet, undone, undone_later
from feedback.forms import RatingForm, ResolveForm
from feedback.services import many as deeds

NAME = "tickets"
_FORMS: dict[str, type[forms.Form]] = {
    deeds.ASSIGN: OwnerForm,
    deeds.RATE: RatingForm,
    deeds.RESOLVE: ResolveForm,
    deeds.REOPEN: forms.Form,
}


@require_http_methods(["GET", "POST"])
@needs("feedback.change")
def change(request: HttpRequest, kind: str) -> HttpResponse:
    """One deed to the chosen tickets, or to all that match; can be taken back."""
    if kind not in _FORMS:
        raise NotFound
    form = _FORMS[kind](posted(request))
    return deed_sheet(
        request,
        rows_named(NAME),
        form,
        lambda: Deed(kind, _values(form.cleaned_data)),
        title=lambda count, words: _title(kind, count) % {"count": words},
        submit=_words()[kind][0],
        undo="feedback:undo-tickets",
    )


@require_POST
@needs("feedback.change")
def undo(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Take back what the member did to tickets in one request."""
    return undone(request, rows_named(NAME), request_id)


@require_POST
@needs("feedback.change")
def undo_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    return undone_later(request, rows_named(NAME), pk)


def bulk_actions(member: Member, *, resolved: bool) -> list[dict[str, Any]]:
    """What the member may do to the chosen rows of the list; ``resolved``: it shows resolved ones."""
    kinds = [deeds.ASSIGN, deeds.REOPEN] if resolved else [deeds.ASSIGN, deeds.RATE, deeds.RESOLVE]
    found = [
        {
            "label": _words()[kind][0],
            "icon": _words()[kind][1],
            "url": reverse("feedback:change-tickets", args=[kind]),
            "sheet": True,
        }
        for kind in kinds
        if member.can("feedback.change")
    ]
    return found + export_of_chosen(member, "tickets")


def _words() -> dict[str, tuple[str, str]]:
    """Each deed as a button says it, and its icon."""
    return {
        deeds.ASSIGN: (_("Assign"), "user-check"),
        deeds.RATE: (_("Urgency and impact"), "flag"),
        deeds.RESOLVE: (_("Resolve"), "check"),
        deeds.REOPEN: (_("Open again"), "arrow-back-up"),
    }


def _title(kind: str, count: int) -> str:
    titles: dict[str, Callable[[], str]] = {
        deeds.ASSIGN: lambda: ngettext("Owner of %(count)s ticket", "Owner of %(count)s tickets", count),
        deeds.RATE: lambda: ngettext(
            "Urgency and impact of %(count)s ticket", "Urgency and impact of %(count)s tickets", count
        ),
        deeds.RESOLVE: lambda: ngettext("Resolve %(count)s ticket", "Resolve %(count)s tickets", count),
        deeds.REOPEN: lambda: ngettext("Open %(count)s ticket again", "Open %(count)s tickets again", count),
    }
    return titles[kind]()


def _values(cleaned: dict[str, Any]) -> dict[str, Any]:
    owner = cleaned.get("owner")
    return cleaned | ({"owner": str(owner.pk) if owner else None} if "owner" in cleaned else {})
