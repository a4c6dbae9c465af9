"""Surveys, for members."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from crm import answers
from crm.access import needs
from crm.conflicts import edited
from crm.errors import DomainError
from feedback import selectors
from feedback.forms import SurveyForm
from feedback.models import Survey
from feedback.services import surveys as services
from feedback.views.feedback import form_view

FIELDS = "feedback/_survey_fields.html"


@require_GET
@needs("feedback.view")
def survey_list(request: HttpRequest) -> HttpResponse:
    surveys = selectors.with_counts(Survey.objects.select_related("segment"))
    return render(request, "feedback/surveys.html", {"surveys": surveys[:200]})


@require_GET
@needs("feedback.view")
def survey(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Survey.objects.select_related("segment"), pk=pk)
    page = {
        "survey": found,
        "results": selectors.results_of(found),
        "crumbs": [{"label": _("Surveys"), "url": reverse("feedback:surveys")}],
    }
    if found.segment and not found.segment.hidden and found.state != Survey.State.CLOSED:
        page["audience"] = found.segment.customers().accepted().at_most(10_001)
    return render(request, "feedback/survey.html", page)


@form_view
@needs("feedback.manage")
def new(request: HttpRequest) -> HttpResponse:
    form = SurveyForm(answers.posted(request))
    if form.is_bound and form.is_valid():
        try:
            made = services.save_survey(survey=None, actor=request.member, **form.values)
            return answers.go(reverse("feedback:survey", args=[made.pk]))
        except DomainError as error:
            answers.refuse(form, error)
    return answers.sheet(request, form, _("New survey"), fields_template=FIELDS)


@form_view
@needs("feedback.manage")
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a survey. Whoever saves an older reading is shown what the other changed."""
    found = get_object_or_404(Survey, pk=pk)
    form = SurveyForm(answers.posted(request), instance=found)

    def save(**values: Any) -> HttpResponse:
        services.save_survey(survey=found, actor=request.member, **values)
        return answers.go(reverse("feedback:survey", args=[pk]))

    return edited(request, form, found, found.name, save, fields_template=FIELDS)


@require_POST
@needs("feedback.manage")
def send(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Survey.objects.select_related("segment"), pk=pk)
    count = services.send_survey(survey=found, tenant=request.tenant, actor=request.member)
    messages.success(request, " ".join(_sent(found, count)))
    return answers.go(reverse("feedback:survey", args=[pk]))


def _sent(survey: Survey, count: int) -> Iterator[str]:
    """What became of a survey that was sent: a sentence each for who is asked, and who is not and why."""
    yield ngettext("%(n)d customer is asked.", "%(n)d customers are asked.", count) % {"n": count}
    if n := services.left_out(survey):
        yield ngettext("%(n)d is not: mail to it bounced.", "%(n)d are not: mail to them bounced.", n) % {
            "n": n
        }
    if n := services.unwilling(survey):
        yield ngettext("%(n)d is not: it wants no surveys.", "%(n)d are not: they want no surveys.", n) % {
            "n": n
        }


@require_POST
@needs("feedback.manage")
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.close_survey(survey=get_object_or_404(Survey, pk=pk), actor=request.member)
    return answers.go(reverse("feedback:survey", args=[pk]))
