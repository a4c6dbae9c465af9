"""How the churn score would have done: kept, so that anyone can look."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from crm.tenancy.fields import TenantForeignKey, TenantModel


class Backtest(TenantModel):
    """One back-test: scored as of ``cut_on``, compared with what happened in the horizon after it."""

    cut_on = models.DateField()
    horizon_days = models.PositiveSmallIntegerField()
    result = models.JSONField(default=dict)
    created_by = TenantForeignKey("crm.Member", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["tenant", "-created_at"], name="backtest_newest")]
