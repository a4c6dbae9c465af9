"""How long what is kept."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.tenancy.fields import TenantModel


class RetentionPeriod(TenantModel):
    """After how many days one kind of data goes by itself; without a row it stays."""

    class Kind(models.TextChoices):
        DELETED = "deleted", _("Deleted customers")
        REJECTED = "rejected", _("Records rejected in review")
        LEADS = "leads", _("Leads that never bought")
        TALK = "talk", _("What was said on the timeline")
        MESSAGES = "messages", _("Messages sent")
        NOTES = "notes", _("Notifications")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    days = models.PositiveIntegerField(_("days"), default=365, validators=[MinValueValidator(30)])

    class Meta:
        ordering = ["kind"]
        verbose_name = _("retention period")
        verbose_name_plural = _("retention periods")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind"], name="retention_kind_once"),
            models.CheckConstraint(condition=models.Q(days__gte=30), name="retention_a_month_at_least"),
        ]
