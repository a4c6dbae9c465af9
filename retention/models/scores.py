"""Churn scores by day and model version."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Member
from crm.tenancy.fields import TenantForeignKey, TenantModel, TenantQuerySet
from customers.models.sight import within_sight


class Risk(models.TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


class ScoreRun(TenantModel):
    """One scoring of all customers: the day, the horizon, the step of the ladder, the fitted model."""

    as_of = models.DateField()
    horizon_days = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField()
    model_version = models.CharField(max_length=60)
    parameters = models.JSONField(default=dict)
    explanation = models.JSONField(default=dict)
    customers = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-as_of", "-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "as_of", "horizon_days"], name="score_run_once")
        ]


class ScoreQuerySet(TenantQuerySet):
    def newest(self) -> ScoreQuerySet:
        """Those of the newest run; none before the first."""
        return self.filter(run=ScoreRun.objects.values("pk")[:1])

    def visible_to(self, member: Member) -> ScoreQuerySet:
        return within_sight(self, member)


class Score(TenantModel):
    """The chance that one customer buys nothing in the run's horizon, with reasons.

    ``probability`` is empty on level 0, where a rule speaks and no percentage is honest.
    ``expected_value`` is in minor units of the company's currency.
    """

    audited = False
    unaudited_because = "append-only by run; the run is recorded"

    run = TenantForeignKey("retention.ScoreRun", models.CASCADE, related_name="scores")
    customer = TenantForeignKey("customers.Customer", models.CASCADE, related_name="scores")
    probability = models.FloatField(null=True)
    risk = models.CharField(max_length=6, choices=Risk.choices)
    reasons = models.JSONField(default=list)
    expected_purchases = models.FloatField(null=True)
    expected_value = models.BigIntegerField(null=True)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("churn score")
        verbose_name_plural = _("churn scores")
        constraints = [models.UniqueConstraint(fields=["tenant", "customer", "run"], name="score_once")]
