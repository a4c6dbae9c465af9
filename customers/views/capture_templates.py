"""Settings: what is collected from outside, and the pages and snippets that ask for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import needs
from crm.answers import go, posted, sheet
from crm.errors import NotFound
from customers.capture_forms import InletForm, TemplateForm, posted_rows, rows_of
from customers.models import CaptureTemplate, Inlet
from customers.services.capture import inlets
from customers.services.capture import templates as services


@require_GET
@needs("customers.import")
def templates(request: HttpRequest) -> HttpResponse:
    """Every template with its address."""
    found = [
        (one, settings.PUBLIC_URL + services.path_of(one), reverse("customers:edit-template", args=[one.pk]))
        for one in CaptureTemplate.objects.living()[:100]
    ]
    opened = [
        (
            one,
            settings.PUBLIC_URL + inlets.path_of(one),
            (inlets.wechat_token(one), inlets.wechat_key(one)) if one.kind == Inlet.Kind.WECHAT else None,
        )
        for one in Inlet.objects.all()[:100]
    ]
    context = {
        "templates": found,
        "deleted": CaptureTemplate.objects.deleted().order_by("-deleted_at")[:20],
        "inlets": opened,
        "may_open": request.member.can("settings.manage"),
    }
    return render(request, "customers/templates/list.html", context)


@require_http_methods(["GET", "POST"])
@needs("settings.manage")
def edit_inlet(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """Open an address for WeChat or mail, or change it."""
    found = Inlet.objects.filter(pk=pk).first() if pk else None
    if pk and found is None:
        raise NotFound
    form = InletForm(posted(request), instance=found)
    if form.is_bound and form.is_valid():
        inlets.save_inlet(inlet=found, actor=request.member, **form.cleaned_data)
        return go(reverse("customers:templates"))
    return sheet(request, form, found.name if found else _("New inlet"))


@require_http_methods(["GET", "POST"])
@needs("customers.import")
def edit(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """Make a template or change it: its words, and which fields in which order."""
    found = _found(pk)
    form = TemplateForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_bound and form.is_valid():
        rows = posted_rows(request.POST)
        if rows:
            saved = services.save_template(
                template=found if pk else None, actor=request.member, fields=rows, **form.cleaned_data
            )
            messages.success(request, _("Saved"))
            return redirect("customers:edit-template", saved.pk)
        form.add_error(None, _("Choose at least one field to ask for."))
    if form.is_bound:
        found.fields = posted_rows(request.POST)
    context: dict[str, Any] = {
        "form": form,
        "template": found if pk else None,
        "rows": rows_of(found),
        "crumbs": [{"label": _("Web forms"), "url": reverse("customers:templates")}],
        "title": found.name if pk else _("New web form"),
    }
    if pk:
        context |= _snippets(found) | {"more": _menu(found)}
    status = 422 if form.is_bound else 200
    return render(request, "customers/templates/edit.html", context, status=status)


@require_POST
@needs("customers.import")
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take it away, with undo; it stays on the list of those deleted."""
    found = _found(pk)
    services.delete_template(template=found, actor=request.member)
    undo = reverse("customers:restore-template", args=[pk])
    messages.success(request, _("%(name)s was deleted.") % {"name": found}, extra_tags=f"undo:{undo}")
    return go(reverse("customers:templates"))


@require_POST
@needs("customers.import")
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = CaptureTemplate.objects.deleted().filter(pk=pk).first()
    if found is None:
        raise NotFound
    services.restore_template(template=found, actor=request.member)
    messages.success(request, _("%(name)s is back.") % {"name": found})
    return go(reverse("customers:edit-template", args=[pk]))


def _menu(template: CaptureTemplate) -> list[dict[str, Any]]:
    return [
        {
            "label": _("Delete"),
            "icon": "trash",
            "url": reverse("customers:delete-template", args=[template.pk]),
            "post": True,
            "danger": True,
            "confirm": _(
                "Its page closes for visitors and for the sites that show it. What came by it stays."
            ),
            "confirm_title": _("Delete the web form %(name)s?") % {"name": template.name},
            "confirm_action": _("Delete"),
        }
    ]


def _snippets(template: CaptureTemplate) -> dict[str, str]:
    """The address, and what is put into another site's page."""
    link = settings.PUBLIC_URL + services.path_of(template)
    return {
        "link": link,
        "hook": settings.PUBLIC_URL + services.hook_path_of(template),
        "script": format_html('<script src="{}embed.js" async></script>', link),
        "iframe": format_html(
            '<iframe src="{}?embed=1" title="{}" width="100%" height="640"></iframe>', link, template.title
        ),
    }


def _found(pk: UUID | None) -> CaptureTemplate:
    if pk is None:
        return CaptureTemplate(fields=[{"name": name} for name in services.BEGINNING])
    found = CaptureTemplate.objects.living().filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
