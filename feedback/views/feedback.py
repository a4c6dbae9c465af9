"""Feedback and its public forms, for members."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm import answers
from crm.access import needs
from crm.conflicts import edited
from customers.models import Customer
from customers.models.interactions import Channel
from customers.views.list_page import export_of_chosen
from feedback import selectors
from feedback.forms import FeedbackEntryForm, FeedbackFormForm, FeedbackSortForm
from feedback.lists import FEEDBACK_LIST
from feedback.models import Feedback, FeedbackForm
from feedback.selectors.said import SAID, said_by, said_page, topics
from feedback.services import feedback as services
from feedback.views.listing import Facet, FacetPage, classes, filter_sheet, last_days, members

form_view = require_http_methods(["GET", "POST"])


@require_GET
@needs("feedback.view")
def feedback_list(request: HttpRequest) -> HttpResponse:
    """What customers said: what waits first."""
    page = FacetPage(request, FEEDBACK_LIST, SAID, _facets(request))
    if (elsewhere := page.elsewhere()) is not None:
        return elsewhere
    rows = said_by(page.asked, request.member)
    listing = page.narrowed(
        said_page(page.asked, rows),
        rows,
        lambda count: npgettext("counted", "message", "messages", count),
        tabs=page.tabs(_tabs()),
        search={"value": page.asked.filters.get("q", ""), "placeholder": _("Words, topic or customer")},
        filter_menu=page.filter_menu(reverse("feedback:filter")),
        **page.columns(_columns()),
        row_template="feedback/_feedback_row.html",
        bulk=export_of_chosen(request.member, FEEDBACK_LIST.key),
        empty={
            "title": _("Nothing to handle") if page.asked.filters else _("No feedback here yet"),
            "text": _("What customers say by phone, on the web or in surveys comes together here."),
            "icon_name": "message-2",
            "action_label": _("Enter feedback"),
            "action_url": reverse("feedback:new"),
            "action_sheet": True,
        },
    )
    return page.answer(
        listing,
        "feedback/list.html",
        new={"label": _("Enter feedback"), "url": reverse("feedback:new")},
    )


@form_view
@needs("feedback.view")
def feedback_filters(request: HttpRequest) -> HttpResponse:
    """All filters of the list in the sheet."""
    return filter_sheet(request, FEEDBACK_LIST, _facets(request))


def _tabs() -> list[tuple[str, dict[str, str]]]:
    return [
        (_("To handle"), {"state": "open"}),
        (_("Mine"), {"assigned": "me"}),
        (_("Negative"), {"sentiment": "negative"}),
        (_("All"), {}),
    ]


def _facets(request: HttpRequest) -> list[Facet]:
    return [
        Facet("state", _("State"), _states),
        Facet("type", _("Type"), lambda: Feedback.Type.choices),
        Facet("channel", _("Channel"), lambda: Channel.choices),
        Facet("topic", _("Topic"), lambda: [(topic, topic) for topic in topics(request.member)], own=True),
        Facet("sentiment", _("Sentiment"), lambda: Feedback.Sentiment.choices),
        Facet("assigned", _("Assigned to"), members),
        Facet("class", _("Class"), classes),
        Facet("days", _("Received"), last_days),
        Facet("from", _("Received from")),
        Facet("to", _("Received until")),
    ]


def _states() -> list[tuple[str, str]]:
    return [("open", _("To handle")), ("handled", pgettext("state", "Handled"))]


def _columns() -> dict[str, str]:
    return {
        "text": _("What was said"),
        "customer": _("Customer"),
        "type": _("Type"),
        "sentiment": _("Sentiment"),
        "assigned_to": _("Assigned to"),
        "received": _("Received"),
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
    if answers.taken(form, partial(services.record_feedback, actor=request.member)):
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
    """Sort what was said. Whoever saves an older reading is shown what the other changed."""
    feedback = _found(request, pk)
    form = FeedbackSortForm(answers.posted(request), instance=feedback)
    save = partial(services.change_feedback, feedback=feedback, actor=request.member)
    return edited(request, form, feedback, _("Sort feedback"), save)


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
