"""Maintenance plans: per class, how often, what, by whom, through which channel."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.lines import NameLine
from crm.tenancy.fields import TenantForeignKey, TenantModel, TenantOneToOneField
from customers.models.interactions import Channel


class MaintenancePlan(TenantModel):
    """What every customer of a class is owed in each period."""

    class Every(models.TextChoices):
        WEEK = "week", pgettext_lazy("every", "Week")
        MONTH = "month", pgettext_lazy("every", "Month")
        QUARTER = "quarter", pgettext_lazy("every", "Quarter")
        HALF_YEAR = "half_year", pgettext_lazy("every", "Half-year")
        YEAR = "year", pgettext_lazy("every", "Year")

    name = NameLine(_("name"), max_length=100)
    customer_class = TenantForeignKey(
        "segmentation.CustomerClass", models.CASCADE, related_name="plans", verbose_name=_("class")
    )
    every = models.CharField(_("every"), max_length=10, choices=Every.choices)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    subject = models.CharField(_("what"), max_length=200)
    guide = models.TextField(_("guide"), blank=True)
    fallback_owner = TenantForeignKey(
        "crm.Member",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner where the customer has none"),
    )
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("maintenance plan")
        verbose_name_plural = _("maintenance plans")
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="plan_name_unique")]

    def __str__(self) -> str:
        return self.name

    @property
    def rhythm(self) -> str:
        """How often, as one says it."""
        return str(_RHYTHMS[self.Every(self.every)])


_RHYTHMS = {
    MaintenancePlan.Every.WEEK: _("every week"),
    MaintenancePlan.Every.MONTH: _("every month"),
    MaintenancePlan.Every.QUARTER: _("every quarter"),
    MaintenancePlan.Every.HALF_YEAR: _("every half-year"),
    MaintenancePlan.Every.YEAR: _("every year"),
}


class PlannedFollowUp(TenantModel):
    """Ties a follow-up to the plan and period it serves; each is made only once.

    ``period_on`` is the first day of the period in the company's time zone.
    """

    plan = TenantForeignKey("maintenance.MaintenancePlan", models.CASCADE, related_name="planned")
    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="planned_follow_ups")
    period_on = models.DateField()
    follow_up = TenantOneToOneField("customers.FollowUp", models.CASCADE, related_name="planned")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "plan", "customer", "period_on"], name="planned_once"),
            models.UniqueConstraint(fields=["tenant", "follow_up"], name="planned_follow_up_once"),
        ]
        indexes = [models.Index(fields=["tenant", "period_on"], name="planned_period")]
