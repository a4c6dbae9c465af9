"""Surveys: questions, personal links, answers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.lines import NameLine
from crm.personal import PersonalEmail
from crm.tenancy.fields import TenantForeignKey, TenantModel, TenantOneToOneField


class Survey(TenantModel):
    """A set of questions sent to a segment by personal links."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", pgettext_lazy("survey", "Open")
        CLOSED = "closed", _("Closed")

    name = NameLine(_("name"), max_length=100)
    title = NameLine(_("title shown to customers"), max_length=200)
    intro = models.TextField(_("introduction"), blank=True)
    thanks = models.CharField(_("thanks"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT, editable=False)
    segment = TenantForeignKey(
        "segmentation.Segment",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="surveys",
        verbose_name=_("segment"),
    )
    created_by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")

    def __str__(self) -> str:
        return self.name


class SurveyQuestion(TenantModel):
    """One question. NPS is answered 0–10, CSAT 1–5, text freely."""

    class Kind(models.TextChoices):
        NPS = "nps", _("Would recommend (0–10)")
        CSAT = "csat", _("Satisfied with (1–5)")
        TEXT = "text", _("Text")

    class Indicator(models.TextChoices):
        OVERALL = "overall", _("Overall")
        SPEED = "speed", _("Response speed")
        SOLVING = "solving", _("Problem solving")
        COOPERATION = "cooperation", _("Cooperation experience")

    survey = TenantForeignKey("feedback.Survey", models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=4, choices=Kind.choices)
    indicator = models.CharField(_("indicator"), max_length=12, choices=Indicator.choices, blank=True)
    text = models.CharField(_("question"), max_length=300)
    required = models.BooleanField(_("required"), default=False)

    @property
    def scores(self) -> range:
        """The scores it may be answered with."""
        return {self.Kind.NPS: range(11), self.Kind.CSAT: range(1, 6)}.get(self.Kind(self.kind), range(0))

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "survey", "position"],
                name="question_position_unique",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]


class SurveyInvitation(TenantModel):
    """A personal link for one customer; its secret is kept only as a hash."""

    audit_hidden = ("secret_hash",)

    survey = TenantForeignKey("feedback.Survey", models.CASCADE, related_name="invitations")
    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="survey_invitations")
    contact = TenantForeignKey("customers.Contact", models.SET_NULL, null=True, related_name="+")
    email = PersonalEmail(max_length=254, blank=True)
    secret_hash = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "survey", "customer"], name="survey_invites_once"),
            models.UniqueConstraint(fields=["tenant", "secret_hash"], name="survey_secret_unique"),
        ]
        indexes = [models.Index(fields=["tenant", "customer", "-created_at"], name="invitation_customer")]


class SurveyResponse(TenantModel):
    """What one customer answered. ``nps`` is 0–10; ``csat`` is the mean of its CSAT answers as 0–100."""

    survey = TenantForeignKey("feedback.Survey", models.CASCADE, related_name="responses")
    invitation = TenantOneToOneField("feedback.SurveyInvitation", models.CASCADE, related_name="response")
    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="survey_responses")
    answered_at = models.DateTimeField(default=timezone.now)
    nps = models.SmallIntegerField(null=True)
    csat = models.SmallIntegerField(null=True)
    comment = models.TextField(blank=True)

    class Meta:
        ordering = ["-answered_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "invitation"], name="survey_answered_once"),
            models.CheckConstraint(condition=Q(nps=None) | Q(nps__range=(0, 10)), name="response_nps_range"),
            models.CheckConstraint(
                condition=Q(csat=None) | Q(csat__range=(0, 100)), name="response_csat_range"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "customer", "-answered_at"], name="response_customer"),
            models.Index(fields=["tenant", "survey", "-answered_at"], name="response_survey"),
            models.Index(fields=["tenant", "answered_at"], name="response_answered"),
        ]


class SurveyAnswer(TenantModel):
    """The answer to one question."""

    response = TenantForeignKey("feedback.SurveyResponse", models.CASCADE, related_name="answers")
    question = TenantForeignKey("feedback.SurveyQuestion", models.PROTECT, related_name="answers")
    score = models.SmallIntegerField(null=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "response", "question"], name="answer_once")]
