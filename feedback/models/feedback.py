"""What a customer said, from any channel."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from crm.lines import NameLine
from crm.personal import PersonalEmail, PersonalPhone
from crm.tenancy.fields import TenantForeignKey, TenantModel
from customers.models.interactions import Channel


class FeedbackForm(TenantModel):
    """A public page where customers write to us, at ``/f/<token>/``."""

    audit_hidden = ("secret_hash",)

    name = NameLine(_("name"), max_length=100)
    title = NameLine(_("title shown to customers"), max_length=200)
    intro = models.TextField(_("introduction"), blank=True)
    thanks = models.CharField(_("thanks"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    active = models.BooleanField(_("open"), default=True)
    secret_hash = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("feedback form")
        verbose_name_plural = _("feedback forms")
        constraints = [models.UniqueConstraint(fields=["tenant", "secret_hash"], name="form_secret_unique")]

    def __str__(self) -> str:
        return self.name


class Feedback(TenantModel):
    """One thing a customer said. ``sender_…`` holds what was given where nobody could be matched."""

    class Type(models.TextChoices):
        SATISFACTION = "satisfaction", _("Satisfaction")
        PROBLEM = "problem", _("Problem")
        SUGGESTION = "suggestion", _("Suggestion")
        NEED = "need", _("Need")

    class Sentiment(models.TextChoices):
        POSITIVE = "positive", _("Positive")
        NEUTRAL = "neutral", _("Neutral")
        NEGATIVE = "negative", _("Negative")

    customer = TenantForeignKey(
        "customers.Customer", models.CASCADE, null=True, blank=True, related_name="feedback"
    )
    contact = TenantForeignKey("customers.Contact", models.SET_NULL, null=True, blank=True, related_name="+")
    form = TenantForeignKey(
        "feedback.FeedbackForm", models.SET_NULL, null=True, blank=True, related_name="feedback"
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices, default=Channel.PHONE)
    type = models.CharField(_("type"), max_length=12, choices=Type.choices, default=Type.PROBLEM)
    topic = models.CharField(_("topic"), max_length=100, blank=True)
    sentiment = models.CharField(
        _("sentiment"), max_length=8, choices=Sentiment.choices, default=Sentiment.NEUTRAL
    )
    text = models.TextField(_("what was said"))
    sender_name = NameLine(_("name"), max_length=200, blank=True)
    sender_email = PersonalEmail(_("e-mail"), max_length=254, blank=True)
    sender_phone = PersonalPhone(_("phone"), max_length=50, blank=True)
    assigned_to = TenantForeignKey(
        "crm.Member",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="feedback",
        verbose_name=_("assigned to"),
    )
    entered_by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, editable=False, related_name="+")
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    handled_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["-received_at", "-id"]
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        indexes = [
            models.Index(fields=["tenant", "-received_at", "-id"], name="feedback_newest"),
            models.Index(fields=["tenant", "customer", "-received_at"], name="feedback_customer"),
            models.Index(
                fields=["tenant", "-received_at", "-id"],
                condition=models.Q(handled_at=None),
                name="feedback_waiting",
            ),
        ]

    def __str__(self) -> str:
        return Truncator(self.text).chars(60)
