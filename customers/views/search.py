"""The answer to Ctrl/⌘K."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import needs
from customers.models import Customer
from customers.selectors.near import answer_to

MOST = 8


@needs("customers.view")
def search(request: HttpRequest) -> HttpResponse:
    """Customers and people that match what is typed, the likeliest first."""
    words = request.GET.get("q", "").strip()[:100]
    answer = answer_to(words, request.member, most=MOST)
    groups = [
        {"label": _("Customers"), "items": [_customer(customer) for customer in answer.customers]},
        {"label": _("Contacts"), "items": [_person(contact) for contact in answer.contacts]},
        {"label": _("Customers nearly so"), "items": [_customer(one) for one in answer.near_customers]},
        {"label": _("Contacts nearly so"), "items": [_person(one) for one in answer.near_contacts]},
    ]
    context = {
        "groups": [group for group in groups if group["items"]],
        "words": words,
        "only_near": not (answer.customers or answer.contacts),
    }
    return render(request, "ui/_palette_results.html" if request.htmx else "customers/search.html", context)


def _customer(customer: Customer) -> dict[str, Any]:
    kept = [customer.city, customer.phone or customer.email]
    return {
        "title": customer.name,
        "subtitle": " · ".join(filter(None, kept)),
        "url": reverse("customers:record", args=[customer.pk]),
        "icon": "building" if customer.kind == Customer.Kind.COMPANY else "user",
    }


def _person(contact: Any) -> dict[str, Any]:
    return {
        "title": contact.name,
        "subtitle": " · ".join(filter(None, [contact.job_title, contact.customer.name])),
        "url": reverse("customers:record", args=[contact.customer_id]),
        "icon": "user",
    }
