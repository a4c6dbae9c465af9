"""Settings: how long what is kept."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm import answers
from crm.access import needs
from crm.errors import NotFound
from customers.models import RetentionPeriod
from customers.privacy_forms import PeriodForm
from customers.services.privacy.retention import MOST_COUNTED, RULES, set_period, would_end


@require_GET
@needs("settings.manage")
def periods(request: HttpRequest) -> HttpResponse:
    """Every kind of data with its period, and how many rows it would end tonight."""
    days = dict(RetentionPeriod.objects.values_list("kind", "days"))
    rows = [
        {
            "kind": kind,
            "label": RetentionPeriod.Kind(kind).label,
            "what": rule.what,
            "days": days.get(kind),
            "old": would_end(kind, days[kind]) if kind in days else None,
        }
        for kind, rule in RULES.items()
    ]
    template = "customers/privacy/_periods.html" if request.htmx else "customers/privacy/periods.html"
    return render(request, template, {"rows": rows, "most": MOST_COUNTED})


@require_http_methods(["GET", "POST"])
@needs("settings.manage")
def period(request: HttpRequest, kind: str) -> HttpResponse:
    """Set one period. What would go tonight is told before it is saved."""
    if kind not in RULES:
        raise NotFound
    standing = RetentionPeriod.objects.filter(kind=kind).first()
    form = PeriodForm(answers.posted(request), initial={"days": standing.days if standing else None})
    told: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        days = form.cleaned_data["days"]
        if days is None or form.cleaned_data["sure"] == str(days):
            set_period(kind=kind, days=days, actor=request.member)
            return answers.done(_("Saved"))
        told = {"would": would_end(kind, days), "most": MOST_COUNTED}
        form.data = {**form.data.dict(), "sure": str(days)}
    title, submit = RetentionPeriod.Kind(kind).label, _submit(told.get("would"))
    return answers.sheet(
        request, form, title, submit=submit, notice_template="customers/privacy/_would_end.html", **told
    )


def _submit(would: int | None) -> str:
    """The button's words: before anything is counted, where something would go, and where nothing would."""
    if would is None:
        return _("Next")
    return _("Save and delete these") if would else _("Save")
