"""That somebody looked at a customer's contact data, and when a company wants them to."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.tenancy.fields import TenantForeignKey, TenantModel


class Confirmation(TenantModel):
    """A customer's contact data was right at a moment: somebody said so, or ``changed`` it then."""

    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="confirmations")
    at = models.DateTimeField(_("confirmed"), default=timezone.now)
    by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, related_name="+")
    changed = models.BooleanField(_("by changing it"), default=False)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        indexes = [models.Index(fields=["tenant", "customer", "-at"], name="confirmation_customer")]


class UpkeepPolicy(TenantModel):
    """One row per company: after how long contact data is stale, and below which quality a record is incomplete."""

    months = models.PositiveSmallIntegerField(
        _("Stale after months"), default=12, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    quality = models.PositiveSmallIntegerField(
        _("Incomplete below"), default=50, validators=[MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = _("rule of upkeep")
        verbose_name_plural = _("rules of upkeep")
        constraints = [models.UniqueConstraint(fields=["tenant"], name="upkeep_policy_one")]
