"""Choosing a company, and how the installation is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_celery_beat.models import PeriodicTask

from crm.health import views as probes
from crm.models import Delivery, Tenant
from crm.services import operations

SHOWN = 50


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """The companies, found by name; entering one is written into its history."""
    words = request.GET.get("q", "").replace("\x00", "").strip()
    companies = Tenant.objects.filter(Q(name__icontains=words) | Q(slug__icontains=words))[: SHOWN + 1]
    context = {
        "title": _("Choose a company"),
        "words": words,
        "companies": companies[:SHOWN],
        "more": len(companies) > SHOWN,
        "chosen": request.session.get(operations.OPERATOR_KEY),
    }
    return TemplateResponse(request, "operations/choose.html", admin.site.each_context(request) | context)


@require_POST
def enter(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter a company, leaving the one chosen before."""
    tenant = get_object_or_404(Tenant, pk=pk)
    operations.leave_company(session=request.session, operator=request.user, request_id=request.id)
    operations.enter_company(
        session=request.session, tenant=tenant, operator=request.user, request_id=request.id
    )
    return redirect("admin:index")


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Leave the chosen company."""
    operations.leave_company(session=request.session, operator=request.user, request_id=request.id)
    return redirect("admin:choose-company")


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """What waits, what was given up, and whether the clock ticks."""
    context = {"title": _("Health"), "signs": signs(), "dead": dead_letters(request)}
    return TemplateResponse(request, "operations/health.html", admin.site.each_context(request) | context)


def signs() -> list[dict[str, Any]]:
    """Each sign of health: its name, what was found, and whether that is well."""
    found = probes.readiness()
    late = probes.oldest_due_seconds()
    tick = (
        PeriodicTask.objects.filter(enabled=True).exclude(last_run_at=None).order_by("-last_run_at").first()
    )
    ticked = tick.last_run_at if tick else None
    return [
        {"name": _("Database"), "value": found["database"], "well": found["database"] == "ok"},
        {"name": _("Broker"), "value": found["broker"], "well": found["broker"] == "ok"},
        {"name": _("Migrations"), "value": found["migrations"], "well": found["migrations"] == "ok"},
        {
            "name": _("Oldest due work, in seconds"),
            "value": round(late),
            "well": late <= probes.OLDEST_ALLOWED_SECONDS,
        },
        {"name": _("Last tick of the clock"), "value": ticked, "well": _recent(ticked)},
    ]


def _recent(moment: Any) -> bool:
    # Beat writes the moment down every few minutes, not at each tick.
    return moment is not None and (timezone.now() - moment).total_seconds() < probes.OLDEST_ALLOWED_SECONDS


def dead_letters(request: HttpRequest) -> int | None:
    """How many deliveries of the chosen company were given up; ``None`` without one."""
    return Delivery.objects.dead().at_most(10_000) if request.tenant else None
