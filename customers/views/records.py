"""One customer: its page, and making, changing, deleting and restoring it."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import needs
from crm.answers import done, posted, refuse, sheet
from crm.conflicts import edited
from crm.errors import DomainError
from customers import classes, panels, quality
from customers.forms import ComposerForm, CustomerForm
from customers.models import Customer
from customers.models.custom import RecordType
from customers.selectors import records
from customers.selectors.bounces import bounced_of
from customers.selectors.contracts import held_by
from customers.selectors.custom import shown_of
from customers.selectors.duplicates import Candidate, candidates
from customers.selectors.merging import merges_of
from customers.services import customers as services
from customers.views.finding import customer_or_404, in_days
from customers.views.history import past_of
from customers.views.menus import privacy_menu
from customers.views.timeline import timeline_of

FIELDS = "customers/_customer_fields.html"


@needs("customers.view")
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The customer: who it is and what is next, at once. What happened, and what colleagues' areas know of it, the page
    asks for as it stands: that is every app's own queries."""
    customer = customer_or_404(request, pk)
    if customer.merged_into_id is not None:
        return redirect("customers:record", customer.merged_into_id)
    tab = request.GET.get("tab", "")
    context = {
        **_page(request, customer),
        "tab": tab,
        "tabs": _tabs(request, customer, tab),
        "at_first": True,
    }
    if tab == "history":
        context |= past_of(customer, reverse("customers:as-of", args=[customer.pk]), request.member)
        context["merges"] = merges_of(customer) if request.member.can("customers.merge") else []
    elif tab == "purchases":
        context |= {"purchases": records.purchases_with_lines(customer), "tenant": request.tenant}
        context["totals"] = records.totals_of(customer)
    elif tab == "contracts":
        context |= {"held": held_by(customer, timezone.localdate()), "tenant": request.tenant}
    elif tab:
        context["tab_panel"] = next((html for key, html in _panels(request, customer, "tab", tab)), "")
    return render(request, "customers/record.html", context)


