"""Today, Insight, and choosing a company after sign-in."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from crm import kpis
from crm.access import needs, open_to_all
from crm.dashboard import charts, selectors
from crm.errors import NotFound
from crm.people.selectors import companies_of
from crm.tenancy.middleware import SESSION_KEY


@open_to_all("a signed-in person chooses one of their own companies")
@login_required
def companies(request: HttpRequest) -> HttpResponse:
    """The companies this person belongs to; with none, what to do about it."""
    return render(request, "crm/companies.html", {"companies": companies_of(request.user)})


@open_to_all("a signed-in person enters one of their own companies")
@login_required
@require_POST
def enter_company(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Enter a company in a session of its own: nothing of the last one is carried over."""
    if tenant_id not in {company.tenant_id for company in companies_of(request.user)}:
        raise NotFound
    user, backend = request.user, request.session["_auth_user_backend"]
    request.session.flush()
    login(request, user, backend=backend)
    request.session[SESSION_KEY] = str(tenant_id)
    return redirect("/")


@require_GET
@needs("today.view")
def today(request: HttpRequest) -> HttpResponse:
    """What this member must do, for whom and why; redraws its list after each deed."""
    at = timezone.now()
    page = {"today": selectors.today_of(request.member, request.tenant, at=at), "at": at}
    if request.htmx and request.htmx.target == "agenda":
        return render(request, "crm/_agenda.html", page)
    coverage = kpis.get("maintenance-coverage")
    load = selectors.week_load(request.member, request.tenant, at=at)
    page |= {
        "load": load,
        "promised": any(day.count for day in load),
        "team": selectors.team_waiting(request.member, at=at),
        "coverage": selectors.figure_now(coverage, request.tenant) if coverage else None,
    }
    return render(request, "crm/today.html", page)


@require_GET
@needs("insight.view")
def insight(request: HttpRequest) -> HttpResponse:
    """The figures of the company over a period beside the one before it; each opens its list."""
    choice, period = selectors.period_of(request.GET.get("days", ""), request.tenant)
    figures = selectors.figures(period)
    page = {
        "figures": figures,
        "measured": any(figure.value and figure.value.number for figure in figures),
        "choice": choice,
        "choices": selectors.PERIODS,
        "charts": charts.all_charts(period, request.tenant),
    }
    return render(request, "crm/insight.html", page)
