"""That somebody looked at a customer's contact data, when a company wants them to, and whom it asked."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.tenancy.fields import TenantForeignKey, TenantModel, TenantQuerySet


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


class ContactCheckQuerySet(TenantQuerySet):
    def standing(self) -> ContactCheckQuerySet:
        """Those whose reason was not gone before anybody saw to it."""
        return self.filter(dropped_at=None)


class ContactCheck(TenantModel):
    """That a night made the upkeep of a customer's contact data a follow-up: once for each cause.

    ``cause`` is ``bounce:`` and the id of what came back, or ``stale:`` and the day since which nobody said anything.
    ``dropped_at`` is when the reason was gone before anybody saw to it; should it come back, it is asked for anew.
    """

    audited = False
    unaudited_because = "the follow-up it made is recorded"

    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="contact_checks")
    cause = models.CharField(max_length=60, db_collation="C")
    bounce = TenantForeignKey("customers.MailBounce", models.SET_NULL, null=True, related_name="+")
    follow_up = TenantForeignKey("customers.FollowUp", models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    dropped_at = models.DateTimeField(null=True)

    objects = ContactCheckQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "customer", "cause"],
                condition=models.Q(dropped_at=None),
                name="contact_check_once",
            )
        ]


class UpkeepPolicy(TenantModel):
    """One row per company: after how long contact data is stale, below which quality a record is incomplete, and for
    which of it the owners of the dearest customers are asked by themselves.
    """

    class FollowUps(models.TextChoices):
        NEVER = "never", _("Never")
        BOUNCING = "bouncing", _("Where mail comes back")
        ALL = "all", _("Where mail comes back or the data is old")

    months = models.PositiveSmallIntegerField(
        _("Stale after months"), default=12, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    quality = models.PositiveSmallIntegerField(
        _("Incomplete below"), default=50, validators=[MaxValueValidator(100)]
    )
    follow_ups = models.CharField(
        _("Follow-ups made by night"), max_length=8, choices=FollowUps.choices, default=FollowUps.ALL
    )

    class Meta:
        verbose_name = _("rule of upkeep")
        verbose_name_plural = _("rules of upkeep")
        constraints = [models.UniqueConstraint(fields=["tenant"], name="upkeep_policy_one")]
