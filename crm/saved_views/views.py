"""Keeping the list one looks at as a view, and arranging views. What one looks at comes with htmx's own header."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm import answers
from crm.access import needs
from crm.conflicts import edited
from crm.errors import DomainError
from crm.models import SavedView
from crm.saved_views.forms import ViewForm
from crm.saved_views.lists import asked, list_of
from crm.saved_views.selectors import address, arranged, readable
from crm.services import saved_views as services

form_view = require_http_methods(["GET", "POST"])


@form_view
@needs("today.view")
def new(request: HttpRequest, key: str) -> HttpResponse:
    """Keep what the list shows now under a name."""
    kind = list_of(key)
    form = ViewForm(answers.posted(request), kind=kind, member=request.member)
    if form.is_bound and form.is_valid():
        try:
            view = services.save_view(actor=request.member, listing=key, **_shown(request), **form.values)
            return _go(request, view, _("The view was saved."))
        except DomainError as error:
            answers.refuse(form, error)
    return answers.sheet(request, form, _("Save as a view"), lead=str(kind.label), submit=_("Save"))


@form_view
@needs("today.view")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Rename a view, say who sees it. Whoever saves an older reading is shown what the other changed."""
    view = _view(request, pk)
    form = ViewForm(answers.posted(request), kind=list_of(view.listing), member=request.member, instance=view)

    def save(**values: Any) -> HttpResponse:
        services.change_view(view=view, actor=request.member, **values)
        return _go(request, view, _("Saved"))

    return edited(request, form, view, _("View %(name)s") % {"name": view.name}, save)


@require_POST
@needs("today.view")
def save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the view show what the list shows now."""
    view = services.change_view(view=_view(request, pk), actor=request.member, **_shown(request))
    return _go(request, view, _("The view was saved."))


@require_POST
@needs("today.view")
def pin(request: HttpRequest, pk: UUID) -> HttpResponse:
    view = get_object_or_404(readable(arranged(request.member.pk, request.member.team_id)), pk=pk)
    pinned = view.pinned if view.my_pinned is None else view.my_pinned
    services.arrange_view(view=view, actor=request.member, pinned=not pinned)
    return _go(request, view)


@require_POST
@needs("today.view")
def default(request: HttpRequest, pk: UUID) -> HttpResponse:
    view = get_object_or_404(readable(arranged(request.member.pk, request.member.team_id)), pk=pk)
    services.arrange_view(view=view, actor=request.member, default=not view.my_default)
    told = _("The list no longer begins with it.") if view.my_default else _("The list begins with it.")
    return _go(request, view, told)


@require_POST
@needs("today.view")
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete, with undo."""
    view = services.delete_view(view=_view(request, pk), actor=request.member)
    undo = reverse("restore-view", args=[pk])
    messages.success(
        request, _("The view %(name)s was deleted.") % {"name": view.name}, extra_tags=f"undo:{undo}"
    )
    return answers.go(f"{list_of(view.listing).url}?view=all")


@require_POST
@needs("today.view")
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    view = get_object_or_404(readable(SavedView.objects.visible_to(request.member)), pk=pk)
    services.restore_view(view=view, actor=request.member)
    return _go(request, view, _("The view %(name)s is back.") % {"name": view.name})


def _view(request: HttpRequest, pk: UUID) -> Any:
    return get_object_or_404(readable(SavedView.objects.living().visible_to(request.member)), pk=pk)


def _shown(request: HttpRequest) -> dict[str, Any]:
    """What the page that asks shows: its address, which a filter changes without a new page."""
    given = request.htmx.current_url or ""
    filters, sort, columns = asked(dict(parse_qsl(urlsplit(given).query)))
    return {"filters": filters, "sort": sort, "columns": columns}


def _go(request: HttpRequest, view: SavedView, message: str = "") -> HttpResponse:
    """Show the view, and say what was done."""
    if message:
        messages.success(request, message)
    return answers.go(f"{list_of(view.listing).url}{address(view)}")
