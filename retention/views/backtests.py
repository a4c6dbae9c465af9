"""The back-test: a page anyone can open."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crm import answers
from crm.access import needs
from crm.errors import NotFound
from crm.models import Job
from crm.services import jobs
from retention.forms import BacktestForm
from retention.jobs import BACKTEST
from retention.models import Backtest
from retention.selectors.backtests import latest_cut, story_of

KEPT = 12


@require_GET
@needs("retention.view")
def backtest(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """The newest report, or the one asked for, told like a doctor would."""
    finished = Backtest.objects.exclude(result={})
    kept = list(finished.only("pk", "cut_on", "horizon_days", "created_at")[:KEPT])
    shown = finished.filter(pk=pk).first() if pk else finished.first()
    if pk and shown is None:
        raise NotFound
    page = {
        "story": story_of(shown) if shown else None,
        "kept": kept,
        "job": Job.objects.filter(kind=BACKTEST).first(),
        "may_run": request.member.can("retention.manage"),
    }
    return render(request, "retention/backtest.html", page)


@needs("retention.manage")
def new_backtest(request: HttpRequest) -> HttpResponse:
    """Ask for a back-test; it runs in the background."""
    horizon = request.tenant.churn_horizon_days
    form = BacktestForm(
        answers.posted(request), initial={"cut": latest_cut(request.tenant, horizon), "horizon": horizon}
    )
    if form.is_bound and form.is_valid():
        params = {"cut": form.cleaned_data["cut"].isoformat(), "horizon": form.cleaned_data["horizon"]}
        jobs.start(kind=BACKTEST, params=params, actor=request.member)
        return answers.done(**{"backtest-started": True})
    lead = _("We score everybody from what was known on that day and compare with what happened after it.")
    return answers.sheet(request, form, _("Back-test"), lead=lead, submit=_("Run"))
