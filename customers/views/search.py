"""The answer to Ctrl/⌘K."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import needs
from crm.finding import Found, Hit, found_by
from customers.models import Contact, Customer
from customers.selectors.near import Answer, answer_to, near_to

MOST = 8


FIRST, REST = "first", "rest"


@needs("customers.view")
def search(request: HttpRequest) -> HttpResponse:
    """Whatever one may see that matches what is typed, kind by kind, the likeliest first.

    The palette asks twice: for customers and people first (``part=first``), then for the ``rest``; ``first=many`` where
    the first were many, so that what is near them need not be looked for, ``first=none`` where there were none.
    """
    words, part = request.GET.get("q", "").strip()[:100], request.GET.get("part", "")
    part = part if part in (FIRST, REST) else ""
    more = found_by(words, request.member) if part != FIRST else []
    first = request.GET.get("first", "") if part == REST else ""
    enough = part == REST and (bool(more) or first == "many")
    if enough:
        answer = Answer([], [])
    elif first == "none":
        answer = near_to(words, request.member, most=MOST)
    else:
        answer = answer_to(words, request.member, most=MOST, near=not more and part != FIRST)
    exact = [
        _group(_("Customers"), map(_customer, answer.customers), words),
        _group(_("Contacts"), map(_person, answer.contacts)),
    ]
    rest = [
        *more,
        _group(_("Customers nearly so"), map(_customer, answer.near_customers)),
        _group(_("Contacts nearly so"), map(_person, answer.near_contacts)),
    ]
    groups = {FIRST: exact, REST: rest, "": exact + rest}[part]
    context = {
        "groups": [group for group in groups if group.items],
        "words": words,
        "part": part,
        "only_near": part != FIRST and not (enough or answer.customers or answer.contacts or more),
    }
    return render(request, "ui/_palette_results.html" if part else "customers/search.html", context)


def _group(label: str, hits: Iterable[Hit], words: str = "") -> Found:
    items = list(hits)
    more = f"{reverse('customers:list')}?{urlencode({'q': words})}" if words and len(items) == MOST else ""
    return Found(label, items, more)


def _customer(customer: Customer) -> Hit:
    return Hit(
        title=customer.name,
        subtitle=" · ".join(filter(None, [customer.city, customer.phone or customer.email])),
        url=reverse("customers:record", args=[customer.pk]),
        icon="building" if customer.kind == Customer.Kind.COMPANY else "user",
    )


def _person(contact: Contact) -> Hit:
    return Hit(
        title=contact.name,
        subtitle=" · ".join(filter(None, [contact.job_title, contact.customer.name])),
        url=reverse("customers:record", args=[contact.customer_id]),
        icon="user",
    )
