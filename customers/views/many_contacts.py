"""What is done to many people of the list at once, and the way back from it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import needs
from crm.answers import posted
from crm.errors import NotFound
from crm.models import Member
from customers.many_forms import ManyContactsForm, TagForm
from customers.models.custom import RecordType
from customers.services.bulk.tagging import tag_fields
from customers.services.many import contacts as deeds
from customers.services.many.rows import Deed, rows_named
from customers.views.list_page import export_of_chosen
from customers.views.many import deed_sheet, undone, undone_later

NAME = "contacts"
UNDO = "customers:undo-contacts"


@require_http_methods(["GET", "POST"])
@needs("customers.change")
def change(request: HttpRequest, kind: str) -> HttpResponse:
    """One deed to the chosen people, or to all that match; can be taken back."""
    if kind not in _LEADS:
        raise NotFound
    rows_named(NAME).allow(Deed(kind), request.member)
    form = _form(kind, posted(request))
    return deed_sheet(
        request,
        rows_named(NAME),
        form,
        lambda: Deed(kind, _values(kind, form)),
        title=lambda count, words: _title(kind, count) % {"count": words},
        submit=_words()[kind][1],
        undo=UNDO,
        lead=_LEADS[kind](),
    )


@require_POST
@needs("customers.change")
def undo(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Take back what the member did to people in one request, to one or to many."""
    return undone(request, rows_named(NAME), request_id)


@require_POST
@needs("customers.change")
def undo_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    return undone_later(request, rows_named(NAME), pk)


def bulk_actions(member: Member) -> list[dict[str, Any]]:
    """What the member may do to the chosen rows of the list."""
    rows = rows_named(NAME)
    kinds = [kind for kind in _LEADS if member.can(rows.rights.get(kind, rows.capability))]
    if not tag_fields(RecordType.CONTACT):
        kinds = [kind for kind in kinds if kind != deeds.TAG]
    found = {kind: _action(kind) for kind in kinds}
    last = [found.pop(deeds.DELETE)] if deeds.DELETE in found else []
    return [*found.values(), *export_of_chosen(member, "contact-list"), *last]


def _action(kind: str) -> dict[str, Any]:
    label, _submit, icon = _words()[kind]
    action = {"label": label, "icon": icon, "url": reverse("customers:change-contacts", args=[kind])}
    if kind != deeds.DELETE:
        return action | {"sheet": True}
    return action | {
        "danger": True,
        "confirm": _LEADS[kind](),
        "confirm_title": _("Delete these contacts?"),
        "confirm_action": _("Delete"),
    }


def _form(kind: str, data: Any) -> forms.Form:
    if kind == deeds.EDIT:
        return ManyContactsForm(data)
    return TagForm(data, fields=tag_fields(RecordType.CONTACT)) if kind == deeds.TAG else forms.Form(data)


def _values(kind: str, form: Any) -> dict[str, Any]:
    if kind == deeds.EDIT:
        values, custom = form.changes
        return {**values, "custom": custom}
    return dict(form.changes) if kind == deeds.TAG else {}


_LEADS = {
    deeds.EDIT: lambda: _("Only what you fill in or tick changes."),
    deeds.TAG: lambda: "",
    deeds.DELETE: lambda: _(
        "Their consents go with them; what was said stays on the timeline. It can be undone."
    ),
}


def _words() -> dict[str, tuple[str, str, str]]:
    """Each deed as its button and its sheet say it, and its icon."""
    return {
        deeds.EDIT: (_("Edit"), pgettext("many records", "Change"), "edit"),
        deeds.TAG: (_("Tag"), _("Tag"), "tags"),
        deeds.DELETE: (_("Delete"), _("Delete"), "trash"),
    }


def _title(kind: str, count: int) -> str:
    if kind == deeds.EDIT:
        return ngettext("Edit %(count)s contact", "Edit %(count)s contacts", count)
    if kind == deeds.TAG:
        return ngettext("Tag %(count)s contact", "Tag %(count)s contacts", count)
    return ngettext("Delete %(count)s contact", "Delete %(count)s contacts", count)
