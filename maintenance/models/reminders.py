"""How a company reminds its people."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.tenancy.fields import TenantForeignKey, TenantModel


class ReminderPolicy(TenantModel):
    """One row per company: when owners are reminded and when the team lead hears of it.

    Days are the company's own; 0 days before, overdue or until the lead is told means never.
    """

    days_before = models.PositiveSmallIntegerField(_("days before"), default=1)
    days_overdue = models.PositiveSmallIntegerField(_("days after, when still open"), default=1)
    days_escalate = models.PositiveSmallIntegerField(_("days until the team lead is told"), default=3)
    by_email = models.BooleanField(_("by e-mail"), default=True)
    hour = models.PositiveSmallIntegerField(_("hour of the day"), default=8)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="reminder_policy_one")]


class Reminder(TenantModel):
    """A reminder that was given: once for each stage of a promise, and anew when the promise is moved."""

    audited = False
    unaudited_because = "the row is its own record; what is told stands in notifications and deliveries"

    class Stage(models.TextChoices):
        BEFORE = "before", _("Before the day")
        DUE = "due", _("On the day")
        OVERDUE = "overdue", _("Overdue")
        ESCALATED = "escalated", _("Told to the team lead")

    follow_up = TenantForeignKey("customers.FollowUp", models.CASCADE, related_name="reminders")
    stage = models.CharField(max_length=10, choices=Stage.choices, db_collation="C")
    due_at = models.DateTimeField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "follow_up", "stage", "due_at"], name="reminder_once")
        ]
