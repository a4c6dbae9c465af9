"""Surveys: made, sent to a segment by personal links, answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm import audit
from crm.errors import DomainError, NotFound, Stale
from crm.ids import uuid7
from crm.models import Member, Tenant
from crm.services.deliveries import Parcel, enqueue_many
from crm.tenancy import tokens
from crm.tenancy.context import current_tenant_id
from customers.models import Consent, Contact
from customers.selectors.bounces import unreachable
from customers.selectors.consents import has_refused, refused
from customers.services import stats
from customers.services.consents import record_consent
from feedback.errors import AlreadyAnswered, NobodyToAsk, SurveyHasAnswers, SurveyNotOpen
from feedback.models import (
    Feedback,
    Survey,
    SurveyAnswer,
    SurveyInvitation,
    SurveyQuestion,
    SurveyResponse,
)
from feedback.selectors.questions import Question, questions_of
from feedback.services.feedback import record_feedback

REST = timedelta(days=30)
BY_MAIL = {"channel": Consent.Channel.EMAIL, "purpose": Consent.Purpose.SURVEYS}


@transaction.atomic
def save_survey(
    *,
    survey: Survey | None,
    actor: Member,
    questions: Sequence[Question] | None = None,
    version: int | None = None,
    **fields: Any,
) -> Survey:
    """Make or change a survey; its questions only while nobody has answered."""
    if survey is None:
        survey = Survey.objects.create(created_by=actor, **fields)
    else:
        found = Survey.objects.filter(pk=survey.pk)
        if version is not None:
            found = found.filter(version=version)
        if not found.update(version=F("version") + 1, **fields):
            raise Stale
        survey.refresh_from_db()
    if questions is not None:
        _replace_questions(survey, questions)
    audit.record("survey.saved", survey, actor=actor)
    return survey


def _replace_questions(survey: Survey, questions: Sequence[Question]) -> None:
    if questions_of(survey) == list(questions):
        return
    if survey.responses.exists():
        raise SurveyHasAnswers
    if not questions:
        raise DomainError(_("A survey needs at least one question."))
    survey.questions.all().delete()
    SurveyQuestion.objects.bulk_create(
        SurveyQuestion(
            survey=survey, position=n, kind=q.kind, text=q.text, indicator=q.indicator, required=q.required
        )
        for n, q in enumerate(questions, start=1)
    )


@transaction.atomic
def close_survey(*, survey: Survey, actor: Member) -> Survey:
    """No more answers; open links say so."""
    Survey.objects.filter(pk=survey.pk).update(state=Survey.State.CLOSED, version=F("version") + 1)
    survey.refresh_from_db()
    audit.record("survey.closed", survey, actor=actor)
    return survey


def left_out(survey: Survey) -> int:
    """How many of the segment were not asked because the only addresses they have bounced."""
    if survey.segment is None:
        return 0
    customers, contacts = unreachable()
    audience = survey.segment.customers().accepted().exclude(pk__in=survey.invitations.values("customer"))
    concerned = audience.filter(Q(pk__in=customers) | Q(contacts__in=contacts))
    return concerned.distinct().count() if customers or contacts else 0


def unwilling(survey: Survey) -> int:
    """How many of the segment were not asked because they, or a contact of theirs, want no surveys by mail."""
    if survey.segment is None:
        return 0
    customers, contacts = refused(**BY_MAIL)
    audience = survey.segment.customers().accepted().exclude(pk__in=survey.invitations.values("customer"))
    return audience.filter(Q(pk__in=customers) | Q(contacts__in=contacts)).distinct().count()


def why_not_mailed(invitation_id: UUID) -> str:
    """Why the mail of an invitation that still waits must not be sent; "" where nothing stands against it."""
    invitation = SurveyInvitation.objects.select_related("survey").filter(pk=invitation_id).first()
    if invitation is None or invitation.survey.state == Survey.State.CLOSED:
        return "The survey was closed before this was sent."
    if has_refused(invitation.customer_id, invitation.contact_id, **BY_MAIL):
        return "The customer took back the consent to surveys by e-mail before this was sent."
    return ""


def path_of(invitation: SurveyInvitation) -> str:
    """A customer's own link; the same each time it is asked for."""
    return f"/s/{_token_of(invitation).text('')}/"


