"""How a page is told what was done, and how a record is found for a member."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from crm.errors import NotFound
from customers.models import Contact, Customer, FollowUp


def customer_or_404(request: HttpRequest, pk: UUID) -> Customer:
    """The customer, deleted or not, if this member may see it."""
    customer = Customer.objects.visible_to(request.member).filter(pk=pk).select_related("owner").first()
    if customer is None:
        raise NotFound
    return customer


def follow_up_or_404(request: HttpRequest, pk: UUID) -> FollowUp:
    follow_up = (
        FollowUp.objects.visible_to(request.member).filter(pk=pk).select_related("customer", "owner").first()
    )
    if follow_up is None:
        raise NotFound
    return follow_up


def contact_or_404(request: HttpRequest, pk: UUID) -> Contact:
    seen = Customer.objects.visible_to(request.member).order_by()
    contact = Contact.objects.filter(pk=pk, customer__in=seen).select_related("customer").first()
    if contact is None:
        raise NotFound
    return contact


def posted(request: HttpRequest) -> Any:
    """What a form is bound to: an empty post is one, too."""
    return request.POST if request.method == "POST" else None


def done(message: object, *, undo_url: str = "", status: int = 204) -> HttpResponse:
    """Say what was done; every part of the page that shows it asks for itself anew, and the sheet closes."""
    toast = {"message": str(message), "level": "success"} | ({"undo_url": undo_url} if undo_url else {})
    # The sheet closes last: an element that is gone sends no events.
    events = {"customer-changed": True, "agenda-changed": True, "toast": toast, "sheet-close": True}
    return HttpResponse(status=status, headers={"HX-Trigger": json.dumps(events)})


def sheet(
    request: HttpRequest, form: BaseForm, *, title: object, action: str, submit: object, **more: Any
) -> HttpResponse:
    """A form in the side sheet; again, with what is wrong, when it was refused."""
    context = {"title": title, "form": form, "action": action, "submit_label": submit, **more}
    return render(request, "customers/_sheet.html", context, status=422 if form.is_bound else 200)


def in_days(days: int) -> Any:
    """A day from today in the company's time zone, moved off the weekend."""
    day = timezone.localdate() + timedelta(days=days)
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day
