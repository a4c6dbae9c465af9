"""The member's own month: a calendar of follow-ups and of contracts to decide on."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crm.access import needs
from crm.formats import month_text, weekday_names
from customers.selectors.month import FIRST, LAST, month_of, next_month


@require_GET
@needs("customers.view")
def month(request: HttpRequest) -> HttpResponse:
    """One month; a chosen day stands below with all there is."""
    now = timezone.now()
    today = request.tenant.today(now)
    chosen = _date(request.GET.get("day", ""))
    first = (_date(f"{request.GET.get('month', '')}-01") or chosen or today).replace(day=1)
    found = month_of(request.member, first, tenant=request.tenant, at=now)
    before, after = next_month(first, -1), next_month(first, 1)
    context = {
        "month": found,
        "title": month_text(first),
        "weekdays": weekday_names(),
        "before": _address(before),
        "after": _address(after),
        "here": _address(first),
        "is_now": first == today.replace(day=1),
        "chosen": found.day(chosen) if chosen else None,
        "more": _menu(request),
    }
    return render(request, "customers/month.html", context)


def _menu(request: HttpRequest) -> list[dict[str, Any]]:
    if not request.member.can("profile.change"):
        return []
    return [
        {"label": _("In my calendar program"), "icon": "calendar-share", "url": reverse("customers:calendar")}
    ]


def _address(first: date | None) -> str:
    return f"?month={first:%Y-%m}" if first else ""


def _date(text: str) -> date | None:
    """A day that is written and within the years a calendar is kept; else none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST <= found <= LAST else None