def _token_of(invitation: SurveyInvitation) -> tokens.Token:
    return tokens.derive(invitation.tenant_id, f"survey:{invitation.pk}")


@transaction.atomic
def send_survey(*, survey: Survey, tenant: Tenant, actor: Member, at: datetime | None = None) -> int:
    """Invite every customer of the segment who has an address and was not asked within 30 days; once each.

    Gives how many were invited; ``NobodyToAsk`` where that is nobody.
    """
    at = at or timezone.now()
    if survey.state == Survey.State.CLOSED:
        raise SurveyNotOpen
    if survey.segment is None:
        raise DomainError(_("Choose a segment first."), errors={"segment": [_("Choose whom to ask.")]})
    asked = SurveyInvitation.objects.filter(created_at__gt=at - REST).values("customer")
    audience = survey.segment.customers().accepted().exclude(pk__in=asked)
    invitations = _invitations(survey, audience, at)
    if not invitations:
        raise NobodyToAsk
    SurveyInvitation.objects.bulk_create(invitations, ignore_conflicts=True, batch_size=2_000)
    Survey.objects.filter(pk=survey.pk).update(state=Survey.State.OPEN, version=F("version") + 1)
    enqueue_many(_parcel(survey, tenant, invitation) for invitation in invitations)
    survey.refresh_from_db()
    audit.record("survey.sent", survey, actor=actor, invited=len(invitations))
    return len(invitations)


def _invitations(survey: Survey, audience: Any, at: datetime) -> list[SurveyInvitation]:
    """One per customer who did not refuse, to its own address or its first contact's; to none that bounced."""
    contacts: dict[Any, Contact] = {}
    bounced_customers, bounced_contacts = unreachable()
    people = Contact.objects.filter(customer__in=audience.values("pk")).exclude(email="")
    for person in people.order_by("primary"):
        if person.pk not in bounced_contacts:
            contacts[person.customer_id] = person
    no_customers, no_contacts = refused(**BY_MAIL)
    already = set(survey.invitations.values_list("customer_id", flat=True))
    found = []
    for pk, email in audience.order_by("pk").values_list("pk", "email"):
        contact = contacts.get(pk)
        if pk in no_customers or (contact and contact.pk in no_contacts):
            continue
        address = contact.email if contact else "" if pk in bounced_customers else email
        if address and pk not in already:
            invitation = SurveyInvitation(
                id=uuid7(),
                survey=survey,
                customer_id=pk,
                contact=contact,
                email=address,
                created_at=at,
                sent_at=at,
            )
            invitation.tenant_id = current_tenant_id()
            invitation.secret_hash = _token_of(invitation).hash
            found.append(invitation)
    return found


def _parcel(survey: Survey, tenant: Tenant, invitation: SurveyInvitation) -> Parcel:
    language = survey.language or tenant.locale
    with translation.override(language):
        label = pgettext("survey", "Answer")
    payload = {
        "subject": survey.title,
        "title": survey.title,
        "text": survey.intro,
        "url": path_of(invitation),
        "label": label,
        "language": language,
        "stop_url": f"{path_of(invitation)}stop/",
        "invitation": str(invitation.pk),
    }
    return Parcel("email", f"survey:{survey.pk}:{invitation.customer_id}", payload, address=invitation.email)


def invitation_of(token: tokens.Token) -> SurveyInvitation:
    """The invitation behind a personal link, inside its company's context."""
    found = SurveyInvitation.objects.select_related("survey", "customer__owner")
    invitation = found.filter(secret_hash=token.hash, customer__deleted_at=None).first()
    if invitation is None:
        raise NotFound
    return invitation