@needs("customers.view")
def work(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Head, facts and the middle of the record anew, after something was done."""
    customer = customer_or_404(request, pk)
    context = {
        **_page(request, customer),
        **_beside(request, customer),
        **timeline_of(request, customer),
        "tab": "",
        "tabs": _tabs(request, customer, ""),
    }
    return render(request, "customers/_record.html", context)


@needs("customers.view")
def beside(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What colleagues' areas know of the customer: the page asks for it once it stands."""
    customer = customer_or_404(request, pk)
    return render(request, "customers/_beside.html", _beside(request, customer))


def _beside(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    purchases = records.bought(customer)
    return {
        "stats": records.stats_of(customer),
        "tenant": request.tenant,
        "bought": purchases,
        "held": held_by(customer, timezone.localdate()),
        "bought_chart": _chart(request, purchases),
        "context_panels": [html for _key, html in _panels(request, customer, "context")],
    }


def _page(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    follow_ups = records.open_follow_ups(customer)
    stats = records.stats_of(customer)
    contacts = records.contacts_of(customer)
    head = [html for _key, html in _panels(request, customer, "head")]
    bounced = bounced_of([customer.pk]).get(customer.pk, [])
    return {
        "customer": customer,
        "bounced": next((one for one in bounced if one.contact is None), None),
        "bounced_contacts": {one.contact.pk: one for one in bounced if one.contact},
        "custom": shown_of(RecordType.CUSTOMER, customer.custom, currency=request.tenant.currency),
        "stats": stats,
        "class_word": None if head else classes.words().get(stats.class_code),
        "contacts": contacts,
        "has_contacts": bool(contacts),
        "follow_ups": follow_ups,
        "next_step": follow_ups[0] if follow_ups else None,
        "head_panels": head,
        "composer": ComposerForm(customer=customer, initial={"kind": "note"}),
        "may_change": request.member.can("customers.change") and customer.deleted_at is None,
        "may_erase": request.member.can("customers.erase"),
        "more": _menu(request, customer),
        "crumbs": [{"label": _("Customers"), "url": reverse("customers:list")}],
        "gaps": quality.gaps(customer),
        "tomorrow": in_days(1),
    }


def _panels(request: HttpRequest, customer: Customer, place: str, only: str = "") -> list[tuple[str, str]]:
    found = panels.panels_for(customer, request.member, place)
    return [
        (
            panel.key,
            render_to_string(
                panel.template,
                {"customer": customer, "panel": panel, "tenant": request.tenant, **context},
                request,
            ),
        )
        for panel, context in found
        if not only or panel.key == only
    ]


def _tabs(request: HttpRequest, customer: Customer, tab: str) -> list[dict[str, Any]]:
    names = [("", _("Timeline")), ("purchases", _("Purchases")), ("contracts", _("Contracts"))]
    names += [
        (panel.key, panel.label) for panel, _context in panels.panels_for(customer, request.member, "tab")
    ]
    names.append(("history", _("History")))
    here = reverse("customers:record", args=[customer.pk])
    return [
        {"label": label, "url": f"{here}?tab={key}" if key else here, "current": key == tab}
        for key, label in names
    ]


def _chart(request: HttpRequest, purchases: records.Bought) -> dict[str, Any]:
    return {
        "kind": "bar",
        "x": [date_format(month, "M") for month in purchases.months],
        "x_label": _("Month"),
        "series": [{"name": _("Spent"), "values": purchases.amounts}],
        "unit": "money",
        "currency": request.tenant.currency,
    }


def _menu(request: HttpRequest, customer: Customer) -> list[dict[str, Any]]:
    of_person = privacy_menu(request.member, customer)
    if customer.deleted_at or not request.member.can("customers.change"):
        return of_person
    menu: list[dict[str, Any]] = [
        {
            "label": _("Edit"),
            "icon": "edit",
            "url": reverse("customers:edit", args=[customer.pk]),
            "sheet": True,
            "key": "e",
        }
    ]
    if request.member.can("customers.delete"):
        menu.append(
            {
                "label": _("Delete"),
                "icon": "trash",
                "url": reverse("customers:delete", args=[customer.pk]),
                "post": True,
                "danger": True,
                "confirm": _(
                    "It leaves every list, and its follow-ups are no longer due. "
                    "You can restore it, with everything, from the tab Deleted."
                ),
                "confirm_title": _("Delete %(name)s?") % {"name": customer.name},
                "confirm_action": _("Delete"),
            }
        )
    return menu + of_person


@needs("customers.change")
def new(request: HttpRequest) -> HttpResponse:
    """Add a customer; where one like it exists, say so first."""
    form = CustomerForm(posted(request), initial={"owner": request.member.pk, "kind": Customer.Kind.COMPANY})
    form.fields["version"].widget.attrs["disabled"] = True
    likes: list[Candidate] = []
    if form.is_bound and form.is_valid():
        if "anyway" not in request.POST:
            values = form.values
            likes = candidates(request.member, **values)
        if not likes:
            return _created(request, form)
    return _customer_sheet(
        request,
        form,
        title=_("New customer"),
        action=reverse("customers:new"),
        submit=_("Create anyway") if likes else _("Create"),
        likes=likes,
        check_url=reverse("customers:check-duplicates"),
    )


def _created(request: HttpRequest, form: CustomerForm) -> HttpResponse:
    try:
        customer = services.create_customer(actor=request.member, **form.values)
    except DomainError as error:
        refuse(form, error)
        return _customer_sheet(
            request, form, title=_("New customer"), action=reverse("customers:new"), submit=_("Create")
        )
    messages.success(request, _("%(name)s is a customer now.") % {"name": customer.name})
    return HttpResponse(status=204, headers={"HX-Redirect": reverse("customers:record", args=[customer.pk])})


@needs("customers.change")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a customer. Whoever saves an older reading is shown what the other changed."""
    customer = customer_or_404(request, pk)
    form = CustomerForm(posted(request), instance=customer, initial={"version": customer.version})
    save = partial(services.update_customer, customer=customer, actor=request.member)
    title = _("Edit %(name)s") % {"name": customer.name}
    return edited(request, form, customer, title, save, fields_template=FIELDS)


def _customer_sheet(request: HttpRequest, form: CustomerForm, **more: Any) -> HttpResponse:
    return sheet(request, form, fields_template=FIELDS, notice_template="customers/_in_the_way.html", **more)


@require_POST
@needs("customers.delete")
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete, with undo."""
    customer = customer_or_404(request, pk)
    services.delete_customer(customer=customer, actor=request.member)
    undo = reverse("customers:restore", args=[pk])
    messages.success(request, _("%(name)s was deleted.") % {"name": customer.name}, extra_tags=f"undo:{undo}")
    return HttpResponse(status=204, headers={"HX-Redirect": reverse("customers:list")})


@require_POST
@needs("customers.delete")
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring a deleted customer back."""
    customer = customer_or_404(request, pk)
    services.restore_customer(customer=customer, actor=request.member)
    messages.success(request, _("%(name)s is back.") % {"name": customer.name})
    return HttpResponse(status=204, headers={"HX-Redirect": reverse("customers:record", args=[pk])})


@require_POST
@needs("customers.change")
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept a record from outside, or reject it."""
    customer = customer_or_404(request, pk)
    accept = request.POST.get("verdict", request.GET.get("verdict")) != "reject"
    services.review_customer(customer=customer, accept=accept, actor=request.member)
    return done(
        _("%(name)s was accepted.") % {"name": customer.name}
        if accept
        else _("%(name)s was rejected.") % {"name": customer.name}
    )
