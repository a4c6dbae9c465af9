"""Maintenance: the plans with their coverage, the week, the reminders."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm import answers
from crm.access import needs
from crm.conflicts import edited
from crm.exports.menus import export_menu
from customers.views.listing import address
from maintenance.forms import PlanForm, PolicyForm
from maintenance.models import MaintenancePlan
from maintenance.selectors.coverage import forgotten_customers
from maintenance.selectors.overview import MOST, overview
from maintenance.services import plans
from maintenance.services.reminders import policy_of_company


@needs("maintenance.view")
def home(request: HttpRequest) -> HttpResponse:
    """The plans as cards, and the follow-ups of the current week."""
    whose = "mine" if request.GET.get("whose") == "mine" else "team"
    may_manage = request.member.can("maintenance.manage")
    owner = "me" if whose == "mine" else "team" if request.member.team_id else ""
    context = {
        "listed": {
            name: f"{reverse('maintenance:follow-ups')}{address({'state': state, 'owner': owner})}"
            for name, state in (("all", ""), ("overdue", "overdue"), ("week", "week"))
        },
        "overview": overview(request.member, at=timezone.now(), whose=whose),
        "tabs": _tabs(whose),
        "may_manage": may_manage,
        "may_change": request.member.can("customers.change"),
        "more": [
            {"label": _("Follow-ups"), "icon": "calendar-due", "url": reverse("maintenance:follow-ups")},
            *export_menu(request.member, "follow-ups", [("owner", owner)] if owner else []),
            *(_more() if may_manage else []),
        ],
    }
    return render(request, "maintenance/home.html", context)


@needs("maintenance.view")
def forgotten(request: HttpRequest) -> HttpResponse:
    """Important customers without a next step whom nobody has contacted for long."""
    found = forgotten_customers(timezone.now()).visible_to(request.member).select_related("owner")
    dearest = found.annotate(last_contact_at=F("stats__last_contact_at")).order_by("-stats__spend_12m", "id")
    context = {"customers": dearest[:MOST], "may_change": request.member.can("customers.change")}
    return render(request, "maintenance/forgotten.html", context)


@needs("maintenance.manage")
def new_plan(request: HttpRequest) -> HttpResponse:
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        plans.create_plan(actor=request.member, **form.values)
        return _saved(request, _("Plan made. Its first follow-ups come tonight."))
    return answers.sheet(request, form, _("New plan"))


@needs("maintenance.manage")
def edit_plan(request: HttpRequest, pk: object) -> HttpResponse:
    plan = get_object_or_404(MaintenancePlan, pk=pk)
    form = PlanForm(answers.posted(request), instance=plan)

    def save(**values: Any) -> HttpResponse:
        plans.update_plan(plan=plan, actor=request.member, **values)
        return _saved(request, _("Plan saved"))

    return edited(request, form, plan, plan.name, save)


@require_POST
@needs("maintenance.manage")
def delete_plan(request: HttpRequest, pk: object) -> HttpResponse:
    plan = get_object_or_404(MaintenancePlan, pk=pk)
    plans.delete_plan(plan=plan, actor=request.member)
    undo = reverse("maintenance:restore-plan", args=[plans.request_id()])
    return _saved(request, _("%(name)s was deleted.") % {"name": plan.name}, undo=undo)


@require_POST
@needs("maintenance.manage")
def restore_plan(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Bring back the plan that one request deleted."""
    plan = plans.restore_plan(request_id=request_id, actor=request.member)
    return _saved(request, _("%(name)s is back.") % {"name": plan.name})


@needs("maintenance.manage")
def policy(request: HttpRequest) -> HttpResponse:
    form = PolicyForm(request.POST or None, instance=policy_of_company())
    if request.method == "POST" and form.is_valid():
        plans.save_policy(actor=request.member, **form.cleaned_data)
        return _saved(request, _("Reminders saved"))
    return answers.sheet(request, form, _("Reminders"))


def _tabs(whose: str) -> list[dict[str, Any]]:
    home = reverse("maintenance:home")
    return [
        {"label": _("My team"), "url": home, "current": whose == "team"},
        {"label": _("Mine"), "url": f"{home}?whose=mine", "current": whose == "mine"},
    ]


def _more() -> list[dict[str, Any]]:
    return [
        {"label": _("Reminders"), "url": reverse("maintenance:reminders"), "icon": "bell-cog", "sheet": True}
    ]


def _saved(request: HttpRequest, text: str, *, undo: str = "") -> HttpResponse:
    """Back to the page, which tells what was done."""
    messages.success(request, text, extra_tags=f"undo:{undo}" if undo else "")
    return HttpResponse(status=204, headers={"HX-Redirect": reverse("maintenance:home")})
