"""Plans: a list, a record with live objectives, and their forms in the side sheet."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm import answers
from crm.access import needs
from crm.conflicts import edited
from crm.errors import DomainError
from planning import selectors, services
from planning.forms import ObjectiveForm, PlanForm
from planning.models import Objective, Plan

form_view = require_http_methods(["GET", "POST"])


@require_GET
@needs("plans.view")
def plans(request: HttpRequest) -> HttpResponse:
    found = Plan.objects.select_related("owner").prefetch_related("objectives")[:200]
    return render(request, "planning/list.html", {"plans": found})


@require_GET
@needs("plans.view")
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    plan = get_object_or_404(Plan.objects.select_related("owner"), pk=pk)
    page = {
        "plan": plan,
        "standings": selectors.standings_of(plan, request.tenant),
        "crumbs": [{"label": _("Plans"), "url": reverse("planning:list")}],
    }
    return render(request, "planning/_objectives.html" if request.htmx else "planning/record.html", page)


@form_view
@needs("plans.change")
def new(request: HttpRequest) -> HttpResponse:
    form = PlanForm(answers.posted(request))
    if form.is_bound and form.is_valid():
        try:
            plan = services.create_plan(actor=request.member, **form.values)
            return answers.go(reverse("planning:record", args=[plan.pk]))
        except DomainError as error:
            answers.refuse(form, error)
    return answers.sheet(request, form, pgettext("planning", "New plan"))


@form_view
@needs("plans.change")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a plan. Whoever saves an older reading is shown what the other changed."""
    plan = get_object_or_404(Plan, pk=pk)
    form = PlanForm(answers.posted(request), instance=plan)

    def save(**values: Any) -> HttpResponse:
        changed = services.change_plan(plan=plan, actor=request.member, **values)
        return answers.go(reverse("planning:record", args=[changed.pk]))

    return edited(request, form, plan, plan.name, save)


@require_POST
@needs("plans.change")
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.delete_plan(plan=get_object_or_404(Plan, pk=pk), actor=request.member)
    return answers.go(reverse("planning:list"))


@form_view
@needs("plans.change")
def objective(request: HttpRequest, pk: UUID, objective_pk: UUID | None = None) -> HttpResponse:
    plan = get_object_or_404(Plan, pk=pk)
    found = get_object_or_404(plan.objectives, pk=objective_pk) if objective_pk else None
    form = ObjectiveForm(request.POST or None, instance=found)
    if answers.taken(
        form, partial(services.save_objective, plan=plan, objective=found, actor=request.member)
    ):
        return answers.done(_("Saved"))
    return answers.sheet(request, form, _("Objective"))


@require_POST
@needs("plans.change")
def delete_objective(request: HttpRequest, pk: UUID, objective_pk: UUID) -> HttpResponse:
    found = get_object_or_404(Objective, pk=objective_pk, plan=pk)
    services.delete_objective(objective=found, actor=request.member)
    return answers.done(_("Objective removed"))
