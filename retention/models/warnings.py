"""Early warnings: opened by a crossing, closed by hysteresis or by hand."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Member
from crm.tenancy.fields import TenantForeignKey, TenantModel, TenantQuerySet
from customers.models.sight import within_sight


class WarningQuerySet(TenantQuerySet):
    def open(self) -> WarningQuerySet:
        return self.filter(closed_at=None, customer__deleted_at=None)

    def visible_to(self, member: Member) -> WarningQuerySet:
        return within_sight(self, member)


class Warning(TenantModel):
    """A customer whose risk crossed or rose, worth ``value_at_risk`` minor units."""

    class Trigger(models.TextChoices):
        RISE = "rise", _("The risk rose")
        GAP = "gap", _("Silent for longer than usual")
        BOTH = "both", _("The risk rose, and silent for longer than usual")

    class Close(models.TextChoices):
        RETURNED = "returned", _("Bought again")
        EASED = "eased", _("Risk eased")
        HANDLED = "handled", _("Handled")
        DISMISSED = "dismissed", _("Not a risk")

    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="warnings")
    owner = TenantForeignKey("crm.Member", models.SET_NULL, null=True, related_name="warnings")
    score = TenantForeignKey("retention.Score", models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    trigger = models.CharField(max_length=20, choices=Trigger.choices)
    probability = models.FloatField(null=True)
    value_at_risk = models.BigIntegerField(default=0)
    reasons = models.JSONField(default=list)
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=10, choices=Close.choices, blank=True)
    closed_by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    follow_up = TenantForeignKey("customers.FollowUp", models.SET_NULL, null=True, related_name="+")

    objects = WarningQuerySet.as_manager()

    class Meta:
        ordering = ["-value_at_risk", "id"]
        verbose_name = _("early warning")
        verbose_name_plural = _("early warnings")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "customer"], condition=Q(closed_at=None), name="warning_one_open"
            )
        ]
        indexes = [
            models.Index(
                fields=["tenant", "-value_at_risk", "id"], condition=Q(closed_at=None), name="warning_open"
            ),
            models.Index(fields=["tenant", "customer", "-opened_at"], name="warning_customer"),
        ]
