"""What customers open without signing in: a survey by a personal link, a form."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from crm.errors import DomainError
from crm.models import Tenant
from crm.public import by_token
from crm.tenancy import tokens
from feedback.errors import AlreadyAnswered, SurveyNotOpen
from feedback.forms import PublicFeedbackForm, PublicSurveyForm
from feedback.models import FeedbackForm, SurveyInvitation
from feedback.services import feedback as feedback_services
from feedback.services import surveys as survey_services


def _page(request: HttpRequest, template: str, page: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, f"feedback/public/{template}.html", page, status=status)


@by_token()
def survey(request: HttpRequest, token: tokens.Token, tenant: Tenant) -> HttpResponse:
    """A customer's survey. Opened it shows the questions, answered it says thanks."""
    invitation = survey_services.invitation_of(token)
    with translation.override(invitation.survey.language or tenant.locale):
        try:
            return _survey(request, invitation, tenant)
        except (AlreadyAnswered, SurveyNotOpen) as refusal:
            return _page(request, "thanks", {"tenant": tenant, "title": str(refusal)}, status=refusal.status)


def _survey(request: HttpRequest, invitation: SurveyInvitation, tenant: Tenant) -> HttpResponse:
    found = invitation.survey
    if invitation.answered_at:
        raise AlreadyAnswered
    if found.state != found.State.OPEN:
        raise SurveyNotOpen
    questions = list(found.questions.all())
    form = PublicSurveyForm(request.POST if request.method == "POST" else None, questions=questions)
    if request.method == "POST" and form.is_valid():
        survey_services.answer_survey(invitation=invitation, answers=form.answers(questions))
        return _page(request, "thanks", {"tenant": tenant, "title": found.thanks or found.title})
    survey_services.opened(invitation, timezone.now())
    page = {"tenant": tenant, "survey": found, "form": form}
    return _page(request, "survey", page, status=422 if form.is_bound else 200)


@csrf_exempt  # mail programs post here by themselves; the link is its own secret
@by_token()
def stop(request: HttpRequest, token: tokens.Token, tenant: Tenant) -> HttpResponse:
    """No more surveys by mail: asked once, so that a program that opens every link refuses nothing."""
    invitation = survey_services.invitation_of(token)
    # Kept for the company and thus in its language.
    proof = _("Asked for by the link in the mail of “%(survey)s”.") % {"survey": invitation.survey.title}
    with translation.override(invitation.survey.language or tenant.locale):
        if request.method == "POST":
            survey_services.refuse_surveys(invitation=invitation, proof=proof)
            return _page(
                request, "thanks", {"tenant": tenant, "title": _("You get no more surveys from us.")}
            )
        return _page(request, "stop", {"tenant": tenant})


@by_token()
def form(request: HttpRequest, token: tokens.Token, tenant: Tenant) -> HttpResponse:
    """A public feedback form."""
    found = feedback_services.form_of(token)
    with translation.override(found.language or tenant.locale):
        return _form(request, found, tenant)


def _form(request: HttpRequest, found: FeedbackForm, tenant: Tenant) -> HttpResponse:
    form = PublicFeedbackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        if not given.pop("website"):  # a program filled the trap: thanked, not kept
            try:
                feedback_services.submit_form(form=found, **given)
            except DomainError as error:
                form.add_error(None, str(error))
                return _page(request, "form", {"tenant": tenant, "form": form, "shown": found}, status=422)
        return _page(request, "thanks", {"tenant": tenant, "title": found.thanks or found.title})
    page = {"tenant": tenant, "form": form, "shown": found}
    return _page(request, "form", page, status=422 if form.is_bound else 200)
