"""How a company reminds its people."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.tenancy.fields import TenantModel


class ReminderPolicy(TenantModel):
    """One row per company: when owners are reminded and when the team lead hears of it."""

    days_before = models.PositiveSmallIntegerField(_("days before"), default=1)
    days_overdue = models.PositiveSmallIntegerField(_("days after, when still open"), default=1)
    days_escalate = models.PositiveSmallIntegerField(_("days until the team lead is told"), default=3)
    by_email = models.BooleanField(_("by e-mail"), default=True)
    hour = models.PositiveSmallIntegerField(_("hour of the day"), default=8)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="reminder_policy_one")]
