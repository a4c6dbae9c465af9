"""Answering a warning: with a follow-up, or by saying why it is none."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crm.access import needs
from crm.answers import done, posted, sheet
from crm.errors import NotFound
from customers.forms import FollowUpForm, moment_of
from customers.views.finding import in_days
from retention import words
from retention.forms import CloseForm
from retention.models import Warning
from retention.selectors import overview
from retention.services import warnings as services


@require_GET
@needs("retention.view")
def warnings(request: HttpRequest) -> HttpResponse:
    """The open warnings: a page of their own, and drawn anew on others after one was answered."""
    page = {
        "warnings": overview.open_warnings(request.member, request.tenant),
        "may_act": request.member.can("retention.change"),
        "crumbs": [{"label": _("Retention"), "url": reverse("retention:home")}],
    }
    template = "retention/_warnings.html" if request.htmx else "retention/warnings.html"
    return render(request, template, page)


@needs("retention.change")
def act(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer a warning with a follow-up."""
    warning = _warning(request, pk)
    why = _("; ").join(words.raising(warning.reasons, request.tenant.currency))[:300]
    initial = {
        "subject": _("Ask how things are going"),
        "on": in_days(1),
        "owner": warning.customer.owner_id or request.member.pk,
        "reason": why,
    }
    form = FollowUpForm(posted(request), initial=initial)
    form.fields.pop("reason")
    if form.is_bound and form.is_valid():
        cleaned = form.cleaned_data
        services.act_on_warning(
            warning=warning,
            subject=cleaned["subject"],
            due_at=moment_of(cleaned["on"]),
            owner=cleaned["owner"],
            channel=cleaned["channel"],
            actor=request.member,
        )
        return done(_("Follow-up added"))
    title = _("Follow-up for %(name)s") % {"name": warning.customer.name}
    return sheet(request, form, title, lead=why, submit=_("Add"))


@needs("retention.change")
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close a warning by hand, with the reason."""
    warning = _warning(request, pk)
    form = CloseForm(posted(request))
    if form.is_bound and form.is_valid():
        services.close_warning(warning=warning, actor=request.member, **form.cleaned_data)
        return done(_("Warning closed"))
    title = _("Close the warning for %(name)s") % {"name": warning.customer.name}
    return sheet(request, form, title, submit=_("Close"))


def _warning(request: HttpRequest, pk: UUID) -> Warning:
    seen = Warning.objects.visible_to(request.member).filter(customer__deleted_at=None)
    warning = seen.select_related("customer").filter(pk=pk).first()
    if warning is None:
        raise NotFound
    return warning