@transaction.atomic
def answer_survey(
    *, invitation: SurveyInvitation, answers: Mapping[Any, Any], at: datetime | None = None
) -> SurveyResponse:
    """Keep one customer's answers, once; ``answers`` maps a question's id to a score or a text.

    CSAT is handed down as 0–100; a bad experience becomes feedback for the owner.
    """
    at = at or timezone.now()
    survey = invitation.survey
    if survey.state != Survey.State.OPEN:
        raise SurveyNotOpen
    if not SurveyInvitation.objects.filter(pk=invitation.pk, answered_at=None).update(answered_at=at):
        raise AlreadyAnswered
    questions = list(survey.questions.all())
    rows = [row for question in questions if (row := _answer(question, answers.get(question.pk))) is not None]
    try:
        response = SurveyResponse.objects.create(
            survey=survey,
            invitation=invitation,
            customer=invitation.customer,
            answered_at=at,
            **_summary(questions, rows),
        )
    except IntegrityError as error:
        raise AlreadyAnswered from error
    for row in rows:
        row.response = response
    SurveyAnswer.objects.bulk_create(rows)
    satisfaction = response.csat if response.csat is not None else _as_share(response.nps)
    if satisfaction is not None:
        stats.hand_down([invitation.customer_id], satisfaction=[satisfaction])
    audit.record("survey.answered", response)
    _tell_of_a_bad_experience(invitation, response, satisfaction)
    return response


def _answer(question: SurveyQuestion, given: Any) -> SurveyAnswer | None:
    if given in (None, ""):
        if question.required:
            raise DomainError(errors={str(question.pk): [_("This question needs an answer.")]})
        return None
    if question.kind == SurveyQuestion.Kind.TEXT:
        return SurveyAnswer(question=question, text=str(given)[:5_000])
    low, high = (0, 10) if question.kind == SurveyQuestion.Kind.NPS else (1, 5)
    score = int(given)
    if not low <= score <= high:
        raise DomainError(errors={str(question.pk): [_("Choose a number of the scale.")]})
    return SurveyAnswer(question=question, score=score)


def _summary(questions: Sequence[SurveyQuestion], rows: Sequence[SurveyAnswer]) -> dict[str, Any]:
    nps = [row.score for row in rows if row.question.kind == SurveyQuestion.Kind.NPS]
    csat = [
        row.score for row in rows if row.question.kind == SurveyQuestion.Kind.CSAT and row.score is not None
    ]
    return {
        "nps": nps[0] if nps else None,
        "csat": round(sum(25 * (score - 1) for score in csat) / len(csat)) if csat else None,
        "comment": "\n".join(row.text for row in rows if row.text),
    }


def _as_share(nps: int | None) -> int | None:
    return None if nps is None else nps * 10


def _tell_of_a_bad_experience(
    invitation: SurveyInvitation, response: SurveyResponse, satisfaction: int | None
) -> None:
    unhappy = (response.nps is not None and response.nps <= 6) or (
        satisfaction is not None and satisfaction < 50
    )
    if unhappy:
        record_feedback(
            text=response.comment
            or _("Gave a low score in “%(survey)s”.") % {"survey": invitation.survey.name},
            actor=None,
            customer=invitation.customer,
            contact=invitation.contact,
            type=Feedback.Type.SATISFACTION,
            sentiment=Feedback.Sentiment.NEGATIVE,
            channel="web",
            topic=invitation.survey.name[:100],
        )


@transaction.atomic
def refuse_surveys(*, invitation: SurveyInvitation, proof: str) -> None:
    """Whoever was invited wants no more surveys by mail; said twice, it is noted once."""
    no_customers, no_contacts = refused(**BY_MAIL)
    if (invitation.contact_id or invitation.customer_id) in no_customers | no_contacts:
        return
    record_consent(
        customer=invitation.customer,
        contact=invitation.contact,
        channel=Consent.Channel.EMAIL,
        purpose=Consent.Purpose.SURVEYS,
        given=False,
        source=Consent.Source.PERSON,
        proof=proof,
        actor=None,
    )


def opened(invitation: SurveyInvitation, at: datetime) -> None:
    """The link was opened for the first time."""
    SurveyInvitation.objects.filter(pk=invitation.pk, opened_at=None).update(opened_at=at)
