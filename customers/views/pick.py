"""Logging a call from anywhere: first, with whom."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm.access import needs
from customers.models import Customer
from customers.selectors.near import near_customers
from customers.selectors.search import find_customers

MOST = 12


@needs("customers.change")
def log_with(request: HttpRequest) -> HttpResponse:
    """Choose the customer: the member's own latest first, then whoever matches what is typed, or nearly so."""
    words = request.GET.get("q", "").strip()[:100]
    if words:
        found = find_customers(words, request.member, most=MOST)
        found = found or near_customers(words, request.member, most=MOST)
    else:
        own = Customer.objects.living().filter(owner=request.member).order_by("-created_at", "-id")
        found = list(own[:MOST])
    part = request.htmx and request.htmx.target == "pick-found"
    template = "customers/_pick_found.html" if part else "customers/_pick.html"
    return render(request, template, {"found": found, "words": words})
