"""What is done to many follow-ups at once, and the way back from what was done to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import needs
from crm.answers import posted
from crm.errors import NotFound
from customers.forms import HandOverForm, KeepForm, MoveForm, SkipForm, moment_of
from customers.services.many import follow_ups as deeds
from customers.services.many.rows import Deed, rows_named
from customers.views.finding import in_days
from customers.views.many import deed_sheet, undone, undone_later

NAME = "follow_ups"
UNDO = "customers:undo-follow-ups"
_FORMS: dict[str, type[forms.Form]] = {
    deeds.HAND_OVER: HandOverForm,
    deeds.MOVE: MoveForm,
    deeds.COMPLETE: KeepForm,
    deeds.SKIP: SkipForm,
}


@require_http_methods(["GET", "POST"])
@needs("customers.change")
def change(request: HttpRequest, kind: str) -> HttpResponse:
    """One deed to the chosen follow-ups, or to all that match; can be taken back."""
    if kind not in _FORMS:
        raise NotFound
    initial = {"on": in_days(1)} if kind == deeds.MOVE else {}
    form = _FORMS[kind](posted(request), initial=initial)
    return deed_sheet(
        request,
        rows_named(NAME),
        form,
        lambda: Deed(kind, _values(form.cleaned_data)),
        title=lambda count, words: _title(kind, count) % {"count": words},
        submit=_submit(kind),
        undo=UNDO,
    )


@require_POST
@needs("customers.change")
def undo(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Take back what the member did to follow-ups in one request, to one or to many."""
    return undone(request, rows_named(NAME), request_id)


@require_POST
@needs("customers.change")
def undo_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    return undone_later(request, rows_named(NAME), pk)


def _values(cleaned: dict[str, Any]) -> dict[str, Any]:
    given = dict(cleaned)
    if owner := given.get("owner"):
        given["owner"] = str(owner.pk)
    if day := given.pop("on", None):
        given["due_at"] = moment_of(day).isoformat()
    return given


def _title(kind: str, count: int) -> str:
    titles: dict[str, Callable[[], str]] = {
        deeds.HAND_OVER: lambda: ngettext(
            "Hand over %(count)s follow-up", "Hand over %(count)s follow-ups", count
        ),
        deeds.MOVE: lambda: ngettext("Move %(count)s follow-up", "Move %(count)s follow-ups", count),
        deeds.COMPLETE: lambda: ngettext(
            "Mark %(count)s follow-up as done", "Mark %(count)s follow-ups as done", count
        ),
        deeds.SKIP: lambda: ngettext("Skip %(count)s follow-up", "Skip %(count)s follow-ups", count),
    }
    return titles[kind]()


def _submit(kind: str) -> str:
    return {
        deeds.HAND_OVER: _("Hand over"),
        deeds.MOVE: _("Move"),
        deeds.COMPLETE: pgettext("state", "Done"),
        deeds.SKIP: _("Skip"),
    }[kind]
