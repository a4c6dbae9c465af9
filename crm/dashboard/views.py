"""Choosing a company after sign-in."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from crm.access import open_to_all
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
