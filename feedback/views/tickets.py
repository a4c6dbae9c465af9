"""Tickets, for members."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext
from django.views.decorators.http import require_GET, require_POST

from crm import answers
from crm.access import needs
from crm.conflicts import edited
from customers.models import Customer
from customers.views.history import past_page, restored, stood
from feedback import selectors
from feedback.forms import AnswerForm, ResolveForm, TicketForm
from feedback.lists import TICKET_LIST
from feedback.models import Feedback, Ticket
from feedback.selectors.tickets import PRIORITIES, TICKETS, ticket_page, tickets_of
from feedback.services import tickets as services
from feedback.views.feedback import form_view
from feedback.views.listing import Facet, FacetPage, classes, filter_sheet, last_days, members
from feedback.views.many import bulk_actions


@require_GET
@needs("feedback.view")
def ticket_list(request: HttpRequest) -> HttpResponse:
    """Tickets: what is open first, by its limit."""
    page = FacetPage(request, TICKET_LIST, TICKETS, _facets())
    if (elsewhere := page.elsewhere()) is not None:
        return elsewhere
    rows = tickets_of(page.asked, request.member)
    listing = page.narrowed(
        ticket_page(page.asked, rows),
        rows,
        lambda count: npgettext("counted", "ticket", "tickets", count),
        tabs=page.tabs(_tabs()),
        search={"value": page.asked.filters.get("q", ""), "placeholder": _("Title, customer or number")},
        filter_menu=page.filter_menu(reverse("feedback:filter-tickets")),
        **page.columns(_columns()),
        row_template="feedback/_ticket_row.html",
        bulk=bulk_actions(request.member, resolved=page.asked.filters.get("state") == "resolved"),
        empty={
            "title": _("No open ticket") if page.asked.filters else _("No ticket yet"),
            "text": _("A ticket is a problem somebody must solve, with a clock for the first answer."),
            "icon_name": "message-exclamation",
        },
    )
    return page.answer(listing, "feedback/list.html")


@form_view
@needs("feedback.view")
def ticket_filters(request: HttpRequest) -> HttpResponse:
    """All filters of the list in the sheet."""
    return filter_sheet(request, TICKET_LIST, _facets())


def _tabs() -> list[tuple[str, dict[str, str]]]:
    return [
        (pgettext("ticket", "Open"), {"state": "open"}),
        (_("Mine"), {"state": "open", "owner": "me"}),
        (_("No answer yet"), {"state": "waiting"}),
        (_("Overdue"), {"state": "overdue"}),
        (_("Resolved"), {"state": "resolved"}),
        (_("All"), {}),
    ]


def _facets() -> list[Facet]:
    return [
        Facet("state", _("State"), _states),
        Facet("priority", _("Priority"), _priorities),
        Facet("owner", _("Owner"), members),
        Facet("late", _("First answer late"), lambda: [("yes", _("yes")), ("no", _("no"))]),
        Facet("class", _("Class"), classes),
        Facet("days", pgettext("ticket", "Opened"), last_days),
        Facet("from", _("Opened from")),
        Facet("to", _("Opened until")),
    ]


def _states() -> list[tuple[str, str]]:
    return [
        ("open", pgettext("ticket", "Open")),
        ("waiting", _("No answer yet")),
        ("overdue", _("Overdue")),
        ("answered", _("Answered, not solved yet")),
        ("resolved", _("Resolved")),
    ]


def _priorities() -> list[tuple[str, str]]:
    return [(name, str(Ticket.Priority(value).label)) for name, value in reversed(PRIORITIES.items())]


def _columns() -> dict[str, str]:
    return {
        "subject": _("Ticket"),
        "customer": _("Customer"),
        "priority": _("Priority"),
        "owner": _("Owner"),
        "state": _("State"),
        "due": _("Answer by"),
        "opened": pgettext("ticket", "Opened"),
    }


def _found(request: HttpRequest, pk: UUID) -> Any:
    rows = selectors.visible_tickets(request.member).select_related("customer__owner", "owner", "feedback")
    return get_object_or_404(rows, pk=pk)


@require_GET
@needs("feedback.view")
def ticket(request: HttpRequest, pk: UUID) -> HttpResponse:
    page = {
        "ticket": _found(request, pk),
        "crumbs": [{"label": _("Tickets"), "url": reverse("feedback:tickets")}],
    }
    return render(request, "feedback/ticket.html", page)


@require_GET
@needs("feedback.view")
def past(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who changed what of a ticket, and how it stood at a moment."""
    ticket = _found(request, pk)
    crumbs = [
        {"label": _("Tickets"), "url": reverse("feedback:tickets")},
        {"label": f"#{ticket.number}", "url": reverse("feedback:ticket", args=[pk])},
    ]
    return past_page(
        request,
        ticket,
        reverse("feedback:ticket-as-of", args=[pk]),
        restore="feedback:restore-ticket-value",
        title=ticket,
        crumbs=crumbs,
        may_change=request.member.can("feedback.change"),
    )


@require_GET
@needs("feedback.view")
def then(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The ticket as it stood at a moment, beside how it stands."""
    return stood(request, _found(request, pk))


@form_view
@needs("feedback.change")
def restore(request: HttpRequest, entry: UUID, column: str) -> HttpResponse:
    """Put back what an entry of a ticket's history says stood in a field."""
    return restored(request, entry, column, {Ticket: _found})


@form_view
@needs("feedback.change")
def new(request: HttpRequest, customer_pk: UUID) -> HttpResponse:
    """Open a ticket for a customer; ``?feedback=`` names what it was said in."""
    customer = get_object_or_404(
        Customer.objects.living().visible_to(request.member).select_related("owner"), pk=customer_pk
    )
    form = TicketForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = _feedback_asked_for(request, customer)
        ticket = services.open_ticket(customer=customer, actor=request.member, feedback=said, **form.values)
        return answers.done(_("Ticket %(number)s opened") % {"number": f"#{ticket.number}"})
    return answers.sheet(request, form, _("Open a ticket"), lead=customer.name)


def _feedback_asked_for(request: HttpRequest, customer: Customer) -> Feedback | None:
    try:
        pk = UUID(request.GET.get("feedback", ""))
    except ValueError:
        return None
    return Feedback.objects.filter(pk=pk, customer=customer).first()


@form_view
@needs("feedback.change")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a ticket. Whoever saves an older reading is shown what the other changed."""
    ticket = _found(request, pk)
    form = TicketForm(answers.posted(request), instance=ticket)
    save = partial(services.change_ticket, ticket=ticket, actor=request.member)
    return edited(request, form, ticket, str(ticket), save)


@form_view
@needs("feedback.change")
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    ticket = _found(request, pk)
    form = AnswerForm(request.POST or None)
    if answers.taken(form, partial(services.answer_ticket, ticket=ticket, actor=request.member)):
        return answers.done(_("Answer kept; the clock stands"))
    return answers.sheet(request, form, _("Answer"), lead=str(ticket))


@form_view
@needs("feedback.change")
def resolve(request: HttpRequest, pk: UUID) -> HttpResponse:
    ticket = _found(request, pk)
    form = ResolveForm(request.POST or None)
    if answers.taken(form, partial(services.resolve_ticket, ticket=ticket, actor=request.member)):
        return answers.done(_("Resolved"), undo_url=reverse("feedback:reopen-ticket", args=[pk]))
    return answers.sheet(request, form, _("Resolve"), lead=str(ticket), submit=_("Resolve"))


@require_POST
@needs("feedback.change")
def reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.reopen_ticket(ticket=_found(request, pk), actor=request.member)
    return answers.done(_("Open again"))
