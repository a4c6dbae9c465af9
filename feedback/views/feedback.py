"""Feedback and its public forms, for members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import npgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm import answers
from crm.access import needs
from crm.errors import DomainError
from crm.exports.menus import export_menu
from customers.models import Customer
from customers.selectors.keyset import Sort, page_of
from customers.views.listing import COUNTED, counted, fixed_columns, listing_of
from feedback import selectors
from feedback.forms import FeedbackEntryForm, FeedbackFormForm, FeedbackSortForm
from feedback.models import FeedbackForm
from feedback.services import feedback as services

form_view = require_http_methods(["GET", "POST"])
PAGE = 50


def view_listing(
    request: HttpRequest, rows: Any, sort: Sort, *, view: str, noun: Callable[[int], str], **shape: Any
) -> dict[str, Any]:
    """One page of a view, with how many it holds."""
    page = page_of(rows, sort, cursor=request.GET.get("cursor", ""), size=PAGE)
    count = rows.order_by()[: COUNTED + 1].count()
    return listing_of(page, asked={"view": view}, **counted(count, noun), **shape)


def tabs(request: HttpRequest, views: dict[str, Any], view: str) -> list[dict[str, Any]]:
    return [{"label": label, "url": f"?view={key}", "current": key == view} for key, label in views.items()]


@require_GET
@needs("feedback.view")
def feedback_list(request: HttpRequest) -> HttpResponse:
    """What customers said: what waits first."""
    views = {"open": _("To handle"), "mine": _("Mine"), "negative": _("Negative"), "all": _("All")}
    view = request.GET.get("view") if request.GET.get("view") in views else "open"
    rows = (
        selectors.visible_feedback(request.member)
        .filter(selectors.feedback_views(request.member)[view])
        .select_related("customer", "assigned_to")
    )
    listing = view_listing(
        request,
        rows,
        Sort("received_at", descending=True, tie="id", tie_descending=True),
        view=view,
        noun=lambda count: npgettext("counted", "message", "messages", count),
        key="feedback",
        label=_("Feedback"),
        tabs=tabs(request, views, view),
        **fixed_columns(_feedback_columns()),
        row_template="feedback/_feedback_row.html",
        empty={
            "title": _("Nothing to handle") if view == "open" else _("No feedback here yet"),
            "text": _("What customers say by phone, on the web or in surveys comes together here."),
            "icon_name": "message-2",
            "action_label": _("Enter feedback"),
            "action_url": reverse("feedback:new"),
            "action_sheet": True,
        },
    )
    more = export_menu(request.member, "feedback", [("view", view)])
    return render(request, "feedback/list.html", {"listing": listing, "more": more})


def _feedback_columns() -> dict[str, str]:
    return {
        "text": _("What was said"),
        "customer": _("Customer"),
        "type": _("Type"),
        "sentiment": _("Sentiment"),
        "assigned_to": _("Assigned to"),
        "received_at": _("Received"),
    }


def _found(request: HttpRequest, pk: UUID) -> Any:
    rows = selectors.visible_feedback(request.member).select_related(
        "customer", "assigned_to", "entered_by", "form"
    )
    return get_object_or_404(rows, pk=pk)


@require_GET
@needs("feedback.view")
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    feedback = _found(request, pk)
    page = {
        "feedback": feedback,
        "tickets": feedback.tickets.all(),
        "crumbs": [{"label": _("Feedback"), "url": reverse("feedback:list")}],
    }
    return render(request, "feedback/record.html", page)


@form_view
@needs("feedback.change")
def new(request: HttpRequest) -> HttpResponse:
    """Enter what a customer said; ``?customer=`` names the record it was opened from."""
    customer = _customer_asked_for(request)
    form = FeedbackEntryForm(request.POST or None, member=request.member, customer=customer)
    if request.method == "POST" and form.is_valid():
        try:
            services.record_feedback(actor=request.member, **form.cleaned_data)
        except DomainError as error:
            answers.refuse(form, error)
        else:
            return answers.done(_("Feedback kept"))
    return answers.sheet(request, form, _("Enter feedback"))


def _customer_asked_for(request: HttpRequest) -> Customer | None:
    try:
        pk = UUID(request.GET.get("customer", ""))
    except ValueError:
        return None
    return get_object_or_404(Customer.objects.living().visible_to(request.member), pk=pk)


@form_view
@needs("feedback.change")
def sort(request: HttpRequest, pk: UUID) -> HttpResponse:
    feedback = _found(request, pk)
    form = FeedbackSortForm(request.POST or None, instance=feedback)
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        try:
            services.change_feedback(
                feedback=feedback, actor=request.member, version=fields.pop("version"), **fields
            )
        except DomainError as error:
            answers.refuse(form, error)
        else:
            return answers.go(reverse("feedback:record", args=[pk]))
    return answers.sheet(request, form, _("Sort feedback"))


@require_POST
@needs("feedback.change")
def handle(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.handle_feedback(feedback=_found(request, pk), actor=request.member)
    return answers.done(_("Marked as handled"), undo_url=reverse("feedback:unhandle", args=[pk]))


@require_POST
@needs("feedback.change")
def unhandle(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.handle_feedback(feedback=_found(request, pk), actor=request.member, handled=False)
    return answers.done(_("Waiting again"))


@require_GET
@needs("feedback.view")
def public_forms(request: HttpRequest) -> HttpResponse:
    forms = [
        (form, settings.PUBLIC_URL + services.path_of(form)) for form in FeedbackForm.objects.all()[:100]
    ]
    return render(request, "feedback/forms.html", {"forms": forms})


@form_view
@needs("feedback.manage")
def edit_form(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    found = get_object_or_404(FeedbackForm, pk=pk) if pk else None
    form = FeedbackFormForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        services.save_form(form=found, actor=request.member, **form.cleaned_data)
        return answers.go(reverse("feedback:forms"))
    return answers.sheet(request, form, found.name if found else _("New form"))
