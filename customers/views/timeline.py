"""The timeline and the box above it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crm.access import needs
from crm.answers import done, posted, sheet
from customers import timeline
from customers.forms import ComposerForm
from customers.models import Customer
from customers.services.interactions import log_interaction
from customers.views.finding import customer_or_404

SIZE = 30


@dataclass(frozen=True)
class Drawn:
    """An entry as ``ui/timeline_entry.html`` wants it."""

    id: str
    icon: str
    title: str
    at: datetime
    actor: str
    text: str
    outcome: str
    url: str
    tone: str

    @classmethod
    def of(cls, entry: timeline.Entry) -> Drawn:
        same = {
            name: getattr(entry, name) for name in ("icon", "title", "at", "text", "outcome", "url", "tone")
        }
        return cls(id=entry.key, actor=entry.author, **same)


@needs("customers.view")
def older(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What happened before, or what happened of one kind."""
    customer = customer_or_404(request, pk)
    return render(
        request, "customers/_timeline.html", {"customer": customer, **timeline_of(request, customer)}
    )


@needs("customers.change")
def log(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write down what happened, with the next step: from the composer, or from a sheet elsewhere."""
    customer = customer_or_404(request, pk)
    kind = request.GET.get("kind", "call")
    form = ComposerForm(posted(request), customer=customer, initial={"kind": kind, "next_on": None})
    if form.is_bound and form.is_valid():
        cleaned = form.cleaned_data
        log_interaction(
            customer=customer,
            actor=request.member,
            kind=cleaned["kind"],
            text=cleaned["text"],
            contact=cleaned["contact"],
            next_step=form.next_step(),
        )
        return done(_("Logged"))
    if form.is_bound and request.htmx.target == "composer":
        return render(
            request,
            "customers/_composer.html",
            {"customer": customer, "composer": form, "has_contacts": True},
            status=422,
        )
    title = _("Log a contact with %(name)s") % {"name": customer.name}
    return sheet(request, form, title=title, action=reverse("customers:log", args=[pk]), submit=_("Log"))


def timeline_of(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The newest entries before the moment asked for, with the address of what came before them."""
    kind, before = request.GET.get("kind", ""), _moment(request.GET.get("before", ""))
    shown, rest = timeline.page_of(customer, before=before, most=SIZE, kind=kind)
    here = reverse("customers:timeline", args=[customer.pk])
    more = urlencode({"kind": kind, "before": rest.isoformat()}) if rest else ""
    kinds = [{"label": _("All"), "url": here, "current": not kind}]
    kinds += [
        {"label": _kind_words(key), "url": f"{here}?kind={key}", "current": key == kind}
        for key in timeline.kinds()
    ]
    return {
        "entries": [Drawn.of(entry) for entry in shown],
        "older_url": f"{here}?{more}" if more else "",
        "kinds": kinds,
    }


def _moment(text: str) -> datetime | None:
    """A moment as an address names it; none where it names no such."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None


def _kind_words(kind: str) -> str:
    words = {
        "interaction": _("Contacts and notes"),
        "purchase": _("Purchases"),
        "contract": _("Contracts"),
        "follow_up": _("Follow-ups"),
        "owner": _("Owners"),
        "class": _("Classes"),
        "stage": _("Stages"),
        "ticket": _("Tickets"),
        "feedback": _("Feedback"),
        "survey": _("Surveys"),
        "response": _("Surveys"),
        "warning": _("Warnings"),
    }
    return words.get(kind, kind.replace("_", " ").capitalize())
