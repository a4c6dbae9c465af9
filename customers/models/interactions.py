"""Touchpoints: every contact that happened."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.tenancy.fields import TenantForeignKey, TenantModel


class Channel(models.TextChoices):
    PHONE = "phone", _("Phone")
    VISIT = "visit", _("Visit")
    EMAIL = "email", pgettext_lazy("channel", "E-mail")
    MESSAGE = "message", _("Message")
    WECHAT = "wechat", _("WeChat")
    WEB = "web", _("Web")
    OTHER = "other", _("Other")


class Interaction(TenantModel):
    """One entry of a customer's timeline: what was said, by whom, through which channel."""

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")
        CALL = "call", _("Call")
        VISIT = "visit", _("Visit")
        MESSAGE = "message", _("Message")
        EMAIL = "email", pgettext_lazy("channel", "E-mail")

    class Direction(models.TextChoices):
        OUT = "out", _("From us")
        IN = "in", _("From the customer")
        NONE = "none", _("Internal")

    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="interactions")
    contact = TenantForeignKey(
        "customers.Contact", models.SET_NULL, null=True, blank=True, related_name="interactions"
    )
    author = TenantForeignKey("crm.Member", models.SET_NULL, null=True, related_name="interactions")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.NOTE)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices, default=Channel.OTHER)
    direction = models.CharField(max_length=4, choices=Direction.choices, default=Direction.OUT)
    happened_at = models.DateTimeField(_("happened"), default=timezone.now)
    text = models.TextField(_("what was said"), blank=True)
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)
    external_id = models.CharField(max_length=100, blank=True, db_collation="C")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-happened_at", "-id"]
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "external_id"],
                condition=~models.Q(external_id=""),
                name="interaction_external_id_unique",
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "customer", "-happened_at"], name="interaction_customer"),
            models.Index(fields=["tenant", "-happened_at", "-id"], name="interaction_newest"),
        ]

    @property
    def is_contact(self) -> bool:
        """Whether the customer was really reached: notes among ourselves are not."""
        return self.kind != self.Kind.NOTE
