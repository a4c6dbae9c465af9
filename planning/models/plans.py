"""A plan for a period, tied to live figures."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lines import NameLine
from crm.tenancy.fields import TenantForeignKey, TenantModel


class Plan(TenantModel):
    """A customer-management plan: why, for which period, who answers for it."""

    name = NameLine(_("name"), max_length=150)
    background = models.TextField(_("background"), blank=True)
    starts_on = models.DateField(_("starts"))
    ends_on = models.DateField(_("ends"))
    owner = TenantForeignKey(
        "crm.Member", models.SET_NULL, null=True, blank=True, related_name="plans", verbose_name=_("owner")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["-starts_on", "name"]
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="plan_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Objective(TenantModel):
    """A target for one KPI by a day. ``kpi`` is a key of the KPI socket; ``target`` is in its unit."""

    class Term(models.TextChoices):
        SHORT = "short", _("Short term")
        MID = "mid", _("Mid term")
        LONG = "long", _("Long term")

    plan = TenantForeignKey("planning.Plan", models.CASCADE, related_name="objectives")
    kpi = models.CharField(_("KPI"), max_length=50)
    target = models.FloatField(_("target"))
    term = models.CharField(_("term"), max_length=5, choices=Term.choices, default=Term.SHORT)
    due_on = models.DateField(_("due"))
    owner = TenantForeignKey(
        "crm.Member",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="objectives",
        verbose_name=_("owner"),
    )

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["tenant", "plan", "due_on"], name="objective_plan")]
